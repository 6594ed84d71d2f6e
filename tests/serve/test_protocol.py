"""The endpoint as clients of SPARQL 1.1 and of HTTP see it."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET

import httpx
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper
from starlette.datastructures import Headers

from paperkg.graph import KnowledgeGraph
from paperkg.serve.protocol import accepted

# rdflib warns of what it does itself
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")

ALL = "SELECT ?p ?x { ?p pkg:introduces ?x } ORDER BY ?p ?x"


@pytest.fixture(scope="module")
def graph(built):
    return KnowledgeGraph.load(built)


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as one:
        yield one


def ask(client, sparql, accept="application/sparql-results+json", **params):
    return client.get("/sparql", params={"query": sparql, **params}, headers={"Accept": accept})


def rows(response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return [{k: v["value"] for k, v in row.items()} for row in response.json()["results"]["bindings"]]


# -- ways to ask


def test_three_ways_to_ask_give_the_same_answer(client, graph):
    get = ask(client, ALL)
    form = client.post("/sparql", data={"query": ALL})
    direct = client.post("/sparql", content=ALL, headers={"Content-Type": "application/sparql-query"})
    assert get.json() == form.json() == direct.json()
    introduced = {
        (x.paper.id, e.id) for x in graph.extractions.values() for e in x.entities if e.role == "introduced"
    }
    assert len(rows(get)) == len(introduced) > 20


@pytest.mark.parametrize("format", [JSON, XML, CSV])
@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_tables(server, format, method):
    wrapper = SPARQLWrapper(f"{server.url}/sparql", returnFormat=format)
    wrapper.setMethod(method)
    wrapper.setQuery(f"PREFIX pkg: <https://w3id.org/paperkg/ontology#> {ALL} LIMIT 3")
    found = wrapper.query().convert()
    if format == JSON:
        assert len(found["results"]["bindings"]) == 3
    elif format == XML:
        assert len(found.getElementsByTagName("result")) == 3
    else:
        assert len(list(csv.reader(io.StringIO(found.decode())))) == 4


def test_sparqlwrapper_reads_graphs(server):
    wrapper = SPARQLWrapper(f"{server.url}/sparql", returnFormat=TURTLE)
    wrapper.setQuery("CONSTRUCT { ?p pkg:uses ?x } WHERE { ?p pkg:uses ?x } LIMIT 7")
    parsed = rdflib.Graph().parse(data=wrapper.query().convert(), format="turtle")
    assert len(parsed) == 7


def test_rdflib_works_on_the_endpoint_as_on_a_store(server, graph):
    remote = rdflib.Graph(SPARQLStore(f"{server.url}/sparql"))
    pkg = rdflib.Namespace("https://w3id.org/paperkg/ontology#")
    assert len(set(remote.subjects(rdflib.RDF.type, pkg.Paper))) == len(graph.papers)


# -- formats


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/sparql-results+json"),
        ("", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/html, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("application/sparql-results+json;q=0.2, text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_the_wanted_format_comes(client, accept, kind):
    response = ask(client, f"{ALL} LIMIT 2", accept)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("application/trig", "trig"),
        ("application/n-quads", "nquads"),
    ],
)
def test_graphs_come_in_every_format(client, accept, format):
    construct = "CONSTRUCT { ?p dcterms:title ?t } WHERE { ?p a pkg:Paper ; dcterms:title ?t } LIMIT 5"
    response = ask(client, construct, accept)
    assert response.headers["content-type"].startswith(accept)
    assert len(list(rdflib.Dataset().parse(data=response.content, format=format).quads())) == 5


def test_what_cannot_be_had_is_refused_with_what_can(client):
    response = ask(client, ALL, "image/png")
    assert response.status_code == 406
    assert "text/csv" in response.text


def test_ask_and_terms_of_every_kind(client):
    assert ask(client, "ASK { ?p a pkg:Paper }").json()["boolean"] is True
    terms = 'SELECT * { VALUES (?a ?b ?c ?d) { (<x:y> "a"@en 1.5 "q\\"\\n") } BIND(BNODE() AS ?e) }'
    found = ask(client, terms).json()["results"]["bindings"][0]
    assert found["a"] == {"type": "uri", "value": "x:y"}
    assert found["b"] == {"type": "literal", "value": "a", "xml:lang": "en"}
    assert found["c"]["datatype"].endswith("#decimal")
    assert found["d"] == {"type": "literal", "value": 'q"\n'}
    assert found["e"]["type"] == "bnode"
    parsed = ET.fromstring(ask(client, terms, "application/sparql-results+xml").content)
    assert parsed.find(".//{*}literal[@datatype]").text == "1.5"


def test_an_answer_with_too_many_rows_is_cut_and_says_so(built):
    from tests.serve.conftest import serving

    with serving(built, "--max-rows", "5") as small:
        for query in ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
            response = httpx.get(f"{small.url}/sparql", params={"query": query})
            assert (response.headers["x-paperkg-rows"], response.headers["x-paperkg-cut"]) == ("5", "true")
        whole = httpx.get(f"{small.url}/sparql", params={"query": f"{ALL} LIMIT 5"})
        assert "x-paperkg-cut" not in whole.headers


# -- datasets


def test_the_default_graph_is_the_union_unless_the_protocol_names_another(client, graph):
    one = sorted(graph.papers)[0]
    name = f"https://w3id.org/paperkg/graph/{one}"
    count = "SELECT (COUNT(*) AS ?n) { ?p a pkg:Paper }"
    assert rows(ask(client, count)) == [{"n": str(len(graph.papers))}]
    assert rows(ask(client, count, **{"default-graph-uri": name})) == [{"n": "1"}]
    assert rows(ask(client, count, **{"default-graph-uri": "http://nowhere.example/"})) == [{"n": "0"}]
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?p a pkg:Paper } }"
    assert rows(ask(client, named, **{"named-graph-uri": name})) == [{"g": name}]
    # What the protocol names stands above what the query names.
    assert rows(
        ask(client, "SELECT (COUNT(*) AS ?n) FROM <x:y> { ?p a pkg:Paper }", **{"default-graph-uri": name})
    ) == [{"n": "1"}]
    assert ask(client, count, **{"default-graph-uri": "no iri"}).status_code == 400


def test_the_service_describes_itself(client):
    response = client.get("/sparql", headers={"Accept": "application/ld+json"})
    parsed = rdflib.Graph().parse(data=response.content, format="json-ld")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = parsed.value(predicate=rdflib.RDF.type, object=sd.Service)
    assert str(parsed.value(service, sd.endpoint)).endswith("/sparql")
    assert sd.SPARQL11Query in parsed.objects(service, sd.supportedLanguage)


# -- mistakes


@pytest.mark.parametrize(
    ("request_", "status", "text"),
    [
        ({"params": {"query": "SELECT * {"}}, 400, "line 1, column 11"),
        ({"params": [("query", ALL), ("query", ALL)]}, 400, "give one query"),
        ({"params": {"default-graph-uri": "x:y"}}, 400, "give a query"),
        ({"params": {"query": " \n"}}, 400, "give a query"),
        ({"method": "POST", "data": {"update": "DELETE WHERE { ?s ?p ?o }"}}, 403, "read-only"),
        (
            {
                "method": "POST",
                "content": "CLEAR ALL",
                "headers": {"Content-Type": "application/sparql-update"},
            },
            403,
            "read-only",
        ),
        ({"params": {"query": "INSERT DATA { <a:b> <a:b> <a:b> }"}}, 400, "INSERT is refused"),
        (
            {"params": {"query": "SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }"}},
            400,
            "SERVICE is refused",
        ),
        ({"method": "POST", "content": ALL, "headers": {"Content-Type": "text/plain"}}, 415, "POST takes"),
        (
            {"method": "POST", "content": b"\xff", "headers": {"Content-Type": "application/sparql-query"}},
            400,
            "no UTF-8",
        ),
        ({"method": "PUT", "content": ALL}, 405, "Not Allowed"),
    ],
)
def test_mistakes_are_answered_in_one_line(client, request_, status, text):
    response = client.request(request_.pop("method", "GET"), "/sparql", **request_)
    assert response.status_code == status
    assert text in response.text
    assert "Traceback" not in response.text
    assert response.text.count("\n") <= 1


def test_accept_headers_are_read_as_http_says(client):
    assert accepted(Headers({"accept": "text/csv;q=0, application/json;q=x, text/turtle"})) == {
        "accept": ("text/turtle",),
        "refused": ("text/csv",),
    }
    assert accepted(Headers({"accept": " , ;q=1"})) == {"accept": (), "refused": ()}
    two = [("Accept", "image/png"), ("Accept", "text/csv")]
    response = client.get("/sparql", params={"query": ALL}, headers=two)
    assert response.headers["content-type"].startswith("text/csv")
    other = ask(client, ALL, "application/sparql-results+json;q=0, */*").headers["content-type"]
    assert other == "application/sparql-results+xml"


def test_other_methods_are_told_which_there_are(client):
    refused = client.delete("/sparql")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, HEAD, POST"


def test_head_is_get_without_the_body(client):
    head = client.head("/sparql", params={"query": ALL})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(ask(client, ALL, "*/*").content))


def test_xml_is_well_formed_whatever_the_literals_hold(client):
    query = r'SELECT ("a\u0001b\uFFFF" AS ?x) {}'
    ET.fromstring(ask(client, query, "application/sparql-results+xml").content)
    construct = r'CONSTRUCT { <x:a> <x:b> "a\u0001b" } WHERE {}'
    ET.fromstring(ask(client, construct, "application/rdf+xml").content)
    nameless = "CONSTRUCT { <http://x/a> <http://x/1> 'b' } WHERE {}"
    assert ask(client, nameless, "application/rdf+xml").status_code == 406
    assert ask(client, nameless, "text/turtle").status_code == 200


# -- the JSON API


def test_lists_can_be_filtered_and_paged(client, graph):
    first = client.get("/api/entities", params={"type": "Hardware", "limit": 2}).json()
    second = client.get("/api/entities", params={"type": "Hardware", "limit": 2, "offset": 2}).json()
    assert first["total"] == graph.stats()["entities_by_type"]["Hardware"]
    assert len({one["id"] for one in first["items"] + second["items"]}) == 4
    assert first["items"][0]["papers"] >= first["items"][1]["papers"]
    refused = client.get("/api/entities", params={"type": "Nothing" * 100})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["query", "type"])
    assert "NothingNothing" not in refused.text
    named = client.get("/api/entities", params={"q": "gpu"}).json()["items"]
    assert "hardware/gpu" in {one["id"] for one in named}
    assert client.get("/api/papers").json()["total"] == len(graph.papers)
    claims = client.get("/api/claims", params={"metric": "throughput", "limit": 1000}).json()
    assert claims["total"] == sum(c.claim.metric == "throughput" for c in graph.claims) > 0
    one = claims["items"][0]
    assert one["value"] in one["sentence"]


def test_claims_are_found_by_names_and_by_ids(client, graph):
    one = next(c for c in graph.claims if c.baselines and c.subject)
    rival, subject = graph.concepts[one.baselines[0]], graph.concepts[one.subject]
    for name in (rival.id, rival.name, rival.name.upper()):
        found = client.get("/api/claims", params={"baseline": name, "limit": 1000}).json()["items"]
        assert one.id in {line["id"] for line in found}
        assert all(rival.id in line["baselines"] for line in found)
    found = client.get("/api/claims", params={"subject": subject.name, "limit": 1000}).json()["items"]
    assert one.id in {line["id"] for line in found}
    missing = client.get("/api/claims", params={"baseline": "no such thing"})
    assert (missing.status_code, "'no such thing'" in missing.text) == (404, True)
    assert client.get("/api/claims", params={"metric": "speed of light"}).status_code == 404


def test_cards_search_and_ways(client, graph):
    entity = next(
        c for c in graph.concepts.values() if any(r == "introduced" for _, r in graph.papers_of[c.id])
    )
    card = client.get(f"/api/entities/{entity.id}").json()
    assert (card["name"], card["papers"][0]["role"]) == (entity.name, "introduced")
    paper = client.get(f"/api/papers/{card['papers'][0]['paper']}").json()
    assert entity.name in paper["entities"]["introduced"]
    hits = client.get("/api/search", params={"q": entity.name}).json()
    assert hits[0]["id"] == entity.id
    found = client.get("/api/retrieve", params={"q": f"What does {entity.name} do?", "limit": 1}).json()
    assert {"id": entity.id, "name": entity.name} in found["names"]
    assert found["papers"][0]["id"] in found["prompt"]
    assert client.get("/api/retrieve", params={"q": "?!"}).status_code == 400
    gpu = client.get("/api/path", params={"start": entity.id, "end": "hardware/gpu"})
    assert gpu.status_code == 200
    for missing in (
        "/api/entities/system/none",
        "/api/papers/none",
        "/api/queries/none",
        "/api/path?start=zzzz&end=GPU",
    ):
        assert client.get(missing).status_code == 404, missing


def test_named_queries_run_with_parameters(client):
    listed = {one["name"]: one for one in client.get("/api/queries").json()}
    for name, one in listed.items():
        response = client.get(f"/api/queries/{name}", headers={"Accept": "text/csv"})
        assert response.text.splitlines()[0].split(",") == list(one["columns"]), name
    hostile = '" } } #'
    response = client.get("/api/queries/claims-against", params={"baseline": hostile})
    assert response.json()["results"]["bindings"] == []
    assert client.get("/api/queries/claims-against", params={"x": "y"}).status_code == 400


def test_health_metrics_and_description(client):
    assert client.get("/health").json()["status"] == "ok"
    ask(client, ALL)
    figures = client.get("/metrics").text
    assert 'paperkg_requests_total{method="GET",route="/sparql",status="200"}' in figures
    assert set(json.loads(client.get("/openapi.json").text)["paths"]) >= {"/sparql", "/api/search", "/health"}
