"""Named queries: their headers are true, and parameters are values and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperkg.errors import QueryError
from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept
from paperkg.queries import list_queries, load_query, queries_dir, run_query, unknown_names
from paperkg.store import build_store, open_store, query
from tests.graphs import HOSTILE, small_graph

NAMES = [q.name for q in list_queries()]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("build") / "store"
    build_store(small_graph(), path)
    return open_store(path)


def found(results, *names) -> list[tuple[str | None, ...]]:
    return [tuple(row[name].value if row[name] else None for name in names) for row in results]


@pytest.mark.parametrize("name", NAMES)
def test_headers_are_true(store, name):
    """The columns are those of the query, and the defaults are those that it runs on as it stands."""
    named = load_query(name)
    assert named.title
    assert named.description.endswith(".")
    assert tuple(v.value for v in query(store, named.sparql).variables) == named.columns
    assert named.bind({p.name: p.default for p in named.parameters}) == named.sparql


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_a_total_order(name):
    """Two runs print the same: every query sorts."""
    assert "ORDER BY" in load_query(name).sparql


def test_there_are_the_promised_ones():
    assert {
        "systems-on-hardware",
        "top-techniques",
        "claims-against",
        "compared-with",
        "runs-on",
        "built-on",
        "papers-of",
        "evidence",
    } <= set(NAMES)


@pytest.mark.parametrize("hardware", ["NVIDIA A100", "nvidia a100", "A100", "a100 gpu"])
def test_systems_on_hardware_by_any_name_and_variant(store, hardware):
    rows = run_query(store, "systems-on-hardware", {"hardware": hardware})
    assert found(rows, "name", "hardware_name") == [
        ("BaseServe", "NVIDIA A100 80GB"),
        ("FastServe", "NVIDIA A100"),
    ]


def test_top_techniques(store):
    rows = run_query(store, "top-techniques")
    assert found(rows, "name", "papers", "introduced_by") == [
        ("KV cache", "3", "0"),
        ("window paging", "1", "1"),
    ]


def test_claims_against(store):
    rows = run_query(store, "claims-against", {"baseline": "baseserve"})
    assert found(rows, "subject", "metric", "qualifier", "value", "unit", "paper") == [
        ("FastServe", "speedup", "up to", "2.5", "times", "https://w3id.org/paperkg/paper/2401.00001")
    ]


def test_compared_with(store):
    rows = run_query(store, "compared-with", {"entity": "BaseServe"})
    assert found(rows, "name", "type") == [("FastServe", "System"), ("window paging", "Technique")]


def test_things_of_one_name_are_counted_apart(tmp_path):
    """Two things are called BaseServe: what goes with each is a row of its own, and not a sum."""
    graph = small_graph()
    one = graph.extractions["2401.00001"]
    entities = tuple(replace(e, id="system/twin") if e.name == "BaseServe" else e for e in one.entities)
    other = replace(one, paper=replace(one.paper, id="other"), entities=entities)
    concepts = [*graph.concepts.values(), Concept(id="system/twin", type="System", name="BaseServe")]
    build_store(KnowledgeGraph([*graph.extractions.values(), other], concepts), tmp_path / "store")
    rows = run_query(open_store(tmp_path / "store"), "goes-with", {"entity": "baseserve"})
    counts = {(thing[-9:], name): papers for thing, name, papers in found(rows, "thing", "name", "papers")}
    assert counts["baseserve", "FastServe"] == "2"
    assert counts["stem/twin", "FastServe"] == "1"


def test_runs_on(store):
    rows = run_query(store, "runs-on", {"entity": "FastServe++"})
    assert found(rows, "name", "papers") == [("GPU", "1"), ("NVIDIA A100", "1")]


def test_runs_on_leaves_out_hardware_of_those_who_only_compare(store):
    rows = run_query(store, "runs-on", {"entity": "BaseServe"})
    assert found(rows, "name", "papers") == [("NVIDIA A100 80GB", "1")]


def test_built_on_follows_the_whole_way(store):
    """But not into the parts of what is built on it: those are no more built on it than on anything else."""
    rows = run_query(store, "built-on", {"entity": "BaseServe"})
    assert found(rows, "name", "relation", "nearest") == [("FastServe", "basedOn", "BaseServe")]
    rows = run_query(store, "built-on", {"entity": "FastServe"})
    assert found(rows, "name", "relation", "nearest") == [("window paging", "partOf", "FastServe")]


def test_papers_of_tells_the_role(store):
    rows = run_query(store, "papers-of", {"entity": "FastServe"})
    assert [(paper[-5:], role) for paper, role in found(rows, "paper", "role")] == [
        ("00001", "introduces"),
        ("00002", "compares with"),
    ]


def test_evidence_quotes_the_text(store):
    rows = found(run_query(store, "evidence", {"entity": "MMLU"}), "text", "before", "role", "confidence")
    assert rows == [
        ("MMLU", "study of KV caching\nWe compare FastServe with BaseServe on "[-40:], "evaluated_on", "0.9")
    ]


def test_outperforms(store):
    assert found(run_query(store, "outperforms"), "winner", "loser", "papers") == [
        ("FastServe", "BaseServe", "1")
    ]


def test_a_leaderboard_ranks_the_numbers_of_one_metric_against_one_baseline(store):
    rows = run_query(store, "leaderboard", {"metric": "Speedup", "baseline": "baseserve"})
    assert found(rows, "name", "value", "unit") == [("FastServe", "2.5", "times")]
    assert found(run_query(store, "leaderboard", {"metric": "none", "baseline": "BaseServe"}), "name") == []


def test_results_of_give_what_was_measured_against(store):
    rows = run_query(store, "results-of", {"entity": "fastserve++"})
    assert ("speedup", "2.5", "BaseServe") in found(rows, "metric", "value", "against")


def test_the_largest_speedup_counts_though_nobody_says_of_what(tmp_path):
    graph = small_graph()
    first = graph.extractions["2401.00001"]
    unnamed = replace(first.claims[0], subject="", value="99")
    changed = replace(first, claims=(*first.claims, unnamed))
    others = [e for e in graph.extractions.values() if e is not first]
    build_store(KnowledgeGraph([changed, *others], graph.concepts.values()), tmp_path / "store")
    rows = found(run_query(open_store(tmp_path / "store"), "largest-speedups"), "value", "name")
    assert rows[0] == ("99", None)


def test_a_paper_that_contradicts_itself_is_no_contradiction_of_papers(tmp_path):
    """Two papers that say the opposite are one; a single paper that says both is none."""
    graph = small_graph()
    one = graph.extractions["2401.00001"]
    rest = [extraction for extraction in graph.extractions.values() if extraction is not one]
    back = replace(one.claims[0], subject="BaseServe", baselines=("FastServe",))
    alone = replace(one, claims=(one.claims[0], back))
    other = replace(one, paper=replace(one.paper, id="other"), claims=(back,))
    for name, papers, expected in (("a", [alone], 0), ("b", [one, other], 1)):
        build_store(KnowledgeGraph([*papers, *rest], graph.concepts.values()), tmp_path / name)
        rows = found(run_query(open_store(tmp_path / name), "contradictions"), "one_name", "other_name")
        assert rows == [("BaseServe", "FastServe")] * expected


@pytest.mark.parametrize("name", ["introduced", "evaluated-on"])
def test_a_type_that_does_not_exist_finds_nothing(store, name):
    for wrong in ("a b", "<>", "", "Nothing"):
        assert found(run_query(store, name, {"type": wrong}), "name") == []
    kinds = {"introduced": ("system", "FastServe"), "evaluated-on": ("MODEL", "LLaMA-3-70B")}
    kind, thing = kinds[name]
    assert thing in {row[0] for row in found(run_query(store, name, {"type": kind}), "name")}


def test_never_compared_with(store):
    """FastServe is compared with by another paper, BaseServe is introduced by none."""
    assert "FastServe" not in {row[0] for row in found(run_query(store, "never-compared"), "name")}


def test_suspected_duplicates_share_a_name_in_any_case(tmp_path):
    graph = small_graph()
    twin = Concept(id="technique/fastserve", type="Technique", name="FASTSERVE")
    build_store(
        KnowledgeGraph(graph.extractions.values(), [*graph.concepts.values(), twin]), tmp_path / "store"
    )
    rows = run_query(open_store(tmp_path / "store"), "suspected-duplicates")
    assert [(label, set(things.split())) for label, things in found(rows, "label", "things")] == [
        ("fastserve", {"system/fastserve", "technique/fastserve"})
    ]


def test_provenance_leads_to_the_listing_and_the_run(store):
    rows = found(run_query(store, "provenance", {"paper": "2401.00001"}), "listed_in", "position", "graph")
    assert [(file, at) for file, at, _ in rows] == [("001_a.txt", "1"), ("002_b.txt", "7")]
    assert all(graph.endswith("graph/2401.00001") for _, _, graph in rows)


def test_variants_and_kinds_are_found_below_their_family(store):
    assert found(run_query(store, "variants", {"family": "llama-3"}), "name") == [("LLaMA-3-70B",)]
    kinds = {row[0] for row in found(run_query(store, "kinds-of", {"concept": "GPU"}), "name")}
    assert kinds == {"NVIDIA A100", "NVIDIA A100 80GB"}


def test_a_hostile_name_is_found_as_it_is(store):
    rows = found(run_query(store, "papers-of", {"entity": HOSTILE}), "role")
    assert rows == [("uses",), ("uses",)]


@pytest.mark.parametrize(
    "value",
    [
        '" } SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } VALUES ?entity { "',
        '" } ?thing ?any ?thing2 . VALUES ?x { "',
        "\\",
        '\\" }',
        '"""',
        "\n}\r",
        "\\u0022 } #",
        "\\g<1> \\1",
        "$1",
        "",
    ],
)
def test_a_value_is_never_sparql(store, value):
    """What looks like the end of the text and more of a query finds nothing, because nothing is called so."""
    assert found(run_query(store, "papers-of", {"entity": value}), "paper") == []


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_value_arrives_as_it_was_given(store, value):
    bound = load_query("papers-of").bind({"entity": value})
    block = next(line for line in bound.split("\n") if "VALUES ?entity" in line)
    assert found(query(store, f"SELECT ?entity {{ {block} }}"), "entity") == [(value,)]


def test_half_a_surrogate_pair_is_refused(store):
    with pytest.raises(QueryError, match="no text"):
        run_query(store, "papers-of", {"entity": "\ud800"})


def test_a_name_that_nothing_has_is_noticed(store):
    """Any name counts, whatever its case; numbers and words that are no names of things do not."""
    named = load_query("claims-against")
    for known in ("BaseServe", "baseserve", HOSTILE):
        assert unknown_names(store, named, {"baseline": known}) == []
    assert unknown_names(store, named, {"baseline": "BaseSurve"}) == ["BaseSurve"]
    assert unknown_names(store, load_query("unsure"), {"below": "0.3"}) == []


def test_mistakes_say_what_there_is(store):
    with pytest.raises(QueryError, match="did you mean top-techniques"):
        load_query("top-technique")
    with pytest.raises(QueryError, match="it takes entity"):
        run_query(store, "papers-of", {"name": "x"})
    with pytest.raises(QueryError, match="it takes none"):
        run_query(store, "top-techniques", {"name": "x"})


@pytest.mark.parametrize("name", ["../paperkg", "/etc/passwd", "top-techniques.rq", "", "a\x00b", "x" * 300])
def test_names_do_not_lead_out_of_the_folder(name):
    with pytest.raises(QueryError, match="no query named"):
        load_query(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# title: a\n# description: b.\nASK {}", "lacks `# columns:`"),
        (
            "# title: a\n# description: b.\n# columns: c\n# param: x\nASK {}",
            "`# param: name - text - default`",
        ),
    ],
)
def test_a_header_that_lacks_something_is_refused(tmp_path, text, message):
    (tmp_path / "bad.rq").write_text(text)
    with pytest.raises(QueryError, match=message):
        load_query("bad", folder=tmp_path)


def test_a_parameter_without_its_place_is_refused(tmp_path):
    text = "# title: a\n# description: b.\n# columns: c\n# param: x - an x - y\nSELECT ?c { ?c ?p ?x }"
    (tmp_path / "bad.rq").write_text(text)
    with pytest.raises(QueryError, match=r"needs one line VALUES \?x"):
        load_query("bad", folder=tmp_path).bind({"x": "1"})


def test_queries_ship_as_files():
    assert sorted(path.stem for path in queries_dir().iterdir()) == NAMES
