"""Communities of entities in levels, and a report on each, made of sentences of the papers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from paperkg.describe import claim_text, definition, readable, statement_text
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import ENTITY_TYPES
from paperkg.statements import Pair, Statement

#: How much a report shows of each kind of finding.
_MOST_ENTITIES, _MOST_RESULTS, _MOST_STATEMENTS, _MOST_TITLES = 6, 10, 12, 12

#: Communities of no more entities than this are not divided further.
_MOST_WHOLE = 10

#: How much it binds that one paper speaks of both.
_LOOSE = 0.05

#: Statements that say most, first: what is built on what, what beats what.
_ORDER = ("outperforms", "basedOn", "partOf", "comparedWith", "evaluatedOn", "uses", "variantOf", "broader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """Entities that have much to do with each other. Level 0 is the coarsest; -1 stands for no parent."""

    number: int
    level: int
    parent: int
    children: tuple[int, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A community in words: a title, a summary, findings (a line, and what supports it), and its weight."""

    title: str
    summary: str
    findings: tuple[tuple[str, str], ...]
    #: From 0 to 10.
    rank: float
    rank_reason: str

    @property
    def text(self) -> str:
        """The whole report as Markdown."""
        parts = [f"# {self.title}", self.summary]
        for line, support in self.findings:
            parts += [f"## {line}", support]
        return "\n\n".join(parts)


def find_communities(graph: KnowledgeGraph, pairs: Sequence[Pair]) -> list[Community]:
    """Part all entities of papers into communities by Louvain's method, which nests them by itself.

    A community that a finer partition does not divide, or that is small, is not repeated below itself.
    """
    import networkx as nx

    keys = sorted(concept.id for concept in graph.mentioned())
    if not keys:
        return []
    number = {key: i for i, key in enumerate(keys)}
    # Whole numbers as nodes: sets of them have the same order whatever the hash seed is.
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from(range(len(keys)))
    degree = Counter(key for pair in pairs for key in (pair.one, pair.other))
    for pair in pairs:
        # That two systems both use GPUs says little: what many share binds less.
        weight = pair.weight / math.sqrt(max(degree[pair.one], degree[pair.other]))
        plain.add_edge(number[pair.one], number[pair.other], weight=weight)
    for key in keys:
        if not degree[key]:
            # Tied to nothing: it goes with what its papers speak of, however loosely.
            papers = [graph.extractions[paper] for paper, _ in graph.papers_of[key]]
            for other in sorted({e.id for paper in papers for e in paper.entities} - {key}):
                plain.add_edge(number[key], number[other], weight=_LOOSE)
    fine_to_coarse = list(nx.community.louvain_partitions(plain, weight="weight", seed=1))

    found: list[tuple[int, int, tuple[int, ...]]] = []  # level, number of the parent, members
    of: dict[int, int] = {}  # the finest community so far of each entity
    for partition in reversed(fine_to_coarse):
        new = dict(of)
        for group in sorted((tuple(sorted(group)) for group in partition), key=lambda g: (-len(g), g)):
            parent = of.get(group[0], -1)
            if parent < 0 or len(found[parent][2]) > max(len(group), _MOST_WHOLE):
                new.update(dict.fromkeys(group, len(found)))
                found.append((found[parent][0] + 1 if parent >= 0 else 0, parent, group))
        of = new
    children: dict[int, list[int]] = defaultdict(list)
    for i, (_, parent, _) in enumerate(found):
        children[parent].append(i)
    return [
        Community(
            number=i,
            level=level,
            parent=parent,
            children=tuple(children[i]),
            members=tuple(keys[member] for member in group),
        )
        for i, (level, parent, group) in enumerate(found)
    ]


class Inside:
    """What lies inside communities: look-ups that all reports share."""

    def __init__(self, graph: KnowledgeGraph, said: Sequence[Statement], names: Mapping[str, str]) -> None:
        self.graph = graph
        self.names = names
        self._said: dict[str, list[Statement]] = defaultdict(list)
        for one in said:
            self._said[one.head].append(one)

    def report(self, community: Community) -> Report:
        """Write the report on a community: what it is about, its entities, statements, results and papers."""
        graph, names = self.graph, self.names
        inside = set(community.members)
        papers = {key: {paper for paper, _ in graph.papers_of[key]} for key in community.members}
        counts = Counter(paper for found in papers.values() for paper in found)
        main = sorted(inside, key=lambda key: (-len(papers[key]), key))
        said = [one for key in main for one in self._said[key] if one.tail in inside]
        claims = list(self._claims(main, inside))
        title = _listed([names[key] for key in main[:3]])
        most, many = len(counts), len(inside)
        about = f"{_count(many, 'entity', 'entities')} of {_count(most, 'paper')}"
        findings = [(f"{names[key]}: {self._what(key)}", self._support(key)) for key in main[:_MOST_ENTITIES]]
        findings = [(_cut(line), support) for line, support in findings if support]
        if said:
            lines = [statement_text(one, names) for one in _best(said)]
            findings.append((f"How they belong together ({len(said)} statements)", " ".join(lines)))
        if claims:
            lines = [
                f"{readable(claim_text(graph, c))} [{readable(c.paper)}]." for c in claims[:_MOST_RESULTS]
            ]
            findings.append((f"Results ({len(claims)})", " ".join(dict.fromkeys(lines))))
        titles = [
            f"[{readable(paper)}] {readable(graph.papers[paper].title)}"
            for paper, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_TITLES]
        ]
        findings.append((f"Papers ({most})", "; ".join(titles)))
        return Report(
            title=title,
            summary=f"{about}: {self._types(main)}.",
            findings=tuple(findings),
            rank=round(10 * math.log1p(most) / math.log1p(max(len(graph.papers), 1)), 2),
            rank_reason=f"{most} of {len(graph.papers)} papers speak of it.",
        )

    def _types(self, main: Sequence[str]) -> str:
        by_type = {t: [k for k in main if self.graph.concepts[k].type == t] for t in ENTITY_TYPES}
        return "; ".join(
            f"{_count(len(keys), kind.lower(), 'hardware' if kind == 'Hardware' else '')}"
            f" ({', '.join(self.names[key] for key in keys[:5])}{', ...' if len(keys) > 5 else ''})"
            for kind, keys in by_type.items()
            if keys
        )

    def _what(self, key: str) -> str:
        count = len({paper for paper, _ in self.graph.papers_of[key]})
        return f"{self.graph.concepts[key].type.lower()} of {_count(count, 'paper')}"

    def _support(self, key: str) -> str:
        sentence, paper = definition(self.graph, key)
        return f"{readable(sentence)} [{readable(paper)}]" if sentence else ""

    def _claims(self, main: Iterable[str], inside: set[str]) -> Iterator[LinkedClaim]:
        """Yield the results of entities of the community: first those against another one of it."""
        own = [c for key in main for c in self.graph.claims_of(key) if c.subject == key]
        yield from (c for c in own if inside & set(c.baselines))
        yield from (c for c in own if not inside & set(c.baselines))


def _best(said: Sequence[Statement]) -> list[Statement]:
    order = sorted(said, key=lambda one: (_ORDER.index(one.predicate), -len(one.papers), one.head, one.tail))
    return order[:_MOST_STATEMENTS]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _cut(line: str) -> str:
    return line if len(line) <= 200 else f"{line[:199]}\u2026"
