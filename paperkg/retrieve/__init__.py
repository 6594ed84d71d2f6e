"""Questions in, and out come papers, passages, facts, answers of the graph, and a prompt with citations.

Words (BM25), meaning (vectors that ship with paperkg), what the question names, and the graph are added up
in ``ranking``; ``answers`` reads off the graph what has the form of a pattern in it; ``evidence`` and
``prompt`` say what the best papers say. No network, no language model.
"""

from __future__ import annotations

import numpy as np

from paperkg.errors import QueryError
from paperkg.graph import KnowledgeGraph
from paperkg.retrieve.answers import asks_amount, to_the_point
from paperkg.retrieve.evidence import find_facts, find_passages, find_results
from paperkg.retrieve.model import Answer, Fact, FoundPaper, Item, Named, Passage, Retrieval
from paperkg.retrieve.prompt import make_prompt, one_line
from paperkg.retrieve.ranking import WEIGHTS, Ranker, Ranking, named_concepts

__all__ = [
    "Answer",
    "Fact",
    "FoundPaper",
    "Item",
    "Named",
    "Passage",
    "Retrieval",
    "Retriever",
    "check_question",
]

#: Longest question, in characters.
MOST_QUESTION = 2000

#: What stands for a part of the score in words.
_REASONS = {
    "words": "its words",
    "sentence": "a sentence of like meaning",
    "meaning": "what it is about",
    "names": "it speaks of {names}",
    "graph": "it is near in the graph",
    "hops": "one step from a paper that is described",
    "answer": "the graph says so",
}

#: Papers of less than this share of the best score are weak.
_WEAK = 0.4

#: A part of less than this is no reason.
_REASON = 0.15


def check_question(question: str) -> None:
    """Raise ``QueryError`` for a question without a word, or one as long as a paper."""
    if not any(c.isalnum() for c in question):
        raise QueryError("the question has no words; ask something like 'what runs on an A6000?'")
    if len(question) > MOST_QUESTION:
        raise QueryError(f"the question has {len(question):,} characters; at most {MOST_QUESTION:,} are read")


class Retriever:
    """Answers questions to a graph; made once, asked often."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._ranker = Ranker(graph)

    def retrieve(self, question: str, *, limit: int = 5, budget: int = 2000) -> Retrieval:
        """Find what answers a question: ``limit`` papers, and a prompt of at most ``budget`` tokens.

        Raises ``QueryError`` for a question without a word, or one as long as a paper.
        """
        check_question(question)
        graph, ranker = self._graph, self._ranker
        ranking = ranker.rank(question)
        order = np.argsort(-ranking.scores, kind="stable")[:limit].tolist()
        least = _WEAK * float(ranking.scores.max(initial=0.0))
        papers = tuple(self._found(number, ranking, least) for number in order if ranking.scores[number] > 0)
        strong = tuple(paper for paper in papers if not paper.weak)
        named = named_concepts(ranking.names)
        passages = find_passages(graph, ranker, question, strong)
        facts = find_facts(graph, ranker, question, strong, (concept.id for concept in named))
        answers = to_the_point(ranking.answers)
        if asks_amount(question):
            known = {item.id for answer in answers for item in answer.items}
            results = find_results(graph, ranker, question, strong, known)
            answers = (*answers, results) if results else answers
        return Retrieval(
            question=question,
            names=tuple(Named(id=concept.id, name=concept.name) for concept in named),
            papers=papers,
            passages=passages,
            facts=facts,
            answers=answers,
            prompt=make_prompt(question, strong, passages, facts, answers, budget=budget),
        )

    def _found(self, number: int, ranking: Ranking, least: float) -> FoundPaper:
        paper = self._graph.papers[self._ranker.papers[number]]
        counts = {name: WEIGHTS[name] * float(part[number]) for name, part in ranking.parts.items()}
        spoken = {entity.id for entity in self._graph.extractions[paper.id].entities}
        names = [c.name for c in named_concepts(ranking.names) if c.id in spoken]
        reasons = [
            _REASONS[name].format(names=one_line(", ".join(names)) or "a variant of what is named")
            for name in sorted(counts, key=lambda name: -counts[name])
            if counts[name] >= _REASON
        ]
        return FoundPaper(
            id=paper.id,
            title=paper.title,
            score=round(float(ranking.scores[number]) / sum(WEIGHTS.values()), 4),
            why=tuple(reasons),
            weak=float(ranking.scores[number]) < least,
        )
