"""One identity for every thing, and different things kept apart."""

import itertools

import pytest

from paperkg.link import link
from paperkg.model import Claim, Concept, Entity, Extraction, Mention, Paper, Relation
from paperkg.variants import family_names
from paperkg.vocabulary import Name, Vocabulary

A100 = Concept(id="hardware/nvidia-a100", type="Hardware", name="NVIDIA A100", vendor="NVIDIA")
LLAMA = Concept(id="model/llama", type="Model", name="LLaMA")
VOCABULARY = Vocabulary(
    concepts={A100.id: A100, LLAMA.id: LLAMA},
    names=(
        Name(text="A100", id=A100.id, case="exact"),
        Name(text="LLaMA", id=LLAMA.id, status="name"),
        Name(text="NVIDIA A100", id=A100.id, status="name"),
    ),
)


def paper(key: str, *entities: Entity, claims=(), relations=()) -> Extraction:
    """Make a paper whose text is the forms of its entities."""
    text, mentions = "", []
    for e in entities:
        for form in e.forms:
            mentions.append(
                Mention(start=len(text), end=len(text) + len(form), text=form, type=e.type, entity=e.name)
            )
            text += form + " "
    return Extraction(
        paper=Paper(id=key, title=text, abstract="."),
        mentions=tuple(mentions),
        entities=entities,
        claims=claims,
        relations=relations,
    )


def thing(name: str, kind: str = "System", role: str = "mentioned", *forms: str, **more) -> Entity:
    """Make an entity whose form is its name, unless other forms are given."""
    return Entity(name=name, type=kind, role=role, forms=forms or (name,), **more)


def ids(*papers: Extraction) -> list[list[str]]:
    """Link the papers and give the ids of their entities."""
    graph = link(papers, vocabulary=VOCABULARY)
    return [[e.id for e in graph.extractions[p.paper.id].entities] for p in papers]


def test_vocabulary_decides_on_known_names():
    """A name and its alias are the same concept in every paper, under its canonical name."""
    graph = link(
        [paper("p", thing("A100", "Hardware")), paper("q", thing("NVIDIA A100", "Hardware"))],
        vocabulary=VOCABULARY,
    )
    assert {e.id for x in graph.extractions.values() for e in x.entities} == {A100.id}
    assert graph.extractions["p"].entities[0].name == "NVIDIA A100"


@pytest.mark.parametrize("spelling", ["Zap Serve", "ZapServe", "zap-serve", "ZapServes"])
def test_spellings_of_an_unknown_name_are_one(spelling):
    """Case, hyphen, space and plural do not make two things."""
    (first,), (second,) = ids(paper("p", thing("ZapServe", role="introduced")), paper("q", thing(spelling)))
    assert first == second == "system/zapserve"


def test_two_papers_that_introduce_one_name_introduce_two_things():
    """Homonyms stay apart, and the merge table says so."""
    graph = link(
        [
            paper("p", thing("Comet", role="introduced")),
            paper("q", thing("COMET", "Technique", "introduced")),
        ],
        vocabulary=VOCABULARY,
    )
    first, second = (graph.extractions[k].entities[0].id for k in "pq")
    assert first != second
    assert [m.decision for m in graph.merges].count("kept apart") == 2
    assert {c.id for c in graph.find("comet")} == {first, second}


def test_third_paper_goes_to_the_homonym_whose_company_it_shares():
    """A mention of a homonym follows the things that stand around it; without any it goes to neither."""
    near = [thing("A100", "Hardware"), thing("LLaMA", "Model")]
    first, second, third, fourth = ids(
        paper("p", thing("Comet", role="introduced"), *near),
        paper("q", thing("Comet", role="introduced")),
        paper("r", thing("Comet"), *near),
        paper("s", thing("Comet")),
    )
    assert third[0] == first[0] != second[0]
    assert fourth[0] not in (first[0], second[0])


def test_type_is_that_of_the_paper_that_introduces_it():
    """The same name with different types is one thing; who introduces it knows what it is."""
    graph = link(
        [paper("p", thing("ZapServe", "System", "introduced"))]
        + [paper(k, thing("ZapServe", "Model")) for k in "qrs"],
        vocabulary=VOCABULARY,
    )
    assert {(e.id, e.type) for x in graph.extractions.values() for e in x.entities} == {
        ("system/zapserve", "System")
    }
    assert all(m.type == "System" for x in graph.extractions.values() for m in x.mentions)


def test_size_hangs_under_its_family():
    """A size is a variant, and no synonym."""
    graph = link([paper("p", thing("LLaMA-70B", "Model"))], vocabulary=VOCABULARY)
    assert graph.concepts["model/llama-70b"].variant_of == "model/llama"
    assert "model/llama" in graph.concepts


def test_count_in_front_is_no_part_of_the_name():
    """ "8xA100" is the A100."""
    assert ids(paper("p", thing("8xA100", "Hardware", "used", "8xA100"))) == [[A100.id]]


def test_two_entities_of_a_paper_that_are_one_thing_become_one():
    """Forms come together, the first role of the table wins, and what refers to them follows."""
    found = paper(
        "p",
        thing("A100", "Hardware", "used"),
        thing("NVIDIA A100", "Hardware", "evaluated_on"),
        thing("X", role="introduced"),
        relations=(Relation(head="X", type="based_on", tail="A100"),),
        claims=(
            Claim(subject="X", metric="speedup", value="2", unit="x", baselines=("A100", "NVIDIA A100")),
        ),
    )
    linked = link([found], vocabulary=VOCABULARY).extractions["p"]
    assert next((e.name, e.role, e.forms) for e in linked.entities) == (
        "NVIDIA A100",
        "evaluated_on",
        ("A100", "NVIDIA A100"),
    )
    assert linked.relations[0].tail == "NVIDIA A100"
    assert linked.claims[0].baselines == ("NVIDIA A100",)


def test_order_of_papers_does_not_matter():
    """Every order of the papers gives the same graph."""
    papers = [
        paper("p", thing("Comet", role="introduced"), thing("ZapServe")),
        paper("q", thing("COMET", "Model", "introduced")),
        paper("r", thing("zap serve", role="introduced"), thing("Comet")),
    ]
    graphs = [link(order, vocabulary=VOCABULARY) for order in itertools.permutations(papers)]
    assert all(g.extractions == graphs[0].extractions and g.concepts == graphs[0].concepts for g in graphs)
    assert all(g.merges == graphs[0].merges for g in graphs)


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("NVIDIA A100", []),
        ("NVIDIA A100 80GB", ["NVIDIA A100"]),
        ("Qwen2.5-7B", ["Qwen2.5", "Qwen"]),
        ("GPT-4", ["GPT"]),
        ("vLLM", []),
        ("DeepSeek-Coder-6.7B-Instruct", ["DeepSeek-Coder-6.7B", "DeepSeek-Coder", "DeepSeek"]),
    ],
)
def test_families(name, families):
    """Versions and sizes are taken off one by one; part numbers are whole."""
    assert family_names(name) == families


def test_known_name_of_another_type_is_that_thing_unless_the_paper_introduces_it():
    """A list knows the type better than a guess; but a paper may give an old name to a new thing."""
    used = paper("p1", Entity(name="LLaMA", type="System", role="used", forms=("LLaMA",)))
    new = paper("p2", Entity(name="LLaMA", type="System", role="introduced", forms=("LLaMA",)))
    graph = link([used, new], vocabulary=VOCABULARY)
    assert graph.extractions["p1"].entities[0].id == "model/llama"
    assert graph.extractions["p1"].entities[0].type == "Model"
    assert graph.extractions["p2"].entities[0].id == "system/llama"


def test_name_of_unusual_shape_is_known_in_any_case():
    """What must stand as written in a text is one thing in every spelling when it comes to identity."""
    net = Concept(id="model/zapnetv2", type="Model", name="ZapNetV2")
    vocabulary = Vocabulary(
        concepts={net.id: net}, names=(Name(text="ZapNetV2", id=net.id, status="name", case="exact"),)
    )
    graph = link(
        [paper("p1", Entity(name="zapnet-v2", type="Model", role="used", forms=("zapnet-v2",)))],
        vocabulary=vocabulary,
    )
    assert graph.extractions["p1"].entities[0].id == "model/zapnetv2"


def test_short_name_of_two_types_without_common_company_is_two_things():
    """ "SOAP" the system and "SOAP" the model have nothing in common but four letters."""
    one = paper("p1", Entity(name="ZAP", type="Model", role="used", forms=("ZAP",)))
    other = paper("p2", Entity(name="ZAP", type="System", role="used", forms=("ZAP",)))
    graph = link([one, other, paper("p3", *one.entities)], vocabulary=VOCABULARY)
    assert {graph.extractions[p].entities[0].id for p in ("p1", "p3")} == {"model/zap"}
    assert graph.extractions["p2"].entities[0].id == "system/zap"
    (apart,) = [m for m in graph.merges if m.decision == "kept apart"]
    assert (apart.id, "no company in common" in apart.reason) == ("system/zap", True)


def test_short_name_of_two_types_in_common_company_is_one_thing():
    """Where both papers speak of the same things, the type was a wrong guess."""
    company = Entity(name="LLaMA", type="Model", role="used", forms=("LLaMA",))
    one = paper("p1", Entity(name="ZAP", type="Model", role="introduced", forms=("ZAP",)), company)
    other = paper("p2", Entity(name="ZAP", type="System", role="used", forms=("ZAP",)), company)
    graph = link([one, other], vocabulary=VOCABULARY)
    assert graph.extractions["p2"].entities[0].id == "model/zap"


def test_british_and_american_spelling_are_one():
    """Nations do not part things."""
    names = ("block quantisation", "Block Quantization")
    papers = [
        paper(f"p{i}", Entity(name=name, type="Technique", role="used", forms=(name,)))
        for i, name in enumerate(names)
    ]
    graph = link(papers, vocabulary=VOCABULARY)
    assert len({e.entities[0].id for e in graph.extractions.values()}) == 1


def test_acronym_that_the_paper_spells_out_otherwise_is_another_thing():
    """ "Multi-Dimensional Pruning (MDP)" is no Markov decision process."""
    known = Concept(id="technique/m", type="Technique", name="Markov decision process")
    vocabulary = Vocabulary(
        concepts={known.id: known},
        names=(
            Name(text="MDP", id=known.id, status="abbreviation", case="exact"),
            Name(text=known.name, id=known.id, status="name"),
        ),
    )

    def mdp(*forms: str) -> Entity:
        return Entity(name="MDP", type="Technique", role="used", forms=forms)

    papers = [
        paper("p1", mdp("MDP")),
        paper("p2", mdp("MDP", "Markov decision processes")),
        paper("p3", mdp("MDP", "Multi-Dimensional Pruning")),
    ]
    graph = link(papers, vocabulary=vocabulary)
    found = {key: e.entities[0].id for key, e in graph.extractions.items()}
    assert found == {"p1": "technique/m", "p2": "technique/m", "p3": "technique/mdp"}


def test_acronym_joins_its_long_form_of_the_same_type_only():
    """ "NSD" the dataset is not the normalized steepest descent of another paper."""
    long = paper(
        "p1",
        Entity(
            name="zapping attention unit",
            type="Technique",
            role="used",
            forms=("zapping attention unit", "ZAUXY"),
        ),
    )
    same = paper("p2", Entity(name="ZAUXY", type="Technique", role="used", forms=("ZAUXY",)))
    other = paper("p3", Entity(name="ZAUXY", type="Dataset", role="used", forms=("ZAUXY",)))
    graph = link([long, same, other], vocabulary=VOCABULARY)
    ids = {key: e.entities[0].id for key, e in graph.extractions.items()}
    assert ids["p1"] == ids["p2"]
    assert ids["p1"].startswith("technique/")
    assert ids["p3"] == "dataset/zauxy"
