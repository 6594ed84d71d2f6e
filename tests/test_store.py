"""The store: loaded once, read-only then, and deaf to the network."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import rdflib

from paperkg.errors import GraphError, QueryError
from paperkg.export.rdf import quads
from paperkg.results import FORMATS, cell, columns
from paperkg.sparql import keywords, unknown_terms, without_service
from paperkg.store import build_store, open_store, query, write_results
from tests.graphs import HOSTILE, HOSTILE_IDS, small_graph


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("build") / "store"
    build_store(small_graph(paper_ids=HOSTILE_IDS), path)
    return path


@pytest.fixture(scope="module")
def store(folder):
    return open_store(folder)


def rows(results) -> list[list[str | None]]:
    names = [variable.value for variable in results.variables]
    return [[row[name].value if row[name] else None for name in names] for row in results]


def output(results, format, **options) -> str:
    stream = io.BytesIO()
    write_results(results, format, stream, **options)
    return stream.getvalue().decode()


# -- building and opening


def test_a_store_holds_exactly_the_quads_of_the_graph(store):
    assert set(store) == set(quads(small_graph(paper_ids=HOSTILE_IDS)))


def test_a_store_is_made_of_quads_too(tmp_path):
    graph = small_graph()
    assert build_store(quads(graph), tmp_path / "a") == build_store(graph, tmp_path / "b")


def test_a_store_is_never_made_over_something(tmp_path):
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(GraphError, match="not empty"):
        build_store(small_graph(), tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "x"


def test_an_opened_store_cannot_be_written(store):
    size = len(store)
    quad = next(quads(small_graph()))
    with pytest.raises(RuntimeError):
        store.remove(quad)
    with pytest.raises(RuntimeError):
        store.update("CLEAR ALL")
    assert len(store) == size


def test_two_readers_open_one_store(folder):
    first, second = open_store(folder), open_store(folder)
    assert len(first) == len(second) > 0


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_what_is_no_store_is_said_to_be_none(tmp_path, make):
    place = tmp_path / "store"
    make(place)
    with pytest.raises(GraphError, match="paperkg build"):
        open_store(place)


# -- querying


def test_prefixes_need_no_declaration_and_graphs_are_united(store):
    found = rows(query(store, "SELECT ?n { paper:2401.00001 pkg:introduces/skos:prefLabel ?n } ORDER BY ?n"))
    assert found == [["FastServe"], ["window paging"]]


def test_prefixes_follow_the_base(tmp_path):
    base = "https://example.org/kg/"
    build_store(small_graph(), tmp_path / "store", base=base)
    asked = "ASK { system:fastserve a pkg:System }"
    assert query(open_store(tmp_path / "store"), asked, base=base)


def test_a_prefix_that_the_query_declares_counts(store):
    assert not query(store, "PREFIX paper: <http://a/> ASK { paper:2401.00001 ?p ?o }")


def test_named_graphs_can_be_asked_by_graph_and_by_from(store):
    pattern = "{ system:fastserve pkg:outperforms system:baseserve }"
    assert query(store, f"ASK {{ GRAPH graph:2401.00001 {pattern} }}")
    assert query(store, f"ASK FROM graph:2401.00001 {pattern}")
    assert not query(store, f"ASK FROM graph:2401.00002 {pattern}")


def test_the_three_kinds_of_answers(store):
    assert query(store, "ASK { ?p a pkg:Paper }")
    assert len(list(query(store, "DESCRIBE system:fastserve"))) > 3
    triples = list(query(store, "CONSTRUCT { ?a pkg:uses ?b } WHERE { ?a pkg:basedOn ?b }"))
    assert {t.predicate.value.rpartition("#")[2] for t in triples} == {"uses"}


@pytest.mark.parametrize(
    ("sparql", "message"),
    [
        ("SELECT *\nWHERE  ?s", r"^line 2, column 8: "),
        ("SELECT *\nWHERE { ?s foo:bar ?o }", r"^line 2, column 12: prefix foo: is not declared$"),
        ("ASK { 'service' foo:bar ?o }", r"^line 1, column 17: prefix foo: is not declared$"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", r"^line 1, column 1: INSERT is refused: a build is read-only$"),
        ("# a\nPREFIX a: <b:>\n drop all", r"^line 3, column 2: DROP is refused"),
        ("ASK { ?s ?p ?o", r"^line 1, column 15: "),
        (" \n", r"^the query is empty$"),
        ("ASK { ?s <a b> ?o }", r"^line 1, column "),
    ],
)
def test_mistakes_are_told_with_their_place(store, sparql, message):
    with pytest.raises(QueryError, match=message) as error:
        query(store, sparql)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 260


@pytest.mark.parametrize(
    ("term", "near"), [("introduce", "introduces"), ("evaluatedon", "evaluatedOn"), ("Papr", "Paper")]
)
def test_an_unknown_term_is_told_with_the_nearest(store, term, near):
    with pytest.raises(
        QueryError, match=rf"line 1, column 12: there is no pkg:{term}; did you mean pkg:{near}\?"
    ):
        query(store, f"ASK {{ ?a a pkg:{term} }}" if term == "Papr" else f"ASK {{ ?a   pkg:{term} ?b }}")


def test_unknown_terms_find_nothing_where_the_standard_asks_for_that(store):
    assert not query(store, "ASK { ?a pkg:introduce ?b }", strict=False)


def test_terms_of_a_prefix_that_the_query_declares_are_its_own_affair():
    assert unknown_terms("PREFIX pkg: <http://a/> ASK { ?a pkg:nonsense ?b }") == []
    assert unknown_terms("ASK { ?a ?p 'pkg:nonsense' } # pkg:nonsense") == []


# -- the network


@pytest.fixture
def listener():
    """Listen on a port, and note each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[object] = []

        def accept() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                connections.append(address)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], connections
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


#: Some are plain, some look to a simple reader as if SERVICE stood in a text, a name or a comment.
ATTACKS = [
    "SELECT * { SERVICE <E> { ?s ?p ?o } }",
    "SELECT * { service silent <E> { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<E>{ ?s ?p ?o } }",
    "ASK { ?s ?p ?o FILTER EXISTS { SERVICE <E> { ?s ?p ?o } } }",
    "ASK { { SELECT * { SERVICE <E> { ?s ?p ?o } } } }",
    "ASK { ?s ?p ?o.SERVICE <E> { ?s ?p ?o } }",
    "ASK { ?s ?p ?o FILTER(true)SERVICESILENT<E>{ ?s ?p ?z } }",
    "ASK { ?s ?p ?o LATERAL { SERVICE <E> { ?s ?p ?z } } }",
    # To the parser, "<2#>" is "less than 2" and a comment; a simple reader sees an IRI, then a string.
    "ASK { ?s ?p ?o BIND(1 AS ?a) FILTER(?a<2#>'''\n)SERVICE <E>{ ?x ?y ?z } #'''\n }",
    "ASK { ?s ?p ?o BIND('a' AS ?a) FILTER(?a<'x>')SERVICE <E>{ ?x ?y ?z } FILTER(?a='a') }",
    "ASK { VALUES ?e { <E> } ?s ?p ?o FILTER(1<2)SERVICE?e#>\n{ ?x ?y ?z } }",
    "ASK { ?s a pkg:Paper.SERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s ?p system:a.b.SERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s ?p system:.SERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s pkg:uses?SERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s pkg:uses? trueSERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s ?p ?o . \\u0053ERVICE <E> { ?x ?y ?z } }",
    "ASK { ?s ?p 'a\\u0027 . SERVICE <E> { ?x ?y ?z } #' }",
    "SELECT * FROM <E> { ?s ?p ?o } LIMIT 1",
    "SELECT * FROM NAMED <E> { GRAPH ?g { ?s ?p ?o } } LIMIT 1",
    "LOAD <E>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_query_opens_a_connection(store, listener, attack):
    """A socket that really listens hears nothing, however the clause is hidden."""
    port, connections = listener
    try:
        results = query(store, attack.replace("<E>", f"<http://127.0.0.1:{port}/>"), strict=False)
        if not hasattr(results, "variables"):
            bool(results)
        else:
            list(results)
    except QueryError:
        pass
    with socket.create_connection(("127.0.0.1", port), timeout=5) as own:
        mine = own.getsockname()
        own.recv(1)
    assert connections == [mine]


def test_the_test_would_hear_a_connection(store, listener):
    """Without the guard the same query does connect: the test above is worth something."""
    port, connections = listener
    with pytest.raises(OSError, match=r"."):
        list(store.query(f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"))
    assert connections


def test_service_is_refused_in_words(store):
    with pytest.raises(
        QueryError, match="line 2, column 3: SERVICE is refused: queries never use the network"
    ):
        query(store, "SELECT * {\n  SERVICE <http://a/> { ?s ?p ?o } }")


def test_the_word_service_is_no_crime(store):
    asked = (
        "PREFIX a: <http://a/service#>\n# SERVICE <http://a/>\n"
        'SELECT ?service { BIND(\'a "SERVICE" <b>\' AS ?service) FILTER(?service != """service \' """) '
        "FILTER NOT EXISTS { ?x a:service <http://a/service> } }"
    )
    assert rows(query(store, asked)) == [['a "SERVICE" <b>']]


def test_escaping_changes_no_text_of_a_query():
    assert without_service("ASK { ?s ?p 'a' }") == "ASK { ?s ?p 'a' }"
    assert [word for word, _ in keywords("ASK { ?service a:from 'FROM' } # FROM")] == ["ASK"]


# -- results

HOSTILE_ROW = "SELECT ?s ?name { ?s skos:prefLabel ?name FILTER(?s = system:hostile) }"


def test_a_table_is_aligned_and_harmless(store):
    """IRIs are short, and nothing in a cell moves the cursor or turns the direction of text."""
    text = output(query(store, HOSTILE_ROW), "table")
    assert text.split("\n") == [
        "s               name",
        "--------------  --------------------------------",
        "system:hostile  A\"<b>'\\ \\u202e{x}\\x01\\n</script>",
        "",
    ]


def test_a_table_without_rows_has_its_header(store):
    assert (
        output(query(store, "SELECT ?a ?b { ?a pkg:partOf ?b . ?b a pkg:Paper }"), "table") == "a  b\n-  -\n"
    )


def test_long_and_wide_cells_are_cut_and_aligned():
    lines = columns([["x" * 500, "1"], ["\u4e2d\u6587", "10"]], ["name", "n"])
    assert all(len(line) <= 104 for line in lines)
    assert lines[3].endswith("10")
    assert lines[2].index(" 1") + 1 == 103
    assert cell(None, {}) == ""


@pytest.mark.parametrize("format", [f for f in FORMATS if f not in ("ttl", "nt", "table")])
def test_rows_come_back_from_every_standard_format(store, format):
    text = output(query(store, HOSTILE_ROW), format)
    name = HOSTILE.replace("\x01", "\ufffd") if format == "xml" else HOSTILE
    if format == "json":
        assert json.loads(text)["results"]["bindings"][0]["name"]["value"] == name
    elif format == "xml":
        assert [e.text for e in ET.fromstring(text).iter() if e.tag.endswith("}literal")] == [name]
    elif format == "csv":
        assert list(csv.reader(io.StringIO(text, newline="")))[1][1] == name
    else:
        assert rdflib.util.from_n3(text.split("\n")[1].split("\t")[1]) == rdflib.Literal(name)


@pytest.mark.parametrize("format", ["ttl", "nt", "table"])
def test_triples_come_back_from_every_rdf_format(store, format):
    text = output(query(store, "CONSTRUCT { ?s skos:prefLabel ?n } WHERE { ?s skos:prefLabel ?n }"), format)
    graph = rdflib.Graph().parse(data=text, format="nt" if format == "nt" else "turtle")
    assert rdflib.Literal(HOSTILE) in set(graph.objects())
    assert len(graph) == len(small_graph().concepts) + 13


def test_yes_or_no(store):
    assert output(query(store, "ASK { ?a pkg:uses ?b }"), "table") == "true\n"
    assert json.loads(output(query(store, "ASK { ?a pkg:uses ?b }"), "json"))["boolean"] is True


@pytest.mark.parametrize(
    ("sparql", "format", "message"),
    [
        ("ASK { ?s ?p ?o }", "ttl", "needs CONSTRUCT or DESCRIBE"),
        ("SELECT * { ?s ?p ?o }", "nt", "needs CONSTRUCT or DESCRIBE"),
        ("DESCRIBE system:fastserve", "csv", "needs SELECT or ASK"),
        ("ASK { ?s ?p ?o }", "yaml", "choose one of: table, csv"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(store, sparql, format, message):
    with pytest.raises(QueryError, match=message):
        output(query(store, sparql), format)


def test_the_store_folder_may_be_read_only(folder, tmp_path):
    """A build may lie where the reader must not write."""
    names = sorted(path.name for path in Path(folder).iterdir())
    assert len(open_store(folder)) > 0
    assert sorted(path.name for path in Path(folder).iterdir()) == names
