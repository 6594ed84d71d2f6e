"""Spellings of one thing, as papers write them, from text to identity, with the vocabulary that ships."""

from collections import defaultdict

import pytest

from paperkg.extract import extract, make_nlp
from paperkg.link import link
from paperkg.model import Paper

SPELLINGS = {
    "model/gpt-4o": ["GPT4o", "GPT-4o", "GPT 4o"],
    "model/llama-3": ["LLaMA3", "Llama 3", "Llama-3", "llama3"],
    "model/llama-3-70b": ["LLaMA-3-70B", "Llama-3-70B", "Llama 3 70B"],
    "system/deepspeed-inference": ["DeepSpeed-Inference", "DeepSpeed Inference"],
    "technique/mixture-of-experts": ["Mixture-of-Experts", "MoE", "MoEs", "mixture of experts"],
    "hardware/nvidia-a100": ["A100", "NVIDIA A100", "Nvidia A100s"],
    "hardware/nvidia-a100-80gb": ["A100-80GB", "A100 80GB"],
    "hardware/nvidia-h200": ["8xH200", "H200s", "H200"],
    "hardware/huawei-ascend-910b": ["Ascend 910B", "Huawei Ascend 910B"],
    "hardware/amd-mi250x": ["MI250X", "AMD MI250X", "AMD Instinct MI250X"],
    "hardware/tpu-v4": ["TPUv4", "TPU v4", "TPU-v4"],
    "technique/quantization-aware-training": ["quantisation-aware training", "quantization aware training"],
}


@pytest.fixture(scope="module")
def forms():
    """Give the forms that went to each identity, when every paper writes things in its own way."""
    rows = max(map(len, SPELLINGS.values()))
    papers = []
    for row in range(rows):
        names = [names[row % len(names)] for names in SPELLINGS.values()]
        papers.append(Paper(id=f"p{row}", title="A study", abstract=f"We compare {', '.join(names)}."))
    graph = link(extract(make_nlp(), papers))
    found: dict[str, set[str]] = defaultdict(set)
    for extraction in graph.extractions.values():
        for entity in extraction.entities:
            found[entity.id].update(entity.forms)
    return found


@pytest.mark.parametrize("identity", sorted(SPELLINGS))
def test_spellings_are_one_thing(forms, identity):
    assert forms[identity] == set(SPELLINGS[identity])


def test_versions_and_sizes_are_a_chain():
    papers = [Paper(id="p", title="A study", abstract="We compare LLaMA-3-70B-Instruct and A100-80GB.")]
    concepts = link(extract(make_nlp(), papers)).concepts
    size = concepts["model/llama-3-70b-instruct"]
    chain = [size.variant_of, concepts[size.variant_of].variant_of]
    chain.append(concepts[chain[-1]].variant_of)
    assert chain == ["model/llama-3-70b", "model/llama-3", "model/llama"]
    assert concepts["hardware/nvidia-a100-80gb"].variant_of == "hardware/nvidia-a100"
