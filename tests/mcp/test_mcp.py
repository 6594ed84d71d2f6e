"""The official client lists and calls every tool, over standard input and by HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client

from paperkg.build import build
from paperkg.mcp.size import MOST, fit

PAPERS = [
    {
        "id": "p/1",
        "title": "QuickServe: fast serving",
        "abstract": "We present QuickServe, a system for LLM serving. On an NVIDIA A100, QuickServe improves"
        " throughput by 2.5x compared to vLLM.",
    },
    {
        "id": "p2",
        "title": "SlowServe: sure serving",
        "abstract": "We present SlowServe, a serving system. SlowServe is evaluated on NVIDIA A100 GPUs and"
        " reduces latency by 2x over vLLM.",
    },
]

#: For each tool, arguments that it answers, and arguments that it refuses with what its refusal says.
CALLS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "retrieve": (
        {"question": "What is compared with vLLM?"},
        {"question": "?!"},
        "the question has no words",
    ),
    "search": ({"text": "serving"}, {"text": "serving", "limit": 0}, "greater than or equal to 1"),
    "entity": ({"name": "vLLM"}, {"name": "vLMM"}, "did you mean: vLLM"),
    "paper": ({"id": "p/1"}, {"id": "p3"}, "no paper has the id"),
    "compare": ({"names": ["QuickServe", "vLLM"]}, {"names": ["vLLM", "vllm"]}, "at least two different"),
    "path": ({"start": "QuickServe", "end": "SlowServe"}, {"start": "vLLM", "end": "vLLM"}, "same thing"),
    "claims": ({"baseline": "vLLM"}, {"metric": "joy"}, "choose one of: speedup"),
    "list_queries": ({}, {}, ""),
    "run_query": (
        {"name": "compared-with", "parameters": {"entity": "vLLM"}},
        {"name": "compared-wth"},
        "did you mean compared-with",
    ),
    "sparql": ({"query": "SELECT ?p { ?p a pkg:Paper }"}, {"query": "SELECT nonsense"}, "expected"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("mcp") / "papers.jsonl"
    source.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS))
    build([source], source.parent / "out")
    return source.parent / "out"


async def check(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == CALLS.keys()
    for name, (good, bad, hint) in CALLS.items():
        assert tools[name].description
        assert tools[name].annotations.read_only_hint
        result = await client.call_tool(name, good)
        assert not result.is_error, (name, result.content)
        assert json.loads(result.content[0].text) == result.structured_content
        assert any(result.structured_content.values()), name
        if hint:
            refused = await client.call_tool(name, bad)
            assert refused.is_error, name
            assert hint in refused.content[0].text
            assert "Traceback" not in refused.content[0].text
    rows = (await client.call_tool("sparql", CALLS["sparql"][0])).structured_content["rows"]
    assert len(rows) == 2
    assert (await client.call_tool("sparql", {"query": "ASK {}"})).structured_content == {"answer": True}
    update = await client.call_tool("sparql", {"query": "DROP ALL"})
    assert update.is_error
    turtle = await client.call_tool(
        "sparql", {"query": "CONSTRUCT { ?p a pkg:Paper } WHERE { ?p a pkg:Paper }"}
    )
    assert "pkg" in turtle.structured_content["turtle"] or "Paper" in turtle.structured_content["turtle"]
    templates = {t.uri_template for t in (await client.list_resource_templates()).resource_templates}
    assert templates == {"paperkg://paper/{+id}", "paperkg://entity/{+id}"}
    for uri, said in (
        ("paper/p/1", "QuickServe"),
        ("entity/system/vllm", "vLLM"),
        ("queries", "compared-with"),
    ):
        (content,) = (await client.read_resource(f"paperkg://{uri}")).contents
        assert said in content.text
    with pytest.raises(MCPError, match="no paper has the id"):
        await client.read_resource("paperkg://paper/none")


def test_the_official_client_calls_every_tool_over_standard_input(folder):
    async def run() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "paperkg", "mcp", "-g", str(folder)], cwd=str(Path.cwd())
        )
        async with Client(stdio_client(server)) as client:
            await check(client)

    asyncio.run(run())


def test_the_official_client_calls_every_tool_by_http(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "paperkg", "mcp", "-g", str(folder), "--http", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)

            async def run() -> None:
                async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                    await check(client)

            asyncio.run(run())
        finally:
            process.terminate()


def test_answers_are_cut_to_a_size_and_say_so():
    record = {"hits": [{"text": "x" * 5000, "more": ["y" * 100] * 500}] * 300}
    cut = fit(record)
    assert len(json.dumps(cut)) <= MOST
    assert "ask for less" in cut["shortened"]
    assert cut["hits"]
    assert fit({str(n): "x" * 100 for n in range(10_000)}).keys() == {"shortened"}


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not listen")
