"""What somebody may try who wants the server to work for him, to fall, or to say what it should not."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from paperkg.build import build
from paperkg.store import open_store, query
from tests.serve.conftest import SEEDS, Server, serving

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SIMPLE = "SELECT ?p { ?p a pkg:Paper } LIMIT 1"
LIMIT = 2.0  # seconds, of the server in conftest


def ask(server: Server, sparql: str, **options: object) -> httpx.Response:
    return httpx.get(f"{server.url}/sparql", params={"query": sparql}, timeout=30, **options)


def workers(server: Server) -> list[int]:
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [int(pid) for pid in listed.split()]


def ticks(pids: list[int]) -> int:
    """Give the time that processes have worked, in ticks of the clock (mostly 10 ms)."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(field[11]) + int(field[12]) for field in fields)


def wait_until(reached, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.05)


# -- the network


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A socket that notes who connects."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                heard.append(b"connected")
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/sparql", heard


@pytest.mark.parametrize(
    "template",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ service silent <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ SERVICESILENT<{url}>{{?s ?p ?o}} }}",
        "SELECT * {{ ?a<b#>SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ VALUES ?x {{ <{url}> }} S\\u0045RVICE ?x {{ ?s ?p ?o }} }}",
        "SELECT * {{ {{ SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }} }} }}",
        "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "LOAD <{url}>",
        "DESCRIBE <{url}>",
    ],
)
def test_no_query_reaches_the_network(server, listener, template):
    url, heard = listener
    sparql = template.format(url=url)
    ask(server, sparql)
    httpx.post(f"{server.url}/sparql", data={"query": sparql, "default-graph-uri": url}, timeout=30)
    httpx.post(f"{server.url}/sparql", data={"update": sparql, "using-graph-uri": url}, timeout=30)
    time.sleep(0.2)
    assert heard == []


def test_the_socket_would_notice(listener):
    url, heard = listener
    with pytest.raises(httpx.TransportError):
        httpx.get(url)
    assert heard == [b"connected"]


# -- time, memory, size


def test_a_runaway_query_is_ended_and_another_is_answered_meanwhile(server):
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        runaway = pool.submit(ask, server, RUNAWAY)
        time.sleep(0.5)
        meanwhile = time.monotonic()
        assert ask(server, SIMPLE).status_code == 200
        assert time.monotonic() - meanwhile < 1
        response = runaway.result()
    assert response.status_code == 504
    assert LIMIT <= time.monotonic() - began < LIMIT + 1
    wait_until(lambda: len(workers(server)) == 2)

    def idle() -> bool:
        before = ticks(workers(server))
        time.sleep(1)
        return ticks(workers(server)) - before <= 5

    wait_until(idle)  # the new one has to begin first; what was ended would never let go of the processor


def test_a_query_whose_asker_has_gone_is_ended(server):
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{server.url}/sparql", params={"query": RUNAWAY}, timeout=0.3)
    began = time.monotonic()
    figures = f"{server.url}/metrics"
    wait_until(lambda: "paperkg_queries_running 0.0" in httpx.get(figures).text)
    assert time.monotonic() - began < LIMIT - 0.5


def test_a_worker_that_dies_while_nobody_asks_is_replaced(built):
    with serving(built, "-j", "1") as one:
        for _ in range(2):
            (idle,) = workers(one)
            os.kill(idle, signal.SIGKILL)
            wait_until(lambda idle=idle: not _alive(idle))
            assert ask(one, SIMPLE).status_code == 200
        assert httpx.get(f"{one.url}/health").status_code == 200


@pytest.mark.parametrize("query", ["SELECT * " + "{" * 20_000, "SELECT * { FILTER(" + "!" * 100_000 + "1) }"])
def test_a_query_without_end_of_nesting_is_refused(server, query):
    response = httpx.post(f"{server.url}/sparql", data={"query": query}, timeout=30)
    assert response.status_code == 400
    assert "memory" not in response.text
    wait_until(lambda: ask(server, SIMPLE).status_code == 200)


def test_an_answer_of_one_row_has_a_size_limit_too(built):
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(26))
    with serving(built, "--timeout", "30", "-j", "1") as patient:
        response = ask(patient, f"SELECT ?x26 {{ BIND('x' AS ?x0) {doubled} }}")
    assert response.status_code == 413
    assert "64 MiB" in response.text


def test_a_query_that_eats_memory_is_ended(built):
    with serving(built, "--timeout", "60", "--max-memory", "600", "-j", "1") as small:
        greedy = "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f LIMIT 1"
        response = ask(small, greedy)
        assert response.status_code == 507, response.text
        assert "600 MiB" in response.text
        assert ask(small, SIMPLE).status_code == 200


def test_more_queries_than_may_wait_are_told_to_come_again(built):
    with serving(built, "--timeout", "1", "-j", "1", "--max-waiting", "3") as small:
        with ThreadPoolExecutor(12) as pool:
            found = list(pool.map(lambda _: ask(small, RUNAWAY), range(12)))
        assert {r.status_code for r in found} == {503, 504}
        assert all(r.headers["retry-after"] == "1" for r in found if r.status_code == 503)
        wait_until(lambda: ask(small, SIMPLE).status_code == 200)


def test_many_clients_get_answers_or_are_told_to_come_again(server):
    clients, seconds = (200, 30) if "PAPERKG_REQUIRE_ALL" in os.environ else (50, 3)
    end = time.monotonic() + seconds

    def client(number: int) -> set[int]:
        seen = set()
        with httpx.Client(timeout=30) as one:
            while time.monotonic() < end:
                seen.add(one.get(f"{server.url}/sparql", params={"query": SIMPLE}).status_code)
        return seen

    with ThreadPoolExecutor(clients) as pool:
        seen = set().union(*pool.map(client, range(clients)))
    assert 200 in seen
    assert seen <= {200, 503}


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_large_bodies_are_refused_however_they_come(server, chunked):
    """Fifty megabytes: it answers while we are still talking, and hangs up."""
    how = "Transfer-Encoding: chunked" if chunked else "Content-Length: 50000000"
    piece = b" " * 1_000_000
    framed = b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        f"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n{how}\r\n\r\n"
    )
    sent = 0
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(head.encode())
        try:
            while sent < 50 and not select.select([raw], [], [], 0.2 if sent else 0.5)[0]:
                raw.sendall(framed)
                sent += 1
        except (BrokenPipeError, ConnectionResetError):
            pass  # it hung up; what it said is still to be read
        assert raw.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert sent < 5, "it took the body before it refused it"
    assert ask(server, SIMPLE).status_code == 200


def test_a_length_that_is_none_is_refused(server):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 4")


# -- what must not leave, or not come in


@pytest.mark.parametrize(
    "path",
    [
        "/api/papers/../../../../etc/passwd",
        "/api/papers/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/queries/..%2f..%2fpaperkg",
        "/api/queries/%2e%2e/vocabulary/cues",
        "/../../etc/passwd",
        "/api/entities//etc/passwd",
        "/api/entities/%00",
        "/static/../../../etc/passwd",
        "/api/papers/" + "a" * 20_000,
    ],
)
def test_no_path_leads_out(server, path):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split(b" ")[1] in (b"400", b"404", b"414", b"431"), answer[:200]
    assert b"root:" not in answer
    assert b"Traceback" not in answer


def test_a_page_elsewhere_cannot_ask_under_its_own_name(server):
    assert ask(server, SIMPLE, headers={"Host": "evil.example"}).status_code == 400
    assert ask(server, SIMPLE, headers={"Host": "localhost:8000"}).status_code == 200


def test_pages_from_elsewhere_may_not_read_unless_they_are_allowed_to(server, built):
    origin = {"Origin": "http://evil.example"}
    assert "access-control-allow-origin" not in ask(server, SIMPLE, headers=origin).headers
    with serving(built, "-j", "1", "--allow-origin", "http://friend.example") as open_one:
        assert "access-control-allow-origin" not in ask(open_one, SIMPLE, headers=origin).headers
        friend = ask(open_one, SIMPLE, headers={"Origin": "http://friend.example"}).headers
        assert friend["access-control-allow-origin"] == "http://friend.example"
        assert friend["cross-origin-resource-policy"] == "cross-origin"


def test_invented_methods_make_no_figures(server):
    for method in ("FOO1", "FOO2"):
        assert httpx.request(method, f"{server.url}/sparql").status_code == 405
    assert "FOO" not in httpx.get(f"{server.url}/metrics").text


def test_every_response_closes_doors(server):
    for path in ("/sparql", "/health", "/api/stats", "/none", "/api/entities?limit=-1"):
        headers = httpx.get(f"{server.url}{path}").headers
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "server" not in headers, path


# -- falls


def test_a_server_that_is_killed_leaves_no_query_running_and_a_store_that_opens(built):
    with serving(built, "--timeout", "2", "-j", "1") as one:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, one, RUNAWAY)
            time.sleep(0.5)
            left = workers(one)
            os.kill(one.process.pid, signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                asked.result()
        wait_until(lambda: not any(map(_alive, left)))
    assert bool(query(open_store(built / "store"), "ASK { ?p a pkg:Paper }"))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_new_build_is_served_without_a_new_start(built, tmp_path):
    folder = tmp_path / "build"
    shutil.copytree(built, folder)
    count = "SELECT (COUNT(*) AS ?n) { ?p a pkg:Paper }"

    def papers() -> set[int]:
        told = ask(one, count).json()["results"]["bindings"][0]["n"]["value"]
        return {int(told), httpx.get(f"{one.url}/api/stats").json()["papers"]}

    with serving(folder, "-j", "1") as one:
        before = papers()
        report = build([sorted(SEEDS.glob("*.txt"))[1]], folder)
        assert papers() == {len(report.graph.papers)} != before


def test_a_damaged_store_is_told_in_a_line(built, tmp_path):
    folder = tmp_path / "build"
    shutil.copytree(built, folder)
    for file in (folder / "store").iterdir():
        file.unlink()
    command = [sys.executable, "-m", "paperkg", "serve", "-g", str(folder), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no store in ")
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_told_in_a_line(built, server):
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "paperkg", "serve", "-g", str(built), "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
