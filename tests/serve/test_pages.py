"""The explorer over HTTP: every page, JSON and RDF at the same address, nothing inline, nothing lost."""

from __future__ import annotations

import json
import re

import httpx
import pytest
import rdflib
from pyoxigraph import RdfFormat, Store

from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import BASE, ONTOLOGY, VOCABULARIES, concept_local, mention_local, paper_local

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def graph(built):
    return KnowledgeGraph.load(built)


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, timeout=30, headers=BROWSER) as one:
        yield one


@pytest.fixture(scope="module")
def common(graph):
    """The entity of most papers, and a paper that has claims."""
    concept = max(graph.mentioned(), key=lambda c: (len(graph.papers_of[c.id]), c.id))
    return concept, graph.claims[0].paper


def pages(common):
    concept, paper = common
    local = concept_local(concept.id)
    return [
        *(
            "/",
            "/search?q=memory",
            "/search?q=%00%ff",
            f"/{local}",
            f"/{local}?page=2",
            f"/{paper_local(paper)}",
        ),
        *("/compare", f"/compare?e={concept.id}&e=nothing", f"/compare?e={concept.id}&e=CPU"),
        *("/leaderboard", "/leaderboard?metric=latency&baseline=GPU", "/leaderboard?baseline=nothing"),
        *(
            "/path",
            f"/path?start={concept.id}&end=CPU",
            "/path?start=GPU&end=GPU",
            "/path?start=GPU&end=nothing",
        ),
        "/query",
    ]


def test_every_page_is_html_that_runs_nothing_of_its_own(client, common):
    """No script, style or handler stands in a page: the policy would stop it, and nothing needs it."""
    for address in pages(common):
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"<script(?! src=\"/static/)|<style|\son\w+=|\sstyle=", response.text), address
        assert response.text.count("<h1>") == 1


def test_an_entity_and_a_paper_are_pages_json_and_rdf_at_one_address(client, graph, common):
    concept, paper = common
    for local, name in (
        (concept_local(concept.id), concept.name),
        (paper_local(paper), graph.papers[paper].title),
    ):
        page = client.get(f"/{local}")
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["vary"] == "Accept"
        data = client.get(f"/{local}", headers={"Accept": "application/json"}).json()
        assert name in (data.get("name"), data.get("title"))
        for asked in ({"headers": {"Accept": "text/turtle"}}, {"params": {"format": "ttl"}}):
            turtle = client.get(f"/{local}", **asked)
            assert turtle.headers["content-type"].startswith("text/turtle")
            described = rdflib.Graph().parse(data=turtle.text, format="turtle")
            assert rdflib.URIRef(BASE + local) in set(described.subjects())
    assert client.get("/query", params={"format": "pdf"}).status_code == 200
    assert client.get(f"/{concept_local(concept.id)}", params={"format": "pdf"}).status_code == 400


def test_a_page_tells_what_the_graph_knows(client, graph, common):
    concept, paper = common
    text = client.get(f"/{concept_local(concept.id)}").text
    assert f"<bdi>{concept.name}</bdi></h1>" in text
    assert text.count('class="role ') == min(50, len(graph.papers_of[concept.id]))
    text = client.get(f"/{paper_local(paper)}").text
    claims = graph.claims_of_paper(paper)
    assert text.count('<mark class="t-Claim"') >= 1
    assert text.count('<td class="amount">') == len(claims)
    for entity in graph.extractions[paper].entities:
        assert f'href="/{concept_local(entity.id)}"' in text


def test_all_papers_of_a_thing_can_be_reached(client, graph, common):
    concept, _ = common
    seen, address = set(), f"/{concept_local(concept.id)}"
    while address:
        text = client.get(address).text
        section = text[text.index('id="papers"') :]
        seen |= set(re.findall(r'</span> <a href="(/paper/[^"]+)"', section))
        following = re.search(r'rel="next" href="([^"]+)"', section)
        address = following and following[1]
    assert seen == {f"/{paper_local(paper)}" for paper, _ in graph.papers_of[concept.id]}


def test_searching_a_name_leads_to_the_thing_and_words_to_a_list(client, graph, common):
    concept, _ = common
    found = client.get("/search", params={"q": concept.name.upper()})
    assert found.status_code == 303
    assert found.headers["location"] == f"/{concept_local(concept.id)}"
    assert client.get("/search", params={"q": " "}).headers["location"] == "/"
    listed = client.get("/search", params={"q": "memory bandwidth"}).text
    assert "<mark>memory</mark>" in listed.lower()
    assert "Did you mean" in client.get("/search", params={"q": "transformmer"}).text


def test_a_result_leads_to_its_row_on_the_page_of_its_paper(client, graph):
    one = graph.claims[0]
    response = client.get(f"/{concept_local(one.id)}")
    assert response.status_code == 303
    address, _, place = response.headers["location"].partition("#")
    assert address == f"/{paper_local(one.paper)}"
    assert f'<tr id="{place}">' in client.get(address).text
    assert client.get(f"/{one.id}", headers={"Accept": "application/json"}).json()["id"] == one.id


def test_rdf_of_a_claim_has_its_evidence_and_that_of_an_entity_what_leads_to_it(client, graph):
    one = next(claim for claim in graph.claims if claim.baselines)
    data = client.get(f"/{concept_local(one.id)}", headers={"Accept": "text/turtle"}).text
    stated = rdflib.Graph().parse(data=data, format="turtle")
    claim, oa = rdflib.URIRef(BASE + concept_local(one.id)), rdflib.Namespace(VOCABULARIES["oa"])
    note = stated.value(predicate=oa.hasBody, object=claim)
    ends = {
        (str(start), str(end))
        for start in stated.objects(None, oa.start)
        for end in stated.objects(None, oa.end)
    }
    assert (str(one.claim.start), str(one.claim.end)) in ends
    assert stated.value(note, rdflib.URIRef(ONTOLOGY + "confidence")) is not None
    data = client.get(f"/{concept_local(one.baselines[0])}", headers={"Accept": "text/turtle"}).text
    about = rdflib.Graph().parse(data=data, format="turtle")
    rival = rdflib.URIRef(BASE + concept_local(one.baselines[0]))
    assert (claim, rdflib.URIRef(ONTOLOGY + "baseline"), rival) in about
    assert (
        rdflib.URIRef(BASE + paper_local(one.paper)),
        rdflib.URIRef(ONTOLOGY + "mentions"),
        rival,
    ) in about


def test_a_mention_leads_to_its_place_in_the_text_and_says_where_it_is(client, graph):
    paper = graph.claims[0].paper
    one = graph.extractions[paper].mentions[0]
    local = mention_local(paper, one.start, one.end)
    response = client.get(f"/{local}")
    assert response.status_code == 303
    address, _, place = response.headers["location"].partition("#")
    assert (address, place) == (f"/{paper_local(paper)}", f"at-{one.start}")
    assert f'id="{place}"' in client.get(address).text
    data = client.get(f"/{local}", headers={"Accept": "application/json"}).json()
    assert (data["paper"], data["start"], data["end"]) == (paper, one.start, one.end)
    turtle = client.get(f"/{local}", headers={"Accept": "text/turtle"}).text
    found = {str(node) for node in rdflib.Graph().parse(data=turtle, format="turtle").objects()}
    assert one.text in found
    assert client.get("/mention/nothing").status_code == 404


def test_a_named_graph_leads_to_its_paper_and_holds_its_statements(client, graph):
    paper = graph.claims[0].paper
    assert client.get(f"/graph/{paper}").headers["location"] == f"/{paper_local(paper)}"
    turtle = client.get(f"/graph/{paper}", headers={"Accept": "text/turtle"}).text
    stated = rdflib.Graph().parse(data=turtle, format="turtle")
    assert (None, None, rdflib.URIRef(BASE + paper_local(paper))) in stated
    assert len(stated) > 50
    assert client.get("/graph/vocabulary").headers["location"] == "/"
    assert client.get("/graph/nothing").status_code == 404


@pytest.mark.parametrize("local", ["metric/latency", "scheme/metric", "scheme/system", "run"])
def test_what_has_no_page_is_described_at_its_iri(client, built, local):
    if local == "run":
        local += "/" + json.loads((built / "manifest.json").read_text("utf-8"))["run"]
    for accept, kind in (
        ("text/html", "text/turtle"),
        ("application/json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
    ):
        response = client.get(f"/{local}", headers={"Accept": accept})
        assert response.headers["content-type"].startswith(kind)
        stated = Store()
        stated.load(response.content, RdfFormat.from_media_type(kind))
        assert {str(quad.subject) for quad in stated} == {f"<{BASE}{local}>"}
    assert client.get(f"/{local}x").status_code == 404


def test_the_ontology_is_there_at_its_iri(client):
    sizes = set()
    for accept, kind in (("text/html", "turtle"), ("text/turtle", "turtle"), ("application/rdf+xml", "xml")):
        answer = client.get("/ontology", headers={"Accept": accept})
        found = rdflib.Graph().parse(data=answer.text, format=kind)
        assert (rdflib.URIRef(ONTOLOGY + "Paper"), None, None) in found
        sizes.add(len(found))
    assert len(sizes) == 1


def test_every_page_is_there_as_json_and_turtle(client, common):
    """Whatever a page shows can be had by programs at the same address, but the editor of queries."""
    for address in pages(common):
        if address.startswith("/query"):
            continue
        assert client.get(address, headers={"Accept": "application/json"}).json() is not None
        turtle = client.get(address, headers={"Accept": "text/turtle"})
        assert turtle.status_code == 200, address
        assert turtle.headers["content-type"].startswith("text/turtle")
        rdflib.Graph().parse(data=turtle.text, format="turtle")


def test_files_of_the_build_can_be_taken_home(client, built):
    """Those that the start page lists, whole, and no others."""
    listed = re.findall(r'href="/([^"]+)" download', client.get("/").text)
    assert {"graph.ttl", "extractions.jsonl"} <= set(listed)
    for name in listed:
        assert client.get(f"/{name}").content == (built / name).read_bytes()
    assert client.get("/void").content == (built / "void.ttl").read_bytes()
    for name in ("manifest.json", "graph.html", "store/CURRENT", "..%2Fgraph.ttl", "decisions.tsv"):
        assert client.get(f"/{name}").status_code == 404


def test_a_named_query_takes_values_and_names_what_it_does_not_take(client):
    page = client.get("/query", params={"name": "papers-of", "entity": 'x"y'}).text
    assert "VALUES ?entity { &#34;x\\&#34;y&#34; }" in page
    assert 'value="x&#34;y"' in page
    wrong = client.get("/query", params={"name": "papers-of", "typo": "x"})
    assert wrong.status_code == 400
    assert "has no parameter &#39;typo&#39;: it takes entity" in wrong.text
    lost = client.get("/query", params={"name": "paper-of"})
    assert lost.status_code == 404
    assert "did you mean papers-of?" in lost.text


def test_the_order_of_answers_is_that_of_their_scores(client):
    for words in ("GPU", "memory bandwidth", "distributed training of large models"):
        scores = [hit["score"] for hit in client.get("/api/search", params={"q": words, "limit": 50}).json()]
        assert len(scores) > 9
        assert scores == sorted(scores, reverse=True)


def test_a_ranking_has_the_best_first_and_one_unit_a_table(client, graph):
    text = client.get("/leaderboard", params={"metric": "speedup"}).text
    first = re.search(r"In times.*?</table>", text, re.S)[0]
    values = [float(value.replace(",", "")) for value in re.findall(r'amount"><bdi>[^<]*?([\d.,]+)x<', first)]
    assert len(values) > 1
    assert values == sorted(values, reverse=True)


def test_what_does_not_exist_is_a_page_for_people_and_json_for_programs(client):
    for address in (
        "/system/nothing",
        "/paper/nothing",
        "/nothing/here",
        "/claim/x",
        "/static/app.css",
        "/a/b/c",
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert "<h1>404: there is no such" in response.text
        assert client.get(address, headers={"Accept": "*/*"}).json()["detail"].startswith("there is no such")
    assert client.get("/api/entities/nothing").json() == {"detail": "there is no such entity"}
    assert client.get("/leaderboard", params={"metric": "beauty"}).status_code == 404


def test_scripts_and_styles_are_files_of_their_own(client):
    for name in (
        "explorer.css",
        "theme.css",
        "colours.css",
        "explorer.js",
        "neighbourhood.js",
        "query.js",
        "vis-network.js",
    ):
        response = client.get(f"/static/{name}")
        assert response.status_code == 200
        kind = "text/css" if name.endswith("css") else "text/javascript"
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"


def test_neighbours_are_what_a_thing_goes_with(client, graph, common):
    concept, _ = common
    found = client.get("/api/neighbours", params={"id": concept.id, "limit": 7}).json()
    assert len(found) == 7
    papers = {paper for paper, _ in graph.papers_of[concept.id]}
    related = {"outperforms", "outperformed by", "based on", "basis of", "part of", "has part"}
    family = {"variant of", "has variant", "a kind of", "kinds"}
    for one in found:
        together = {paper for paper, _ in graph.papers_of[one["id"]]} & papers
        assert together or one["words"] in related | family
    assert client.get("/api/neighbours", params={"id": "nothing"}).status_code == 404


def test_a_parameter_that_is_none_makes_a_page_too(client):
    response = client.get("/search", params={"q": "x", "page": 0})
    assert response.status_code == 422
    assert "<h1>422: a parameter is not valid: page</h1>" in response.text
    assert client.get("/api/search", params={"q": ""}).json()["detail"]


def test_no_address_leads_to_one_that_does_not_exist(client):
    for address in ("/nosuch", "/robots.txt", "/system", "/nosuch/"):
        assert client.get(address).status_code == 404
