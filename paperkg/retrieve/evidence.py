"""What the best papers say to a question: their nearest sentences, and the statements of the graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from paperkg.describe import claim_text
from paperkg.graph import PREDICATES, KnowledgeGraph
from paperkg.passages import sentence_at, sentence_bounds, sentences
from paperkg.retrieve.model import Answer, Fact, FoundPaper, Item, Passage
from paperkg.retrieve.ranking import Ranker
from paperkg.retrieve.terms import telling, terms

#: Passages of one paper, and facts of one paper.
_PASSAGES, _FACTS = 3, 8

#: A question for a number gets so many results, of so many papers.
_RESULTS, _RESULT_PAPERS = 3, 2

#: A fact counts more where it is about something that the question names.
_NAMED = 0.5


def find_passages(
    graph: KnowledgeGraph, ranker: Ranker, question: str, papers: Sequence[FoundPaper]
) -> tuple[Passage, ...]:
    """Give the sentences of these papers that are nearest to a question, the best first."""
    asked = telling(question)
    found = []
    for paper in papers:
        text = graph.papers[paper.id].text
        # The title stands beside every passage anyway.
        bounds = [one for one in sentences(text) if one[0] > len(paper.title)] or sentences(text)
        scores = ranker.likeness(asked, [list(terms(text[start:end])) for start, end in bounds])
        best = sorted(zip(scores.tolist(), bounds, strict=True), key=lambda one: (-one[0], one[1]))
        found += [
            Passage(
                paper=paper.id,
                start=start,
                end=end,
                text=text[start:end],
                score=round(score * paper.score, 4),
            )
            for score, (start, end) in best[:_PASSAGES]
        ]
    return tuple(sorted(found, key=lambda p: (-p.score, p.paper, p.start)))


def find_facts(
    graph: KnowledgeGraph,
    ranker: Ranker,
    question: str,
    papers: Sequence[FoundPaper],
    named: Iterable[str],
) -> tuple[Fact, ...]:
    """Give what the graph says of these papers, nearest to the question first."""
    asked, wanted = telling(question), set(named)
    ranked = []
    for paper in papers:
        facts = sorted(
            set(_facts_of(graph, paper.id)), key=lambda f: (f.start, f.predicate, f.object, f.subject)
        )
        scores = ranker.likeness(asked, [list(terms(f"{f.text} {f.predicate} {f.object}")) for f in facts])
        scored = [
            (paper.score * (score + _NAMED * bool({f.subject_id, f.object_id} & wanted)), f)
            for f, score in zip(facts, scores.tolist(), strict=True)
        ]
        scored.sort(key=lambda one: -one[0])
        ranked += scored[:_FACTS]
    return tuple(fact for _, fact in sorted(ranked, key=lambda one: -one[0]))


def find_results(
    graph: KnowledgeGraph,
    ranker: Ranker,
    question: str,
    papers: Sequence[FoundPaper],
    known: Collection[str],
) -> Answer | None:
    """Give the results of the best papers whose sentences are nearest to a question for a number.

    Those whose ids are ``known`` stand in another answer already.
    """
    asked = telling(question)
    ranked = []
    for paper in papers[:_RESULT_PAPERS]:
        claims = [one for one in graph.claims_of_paper(paper.id) if one.id not in known]
        text = graph.papers[paper.id].text
        said = [
            f"{claim_text(graph, one)} {sentence_at(text, one.claim.start, one.claim.end)}" for one in claims
        ]
        scores = ranker.likeness(asked, [list(terms(one)) for one in said])
        ranked += [(paper.score * s, one) for s, one in zip(scores.tolist(), claims, strict=True)]
    best = sorted(ranked, key=lambda one: -one[0])[:_RESULTS]
    items = tuple(Item(name=claim_text(graph, one), id=one.id, papers=(one.paper,)) for _, one in best)
    return Answer(pattern="results of the nearest papers", items=items) if items else None


def _facts_of(graph: KnowledgeGraph, paper: str) -> Iterator[Fact]:
    extraction = graph.extractions[paper]
    text, title = extraction.paper.text, extraction.paper.title
    ids = {entity.name: entity.id for entity in extraction.entities}
    first: dict[str, tuple[int, int]] = {}
    for mention in sorted(extraction.mentions):
        # A sentence of the abstract says more than the title, which stands beside the fact anyway.
        if mention.entity not in first or first[mention.entity][0] < len(title) <= mention.start:
            first[mention.entity] = (mention.start, mention.end)

    def fact(
        subject: tuple[str, str], predicate: str, object: tuple[str, str], place: tuple[int, int]
    ) -> Fact:
        said = 0 <= place[0] < place[1] <= len(text)  # an input may say nothing, or nonsense
        start, end = sentence_bounds(text, *place) if said else (0, 0)
        return Fact(
            subject=subject[0],
            predicate=predicate,
            object=object[0],
            subject_id=subject[1],
            object_id=object[1],
            paper=paper,
            start=start,
            end=end,
            text=text[start:end],
        )

    def thing(name: str) -> tuple[str, str]:
        key = ids.get(name, "")
        return (graph.concepts[key].name if key else name), key

    whole = (title, f"paper/{paper}")
    for entity in extraction.entities:
        place = first.get(entity.name, (0, 0))
        yield fact(whole, PREDICATES[entity.role], thing(entity.name), place)
    for relation in extraction.relations:
        place = (relation.start, relation.end)
        yield fact(thing(relation.head), PREDICATES[relation.type], thing(relation.tail), place)
    for claim in graph.claims_of_paper(paper):
        place = (claim.claim.start, claim.claim.end)
        yield fact(whole, "states", (claim_text(graph, claim), claim.id), place)
