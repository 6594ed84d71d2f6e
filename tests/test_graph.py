"""The graph: nodes, edges with evidence, finding things, counting them, and coming back from files."""

import pytest

from paperkg.errors import GraphError
from paperkg.export import EXPORTERS
from paperkg.graph import EVIDENCE, Evidence, KnowledgeGraph
from paperkg.model import Claim, Concept, Entity, Extraction, Listing, Mention, Merge, Paper, Relation

TEXT = "ZapServe: fast\nZapServe is 2x faster than vLLM, cuts memory by 3x."


def make_graph() -> KnowledgeGraph:
    """Make a graph of one paper with two systems, of which one beats the other."""
    title, abstract = TEXT.split("\n")
    first = Extraction(
        paper=Paper(
            id="p",
            title=title,
            abstract=abstract,
            listings=(Listing(file="a.txt", date="Jun 3", position=1),),
        ),
        mentions=(
            Mention(
                start=0,
                end=8,
                text="ZapServe",
                type="System",
                entity="ZapServe",
                confidence=0.9,
                rule="title",
            ),
            Mention(
                start=42, end=46, text="vLLM", type="System", entity="vLLM", confidence=0.8, rule="vocabulary"
            ),
        ),
        entities=(
            Entity(
                name="ZapServe", type="System", role="introduced", forms=("ZapServe",), id="system/zapserve"
            ),
            Entity(name="vLLM", type="System", role="compared", forms=("vLLM",), id="system/vllm"),
        ),
        relations=(Relation(head="ZapServe", type="based_on", tail="vLLM", start=15, end=46, rule="phrase"),),
        claims=(
            Claim(
                subject="ZapServe",
                metric="speedup",
                value="2",
                unit="x",
                baselines=("vLLM",),
                start=27,
                end=28,
            ),
            Claim(
                subject="ZapServe",
                metric="memory",
                value="3",
                unit="x",
                direction="lower",
                start=63,
                end=64,
            ),
        ),
    )
    concepts = [
        Concept(id="system/zapserve", type="System", name="ZapServe"),
        Concept(id="system/vllm", type="System", name="vLLM", aliases=("VLLM",), broader="system/server"),
        Concept(id="system/server", type="System", name="server"),
    ]
    merge = Merge(
        score=0.9, decision="merged", form="VLLM", type="System", id="system/vllm", reason="spelling"
    )
    return KnowledgeGraph([first], concepts, merges=[merge])


def test_edges_carry_their_evidence():
    """Each predicate is one edge that knows where the text says so."""
    edges = make_graph().network
    assert edges["paper/p"]["system/zapserve"]["introduces"][EVIDENCE] == (
        Evidence(paper="p", start=0, end=8, confidence=0.9, rule="title"),
    )
    assert set(edges["system/zapserve"]["system/vllm"]) == {"basedOn", "outperforms"}
    assert edges.has_edge("system/vllm", "system/server", key="broader")


@pytest.mark.parametrize(
    ("metric", "direction", "better"),
    [
        ("speedup", "higher", True),
        ("latency", "lower", True),
        ("latency", "higher", False),
        ("accuracy", "lower", False),
        ("other", "higher", False),
    ],
)
def test_outperforms_knows_which_way_is_better(metric, direction, better):
    """Less latency is better, less accuracy is not, and "other" says nothing."""
    graph = make_graph()
    entity = graph.extractions["p"]
    claim = Claim(subject="ZapServe", metric=metric, value="2", baselines=("vLLM",), direction=direction)
    changed = Extraction(paper=entity.paper, entities=entity.entities, claims=(claim,))
    edges = KnowledgeGraph([changed], graph.concepts.values()).network
    assert edges.has_edge("system/zapserve", "system/vllm", key="outperforms") is better


@pytest.mark.parametrize("name", ["vLLM", "VLLM", "vllm", "system/vllm", "V-LLM"])
def test_find_by_any_name(name):
    """Id, name, alias and every spelling lead to the thing."""
    assert [c.id for c in make_graph().find(name)] == ["system/vllm"]


def test_find_nothing():
    """An unknown name finds nothing."""
    assert make_graph().find("nothing") == []


def test_stats_count_what_papers_speak_of():
    """Concepts that only stand above others are no entities of papers."""
    stats = make_graph().stats()
    assert (stats["papers"], stats["listings"], stats["entities"], stats["claims"]) == (1, 1, 2, 2)
    assert stats["entities_by_type"]["System"] == 2


def test_claims_have_ids_of_their_content():
    """The same claim has the same id in another graph, different claims have different ones."""
    first, second = make_graph().claims, make_graph().claims
    assert first == second
    assert len({c.id for c in first}) == 2


def test_extraction_with_an_unknown_concept_is_refused():
    """No edge hangs in the air."""
    graph = make_graph()
    with pytest.raises(GraphError, match="system/vllm"):
        KnowledgeGraph(graph.extractions.values(), [graph.concepts["system/zapserve"]])


def test_written_graph_comes_back(tmp_path):
    """Records, concepts and merges are the whole graph."""
    graph = make_graph()
    for name in ("extractions", "entities", "merges"):
        with (tmp_path / EXPORTERS[name].file).open("wb") as stream:
            EXPORTERS[name].write(graph, stream)
    (tmp_path / "manifest.json").write_text('{"version": "0.1.0", "inputs": []}')
    again = KnowledgeGraph.load(tmp_path)
    assert (again.extractions, again.concepts, again.merges) == (
        graph.extractions,
        graph.concepts,
        graph.merges,
    )
    assert (again.claims, again.run) == (graph.claims, graph.run)


def test_no_build_says_how_to_make_one(tmp_path):
    """A missing build is one line that says what to do."""
    with pytest.raises(GraphError, match="paperkg build"):
        KnowledgeGraph.load(tmp_path)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("extractions.jsonl", "{"),
        ("extractions.jsonl", '{"id": 3}'),
        ("entities.jsonl", '{"id": "x"}'),
        ("manifest.json", "[]"),
        ("merges.tsv", "score\nabc"),
    ],
)
def test_damaged_build_is_named(tmp_path, file, text):
    """A broken file is an error of ours, and no traceback."""
    for name in ("extractions.jsonl", "entities.jsonl", "merges.tsv"):
        (tmp_path / name).write_text("")
    (tmp_path / "manifest.json").write_text('{"version": "1", "inputs": []}')
    (tmp_path / file).write_text(text)
    with pytest.raises(GraphError, match="damaged"):
        KnowledgeGraph.load(tmp_path)
