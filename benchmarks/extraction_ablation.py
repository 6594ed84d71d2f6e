"""Show what each source of extraction is worth: cross-validate with all of them, and without each.

Everything is learnt anew without the source, from the annotated papers alone (no further ones), a few folds
of five. Each line is a process of its own; the differences count, not the figures. Takes minutes a line.

    python benchmarks/extraction_ablation.py [--folds N] [--epochs N] [--only NAME] [--jobs N]
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

GOLD = Path(__file__).parents[1] / "tests/gold/train.jsonl"
FIGURES = ("entity", "mention", "role", "claim_value", "claim", "relation")
FOLDS = 5

Patch = Callable[[], None]


def _no_names() -> None:
    """Let the vocabulary know no names; its cue words stay."""
    from paperkg import train, vocabulary

    whole = vocabulary.load_vocabulary

    def bare(*args: Any, **options: Any) -> vocabulary.Vocabulary:
        return replace(whole(*args, **options), names=())

    vocabulary.load_vocabulary = train.load_vocabulary = bare


def _without(*components: str) -> None:
    """Leave components out of the pipeline."""
    from paperkg import extract

    extract.COMPONENTS = tuple(name for name in extract.COMPONENTS if name not in components)


def _no_features(module: str, function: str, *beginnings: str, inside: str = "\n") -> None:
    """Hide the features whose names begin in one of these ways, or have that inside, from a classifier."""
    from importlib import import_module

    place = import_module(f"paperkg.extract.{module}")
    make = getattr(place, function)

    def keep(features: dict[str, float]) -> dict[str, float]:
        return {n: v for n, v in features.items() if not n.startswith(beginnings) and inside not in n}

    def fewer(*args: Any, **options: Any) -> Any:
        made = make(*args, **options)
        if function == "span_features":
            return {span: keep(features) for span, features in made.items()}
        return keep(made)

    setattr(place, function, fewer)


def _start(*, vectors: bool) -> None:
    """Start from a network that has learnt nothing, with its word vectors or without."""
    from paperkg import train
    from paperkg.extract.network import make_network
    from paperkg.extract.recogniser import LABELS, Tagger, WordVectors

    class Fresh(Tagger):
        """A tagger with random weights."""

        @classmethod
        def load(cls, path: Path) -> Tagger:
            """Keep the vectors, or not even these."""
            words = Tagger.load(path).vectors
            if not vectors:
                words = WordVectors({}, words.table * 0)
            network = make_network(len(LABELS), words.table.shape[1])
            network.initialize()
            return Tagger(network, words)

    train.Tagger = Fresh


SOURCES: dict[str, Patch] = {
    "all": lambda: None,
    "vocabulary": _no_names,
    "patterns": partial(_without, "paperkg_patterns", "paperkg_shapes"),
    "phrases": partial(_without, "paperkg_phrases"),
    "silver data (the network starts from nothing)": partial(_start, vectors=True),
    "silver data and word vectors": partial(_start, vectors=False),
    "recogniser, as features of spans": partial(
        _no_features, "resolver", "span_features", "net ", "best ", inside=" net "
    ),
    "rules, as features of spans": partial(_no_features, "resolver", "span_features", "rules"),
    "nouns near a span": partial(
        _no_features, "resolver", "span_features", "noun", "presents", "ends ", "begins "
    ),
    "words around a span": partial(
        _no_features, "resolver", "span_features", "-", "+", "begins with", "ends with"
    ),
    "what a sentence presents": partial(_no_features, "resolver", "span_features", "under", "presented"),
    "cue words of roles": partial(_no_features, "roles", "role_features", "cues"),
    "words around mentions, for roles": partial(
        _no_features, "roles", "role_features", "-", "+", "near", "T-", "T+", "Tnear"
    ),
    "rules, for claims": partial(_no_features, "claims", "baseline_features", "guessed"),
    "lists of rivals, for claims": partial(_no_features, "claims", "baseline_features", "list", "in no list"),
}


def measure(name: str, folds: int, epochs: int) -> dict[str, float]:
    """Give the figures without one source, over some folds of five."""
    SOURCES[name]()
    from paperkg import evaluate, vocabulary
    from paperkg.train import train

    gold = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    found: list[dict[str, Any]] = []
    scored = []
    for part in evaluate.split(gold, FOLDS)[:folds]:
        held_out = {record["id"] for record in part}

        def without(ids: set[str], held_out: set[str] = held_out) -> vocabulary.Vocabulary:
            return vocabulary.load_vocabulary(without_papers=held_out | ids)

        models = train([r for r in gold if r["id"] not in held_out], without, epochs=epochs)
        found += evaluate.predict(part, vocabulary=without(set()), models=models)
        scored += part
    figures = evaluate.score(scored, found)
    return {figure: figures[figure].f1 for figure in FIGURES}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=2, choices=range(1, FOLDS + 1))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", choices=SOURCES, action="append")
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # a core for each process
    names = ["all", *(n for n in args.only or SOURCES if n != "all")]
    print("F1 without ...".ljust(48), *(f"{figure:>12}" for figure in FIGURES))
    # A new process for each: what one leaves out must not be missing in the next.
    with ProcessPoolExecutor(args.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        tables = pool.map(partial(measure, folds=args.folds, epochs=args.epochs), names)
        whole: dict[str, float] = {}
        for name, figures in zip(names, tables, strict=True):
            whole = whole or figures
            cells = [
                f"{value:6.1f} {value - whole[figure]:+5.1f}" if name != "all" else f"{value:12.1f}"
                for figure, value in figures.items()
            ]
            print(name.ljust(48), *(f"{cell:>12}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
