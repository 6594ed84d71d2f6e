"""Pictures of a graph for slides and reports, drawn by matplotlib: the same graph, the same bytes of SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from paperkg.errors import GraphError
from paperkg.export.layout import COLOURS, arrange
from paperkg.graph import KnowledgeGraph
from paperkg.model import ENTITY_TYPES
from paperkg.terminal import printable
from paperkg.views import timeline_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Kinds of output; both are told by the name of the file.
FORMATS: tuple[str, ...] = ("svg", "png")

#: Longest name beside a bar or a node.
_MOST_LETTERS = 40

#: A picture that looks at nothing of the machine: no date, no random ids, text as text.
_SETTINGS: Any = {
    "svg.hashsalt": "paperkg",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def plot(graph: KnowledgeGraph, kind: str, *, format: str = "svg", most: int = 20) -> bytes:
    """Draw one of ``PLOTS``; ``most`` bounds bars and nodes.

    Raises ``GraphError`` where matplotlib is absent, or where the graph has nothing of the kind.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise GraphError('plots need matplotlib: pip install "paperkg[plot]"') from error

    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(8, 5), layout="constrained")
        PLOTS[kind](graph, figure.add_subplot(), most)
        stream = BytesIO()
        figure.savefig(stream, format=format, dpi=150, metadata={"Date": None} if format == "svg" else None)
    return stream.getvalue()


def _types(graph: KnowledgeGraph, axes: Axes, most: int) -> None:
    """How many things of each type."""
    counts = Counter(concept.type for concept in graph.mentioned())
    rows = [(kind, counts[kind]) for kind in ENTITY_TYPES]
    _bars(axes, rows, [COLOURS[kind][0] for kind, _ in rows])
    axes.set_title(f"What {len(graph.papers):,} papers name")


def _timeline(graph: KnowledgeGraph, axes: Axes, most: int) -> None:
    """How many papers of each month; where none tells its month, of each date in the listings."""
    counting = timeline_of(graph.papers.values())
    counted = [(_name(date), n) for date, n in counting.bars]
    if not counted:
        raise GraphError("no paper of this build says when it is from: ids of arXiv or dates do")
    axes.bar(range(len(counted)), [n for _, n in counted], color=COLOURS["System"][0])
    step = max(1, len(counted) // 12)
    axes.set_xticks(
        range(0, len(counted), step), [month for month, _ in counted[::step]], rotation=45, ha="right"
    )
    by_month = counting.by == "month"
    axes.set_ylabel("papers" if by_month else "listings")
    axes.set_title("Papers by month" if by_month else "Listings by page, in the order of the files")


def _hardware(graph: KnowledgeGraph, axes: Axes, most: int) -> None:
    """The hardware that most papers speak of."""
    _bars_of(graph, axes, "Hardware", most)
    axes.set_title("Hardware by number of papers")


def _techniques(graph: KnowledgeGraph, axes: Axes, most: int) -> None:
    """The techniques that most papers speak of."""
    _bars_of(graph, axes, "Technique", most)
    axes.set_title("Techniques by number of papers")


def _comparisons(graph: KnowledgeGraph, axes: Axes, most: int) -> None:
    """What papers set the thing that they introduce against, around what most are set against."""
    pairs = _compared(graph)
    rivals = Counter(baseline for _, baseline in pairs)
    degree = Counter(end for pair in pairs for end in pair)
    if not pairs:
        raise GraphError("no paper of this build compares what it introduces with anything")
    chosen: set[str] = set()
    # One baseline after the other with all that is set against it, so that every name has a line.
    for baseline in sorted(rivals, key=lambda key: (-rivals[key], key)):
        new = sorted({one for one, other in pairs if other == baseline}, key=lambda key: (-degree[key], key))
        room = most - len(chosen | {baseline})
        if room > 0 or not chosen:
            chosen |= {baseline, *[one for one in new if one not in chosen][: max(room, 1)]}
    edges = sorted((a, b) for a, b in pairs if a in chosen and b in chosen)
    # Each node with room for its name.
    places = arrange(edges, dict.fromkeys(sorted(chosen), 150.0)).places
    axes.get_figure(root=True).set_size_inches(11, 8)  # type: ignore[union-attr]
    for a, b in edges:
        axes.annotate(
            "",
            xy=places[b],
            xytext=places[a],
            arrowprops={"arrowstyle": "->", "color": "#7d8793", "lw": 0.8, "shrinkA": 5, "shrinkB": 6},
        )
    for key in sorted(chosen):
        concept = graph.concepts[key]
        axes.scatter(*places[key], s=20 + 12 * degree[key], color=COLOURS[concept.type][0], zorder=3)
        axes.annotate(
            _name(concept.name),
            places[key],
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            zorder=4,
            bbox={"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.75},
        )
    axes.margins(0.12)
    axes.invert_yaxis()
    axes.set_axis_off()
    axes.set_title("What is compared with what (from the new to its baseline)")


#: What can be drawn. To add a picture, write its function, give it a row here and name it in the command, as
#: that must not wait for matplotlib.
PLOTS: dict[str, Callable[[KnowledgeGraph, Axes, int], None]] = {
    "types": _types,
    "timeline": _timeline,
    "hardware": _hardware,
    "techniques": _techniques,
    "comparisons": _comparisons,
}


def _compared(graph: KnowledgeGraph) -> set[tuple[str, str]]:
    """Pair the first thing that each paper introduces with what it is compared with; data are no rivals."""
    found: set[tuple[str, str]] = set()
    for extraction in graph.extractions.values():
        known = [e for e in extraction.entities if e.type != "Dataset"]
        new = [e.id for e in known if e.role == "introduced"][:1]
        found |= {(one, e.id) for one in new for e in known if e.role == "compared" and e.id != one}
    return found


def _bars_of(graph: KnowledgeGraph, axes: Axes, kind: str, most: int) -> None:
    counts = {c.id: len({p for p, _ in graph.papers_of[c.id]}) for c in graph.mentioned() if c.type == kind}
    if not counts:
        raise GraphError(f"this build names no {kind.lower()}")
    best = sorted(counts, key=lambda key: (-counts[key], key))[:most]
    _bars(axes, [(graph.concepts[key].name, counts[key]) for key in best], [COLOURS[kind][0]] * len(best))


def _bars(axes: Axes, rows: list[tuple[str, int]], colours: list[str]) -> None:
    places = range(len(rows))
    bars = axes.barh(places, [n for _, n in rows], color=colours)
    axes.set_yticks(places, [_name(name) for name, _ in rows])
    axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.invert_yaxis()
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelbottom=False)


def _name(text: str) -> str:
    # A name may hold line breaks and letters that turn the text round, which a picture obeys, too.
    return printable(text, most=_MOST_LETTERS)
