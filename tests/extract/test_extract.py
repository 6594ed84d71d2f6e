"""The pipeline on made-up abstracts, with the vocabulary that ships."""

import pytest

from paperkg.describe import result_text
from paperkg.extract import COMPONENTS, Models, extract, make_nlp
from paperkg.model import Extraction, Paper


@pytest.fixture(scope="module")
def nlp():
    """Give the pipeline, made once."""
    return make_nlp()


def run(nlp, title: str, abstract: str = "") -> Extraction:
    """Extract one made-up paper."""
    return next(extract(nlp, [Paper(id="p", title=title, abstract=abstract)]))


def entity(extraction: Extraction, form: str):
    """Give the entity that has a form; fail with all entities if none has."""
    found = [e for e in extraction.entities if form in e.forms]
    assert found, f"{form!r} is in none of {extraction.entities}"
    return found[0]


def forms(extraction: Extraction) -> set[str]:
    """Give all forms that were found."""
    return {form for e in extraction.entities for form in e.forms}


def test_components_are_in_the_pipeline(nlp):
    """The registry is the pipeline."""
    assert tuple(nlp.pipe_names) == COMPONENTS


def test_name_at_the_head_of_the_title_is_introduced(nlp):
    """ "Name: ..." is the contribution, typed by the noun that the abstract uses for it."""
    found = run(
        nlp, "ZapServe: Serving with Ease", "Serving is slow. We present ZapServe, a fast serving system."
    )
    assert (entity(found, "ZapServe").type, entity(found, "ZapServe").role) == ("System", "introduced")


@pytest.mark.parametrize(
    ("abstract", "form", "kind"),
    [
        ("We propose QuixQuant, a quantization method for language models.", "QuixQuant", "Technique"),
        ("We introduce a new benchmark called ZorBench.", "ZorBench", "Dataset"),
        ("We present a simulator, named SimZap, for chips.", "SimZap", "System"),
        ("This paper presents Zeta Kernel Library (ZKL), a library of kernels.", "ZKL", "System"),
        ("We build a compiler called Zappo that is fast.", "Zappo", "System"),
        ("Slow chips lead us to propose A-ZapRec, a new algorithm.", "A-ZapRec", "Technique"),
        ("We propose Concise Decoder (CoDe), a decoding method.", "CoDe", "Technique"),
    ],
)
def test_introductions(nlp, abstract, form, kind):
    """A contribution is found where the text presents it, and has the type of its noun."""
    found = entity(run(nlp, "A study", abstract), form)
    assert (found.type, found.role) == (kind, "introduced")


def test_long_form_and_acronym_are_one_entity(nlp):
    """Both sides of "Long Form (LF)" are forms of one entity."""
    found = run(nlp, "On cost", "We use zigzag sparse attention (ZSA) here. ZSA is cheap.")
    assert {"zigzag sparse attention", "ZSA"} <= set(entity(found, "ZSA").forms)
    assert len([m for m in found.mentions if m.text == "ZSA"]) == 2


def test_hardware_with_vendor_and_class_are_two_entities(nlp):
    """In "NVIDIA A100 GPUs" stand the A100 and the class GPU."""
    found = run(nlp, "A study", "We train on 64 NVIDIA A100 GPUs.")
    assert entity(found, "NVIDIA A100").name == "NVIDIA A100"
    assert entity(found, "GPUs").name == "GPU"


@pytest.mark.parametrize("word", ["LLMs", "machine learning", "DNN", "AI", "FLOPs", "API"])
def test_field_words_are_no_entities(nlp, word):
    """What the guidelines exclude stays out."""
    assert word not in forms(run(nlp, f"On {word}", f"We study {word} and how {word} is used by all."))


def test_size_makes_a_model_of_its_own(nlp):
    """ "Qwen2.5-7B-Instruct" is one name, and not the family's."""
    found = run(nlp, "A study", "We evaluate Qwen2.5-7B-Instruct and GPT-4o on many tasks.")
    assert {"Qwen2.5-7B-Instruct", "GPT-4o"} <= forms(found)


def test_urls_are_no_mentions(nlp):
    """A name inside a web address is not annotated."""
    found = run(nlp, "ZapServe: a tool", "We present ZapServe. Code: https://github.com/zap/ZapServe")
    assert all(m.end <= found.paper.text.index("https") for m in found.mentions if m.text == "ZapServe")


def test_every_occurrence_is_a_mention(nlp):
    """An accepted name is marked wherever it stands as a whole token sequence."""
    found = run(
        nlp, "ZapServe: fast", "ZapServe is a system. With ZapServe-based tools, ZapServer is no form."
    )
    assert [m.start for m in found.mentions if m.text == "ZapServe"] == [0, 15, 42]


def test_claim_with_baseline(nlp):
    """A number has its metric, qualifier and what it is measured against."""
    found = run(
        nlp,
        "ZapServe: fast serving",
        "We present ZapServe, a serving system. ZapServe achieves up to 3.2x higher throughput than vLLM.",
    )
    (claim,) = found.claims
    assert (claim.subject, claim.metric, claim.value, claim.unit) == ("ZapServe", "throughput", "3.2", "x")
    assert (claim.qualifier, claim.baselines, claim.direction) == ("up to", ("vLLM",), "higher")
    assert found.paper.text[claim.start : claim.end] == "3.2"


def test_respectively_pairs_numbers_and_baselines(nlp):
    """ "3x and 1.9x over A and B, respectively" are two claims, each with its own baseline."""
    found = run(
        nlp,
        "ZapServe: fast serving",
        "We present ZapServe, a serving system. It improves throughput by 3x and 1.9x over FlexGen and vLLM, "
        "respectively.",
    )
    assert [(c.value, c.baselines) for c in found.claims] == [("3", ("FlexGen",)), ("1.9", ("vLLM",))]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("It is 2.4\\times faster.", "2.4", "x"),
        ("It gives a 41-137times speedup.", "137", "x"),
        ("It cuts latency by 30\\%.", "30", "%"),
        ("It improves accuracy by 1.5 percentage points.", "1.5", "points"),
        ("Memory use falls by 24-32%.", "32", "%"),
    ],
)
def test_numbers_as_the_pages_write_them(nlp, text, value, unit):
    """Lost symbols and ranges are read; of a range the upper end counts."""
    (claim,) = run(nlp, "ZapServe: fast", f"We present ZapServe, a serving system. {text}").claims
    assert (claim.value, claim.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01",
        "(((((",
        "We present",
        "We propose , a",
        "called",
        ":",
        "A" * 9_000,
        "( )" * 500,
        "\u202e𝔸𝟙𝟘𝟘",
    ],
)
def test_hostile_text_breaks_nothing(nlp, text):
    """Any text gives an extraction whose offsets hold (the type checks them)."""
    assert run(nlp, f"Title {text}", text).paper.abstract == text


def test_number_takes_metric_and_direction_from_its_own_clause(nlp):
    """Two results in one sentence do not borrow each other's words."""
    found = run(
        nlp,
        "ZapServe: fast",
        "We present ZapServe, a serving system. It improves throughput by 2.1x and reduces memory by 40%, "
        "while accuracy drops by less than 1%.",
    )
    assert [(c.value, c.metric, c.direction) for c in found.claims] == [
        ("2.1", "throughput", "higher"),
        ("40", "memory", "lower"),
        ("1", "accuracy", "lower"),
    ]


def test_baseline_behind_the_next_number_is_not_this_ones():
    """By rules alone, a number looks for its baseline up to the next number only."""
    found = run(
        make_nlp(models=Models()),
        "ZapServe: fast",
        "We present ZapServe, a serving system. It reaches 91% accuracy with a speedup of 3x over vLLM.",
    )
    assert [(c.value, c.baselines) for c in found.claims] == [("91", ()), ("3", ("vLLM",))]


def test_dimensions_are_no_result(nlp):
    """ "378 x 378" says how large an image is."""
    found = run(
        nlp,
        "ZapServe: fast",
        "We present ZapServe, a serving system. Its throughput holds for images of 378 x 378 pixels.",
    )
    assert not found.claims


def test_count_before_hardware_stays_in_the_form(nlp):
    """ "8xH200" is H200, counted."""
    found = run(nlp, "A study", "We train on 8xH200 nodes.")
    assert entity(found, "8xH200").id == "hardware/nvidia-h200"


def test_version_of_a_known_family_has_its_type(nlp):
    """ "ResNet8" is a model like ResNet, whether or not anybody has listed it."""
    found = run(nlp, "A study", "With DeepSpeed, vLLM and PyTorch, ResNet8 is pruned.")
    assert entity(found, "ResNet8").type == "Model"


@pytest.mark.parametrize(
    "text",
    [
        "We present OMGs (Ovarian tumour Multidisciplinary intelligent aGent System), an agent framework.",
        "We present the Ovarian tumour Multidisciplinary intelligent aGent System (OMGs), a framework.",
    ],
)
def test_long_and_short_name_are_one_whichever_stands_in_the_brackets(nlp, text):
    found = run(nlp, "A system for the clinic", text)
    assert [e.role for e in found.entities if "OMGs" in e.forms] == ["introduced"]
    assert not [e for e in found.entities if any("Ovarian" in f for f in e.forms) and "OMGs" not in e.forms]


def test_how_sure_a_number_is_is_no_result(nlp):
    text = "ZedNet improves accuracy by 12.5% over U-Net (p < 0.001, 95% CI 10.1-14.2) on all scans."
    values = {claim.value for claim in run(nlp, "ZedNet: better scans", text).claims}
    assert "12.5" in values
    assert values.isdisjoint({"0.001", "95"})


def test_a_number_told_of_a_rival_is_turned_round(nlp):
    """ "vLLM is 3.2x slower than ZapServe" is a speedup of ZapServe over vLLM."""
    found = run(
        nlp, "ZapServe: fast", "We present ZapServe, a serving system. vLLM is 3.2x slower than ZapServe."
    )
    (claim,) = found.claims
    assert (claim.subject, claim.baselines, claim.direction) == ("ZapServe", ("vLLM",), "higher")


@pytest.mark.parametrize(
    ("text", "metric", "direction"),
    [
        ("It improves latency by 2.5x.", "latency", "lower"),
        ("It gives a 2.5x speedup with fewer GPUs.", "speedup", "higher"),
        ("It reduces model size by 2.5x.", "compression", "higher"),
        ("It increases memory use by 12%.", "memory", "higher"),
        ("It predicts accuracy with a mean error of 3.1%.", "accuracy", "lower"),
        ("It predicts runtimes with an accuracy of 93.1%.", "accuracy", "higher"),
        ("It loses 1.2% accuracy.", "accuracy", "lower"),
    ],
)
def test_direction_says_what_happened_to_the_metric(nlp, text, metric, direction):
    """What is better is lower for a latency; an increase is higher whatever the metric."""
    (claim,) = run(nlp, "ZapServe: fast", f"We present ZapServe, a serving system. {text}").claims
    assert (claim.metric, claim.direction) == (metric, direction)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It reaches 61.4% accuracy.", "61.4% accuracy"),
        ("It improves accuracy by 2.5%.", "2.5% higher accuracy"),
        ("It reduces the error by 40%, and so improves accuracy.", "40% higher accuracy"),
        ("It raises accuracy from 43% to 76%.", "up to 76% accuracy"),
        ("It improves throughput by up to 3x.", "up to 3x throughput"),
        ("It needs only 3.1 GB of memory.", "only 3.1 GB memory"),
    ],
)
def test_levels_and_changes_are_told_apart(nlp, text, said):
    """What a paper reaches is no more or less of something."""
    (claim,) = run(nlp, "ZapServe: fast", f"We present ZapServe, a serving system. {text}").claims
    assert result_text(claim) == said


def test_latin_names_in_a_script_without_spaces_are_found(nlp):
    """A name ends where the other script begins."""
    found = run(nlp, "Serving", "我们用vLLM在A100上测试。")
    assert {m.text for m in found.mentions} == {"vLLM", "A100"}


def test_claims_and_relations_say_how_sure_they_are(nlp):
    """Their confidence is a probability."""
    found = run(nlp, "ZapServe: fast", "We present ZapServe, built on vLLM. It is 3x faster than vLLM.")
    assert found.claims
    assert all(0 < one.confidence < 1 for one in (*found.claims, *found.relations))


def test_numbers_of_one_comparison_share_its_baseline(nlp):
    """What stands behind the last number, or before the first, is for all of them."""
    found = run(
        nlp,
        "ZapServe: fast",
        "We present ZapServe, a serving system. It has 2.3x higher throughput and 2x lower latency, "
        "compared to vLLM.",
    )
    assert [(c.value, c.baselines) for c in found.claims] == [("2.3", ("vLLM",)), ("2", ("vLLM",))]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("We train ZapNet without LoRA on a GPU.", "mentioned"),
        ("ZapNet does not use LoRA to be fast.", "mentioned"),
        ("ZapNet neither needs pruning nor LoRA.", "mentioned"),
        ("ZapNet does not only use LoRA but also pruning.", "used"),
        ("We train ZapNet without LoRA first. Then we use LoRA for all layers.", "used"),
    ],
)
def test_what_a_paper_says_that_it_does_not_do_is_only_mentioned(nlp, text, role):
    found = run(nlp, "A study", f"We present ZapNet, a neural network for images. {text}")
    assert entity(found, "LoRA").role == role


def test_where_few_names_are_known_others_need_to_be_surer(nlp):
    """Acronyms of other sciences look like techniques; beside the names of this field they may be some."""
    of_medicine = "Patients with KMT2C variants had R1 margins, and DFS was longer for women than for men."
    assert not run(nlp, "Survival after surgery of the liver", of_medicine).entities
    assert entity(run(nlp, "Survival after surgery", f"{of_medicine} We train a Transformer."), "Transformer")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We study diffusion- and Transformer-based models of images.", "Transformer"),
        (
            "We propose Zappo Preference Optimization~(ZPO), a method for alignment.",
            "Zappo Preference Optimization",
        ),
        ("We train on an RTX 4090( 24 GB of memory) for a day.", "RTX 4090"),
    ],
)
def test_no_mark_hangs_on_a_name(nlp, text, name):
    found = forms(run(nlp, "A study", text))
    assert not {form for form in found if form[-1] in "-~("}
    assert name in found
