"""A curator's decisions overrule the linker, and survive new input."""

import pytest

from paperkg.errors import InputError
from paperkg.link import Decision, link, read_decisions
from paperkg.model import Claim, Concept, Entity, Extraction, Mention, Paper, Relation
from paperkg.vocabulary import Name, Vocabulary

EMPTY = Vocabulary(concepts={}, names=())


def paper(key: str, *names: str, role: str = "used") -> Extraction:
    """Make a paper that uses systems of these names; the first is claimed to beat the second."""
    text = " and ".join(names)
    return Extraction(
        paper=Paper(id=key, title=text, abstract="none"),
        entities=tuple(Entity(name=n, type="System", role=role, forms=(n,)) for n in names),
        mentions=tuple(
            Mention(start=text.index(n), end=text.index(n) + len(n), text=n, type="System", entity=n)
            for n in names
        ),
        relations=(Relation(head=names[0], type="based_on", tail=names[-1]),) if len(names) > 1 else (),
        claims=(Claim(subject=names[0], metric="speedup", value="2", unit="x", baselines=names[1:]),)
        if len(names) > 1
        else (),
    )


def linked(extractions, *decisions: Decision):
    """Link with decisions; give the graph and those that matched nothing."""
    lost: list[Decision] = []
    graph = link(
        extractions, vocabulary=EMPTY, decisions=decisions, unmatched=lambda d, reason: lost.append(d)
    )
    return graph, lost


def refusal(*decisions: Decision) -> str:
    """Give why the last of some decisions is not applied; "" if all are."""
    reasons: list[str] = []
    link(PAPERS, vocabulary=EMPTY, decisions=decisions, unmatched=lambda d, reason: reasons.append(reason))
    return reasons[-1] if reasons else ""


PAPERS = [paper("p1", "Zappo", "Quuxo"), paper("p2", "Zappoo", "Quuxo"), paper("p3", "Zappo")]


def test_merge_makes_one_thing_of_two():
    graph, lost = linked(PAPERS, Decision(action="merge", id="system/zappoo", value="system/zappo"))
    assert not lost
    assert "system/zappoo" not in graph.concepts
    assert {p for p, _ in graph.papers_of["system/zappo"]} == {"p1", "p2", "p3"}
    assert graph.concepts["system/zappo"].aliases == ("Zappoo",)


def test_split_makes_a_thing_of_its_own_in_the_given_papers():
    split = Decision(action="split", id="system/zappo", papers=frozenset({"p3"}), value="Zappo (game)")
    graph, lost = linked(PAPERS, split)
    assert not lost
    assert [p for p, _ in graph.papers_of["system/zappo-game"]] == ["p3"]
    assert [p for p, _ in graph.papers_of["system/zappo"]] == ["p1"]
    assert graph.concepts["system/zappo-game"].aliases == ("Zappo",)


def test_rename_keeps_the_id():
    graph, _ = linked(PAPERS, Decision(action="rename", id="system/zappo", value="ZAPPO"))
    assert graph.concepts["system/zappo"].name == "ZAPPO"
    assert "Zappo" in graph.concepts["system/zappo"].aliases
    assert graph.extractions["p3"].mentions[0].entity == "ZAPPO"


def test_retype_moves_a_thing_to_another_type():
    graph, _ = linked(PAPERS, Decision(action="retype", id="system/quuxo", value="Technique"))
    assert "system/quuxo" not in graph.concepts
    assert graph.concepts["technique/quuxo"].type == "Technique"
    assert graph.extractions["p1"].mentions[1].type == "Technique"


def test_drop_takes_mentions_relations_and_baselines_along():
    graph, _ = linked(PAPERS, Decision(action="drop", id="system/quuxo"))
    first = graph.extractions["p1"]
    assert [m.text for m in first.mentions] == ["Zappo"]
    assert first.relations == ()
    assert first.claims[0].baselines == ()
    assert "system/quuxo" not in graph.concepts


def test_drop_in_one_paper_leaves_the_others():
    graph, _ = linked(PAPERS, Decision(action="drop", id="system/quuxo", papers=frozenset({"p1"})))
    assert [p for p, _ in graph.papers_of["system/quuxo"]] == ["p2"]


def test_decisions_that_match_nothing_are_named():
    wrong = [
        Decision(action="drop", id="system/nothing", line=2),
        Decision(action="merge", id="system/zappo", value="system/nothing", line=3),
        Decision(action="drop", id="system/zappo", papers=frozenset({"p2"}), line=4),
    ]
    graph, lost = linked(PAPERS, *wrong)
    assert [d.line for d in lost] == [2, 3, 4]
    assert len(graph.papers_of["system/zappo"]) == 2


def test_a_later_decision_speaks_of_what_an_earlier_one_made():
    split = Decision(action="split", id="system/zappo", papers=frozenset({"p3"}), value="Zappo (game)")
    graph, lost = linked(PAPERS, split, Decision(action="retype", id="system/zappo-game", value="Dataset"))
    assert not lost
    assert [p for p, _ in graph.papers_of["dataset/zappo-game"]] == ["p3"]


def test_decisions_survive_new_input():
    decision = Decision(action="merge", id="system/zappoo", value="system/zappo")
    graph, lost = linked([*PAPERS, paper("p4", "Zappoo")], decision)
    assert not lost
    assert {p for p, _ in graph.papers_of["system/zappo"]} == {"p1", "p2", "p3", "p4"}


def test_every_decision_is_in_the_report():
    graph, _ = linked(PAPERS, Decision(action="drop", id="system/quuxo", reason="a typo"))
    (merge,) = [m for m in graph.merges if m.decision == "drop"]
    assert (merge.id, merge.reason, merge.papers, merge.score) == (
        "system/quuxo",
        "curator: drop system/quuxo (a typo)",
        2,
        1.0,
    )


def test_near_names_that_stay_apart_are_in_the_report():
    graph, _ = linked(PAPERS)
    (near,) = [m for m in graph.merges if m.decision == "kept apart"]
    assert (near.id, near.form) == ("system/zappo", "Zappoo")
    assert "one letter apart" in near.reason or "too short" in near.reason


def test_file_is_read_and_what_is_no_decision_refused(tmp_path):
    path = tmp_path / "decisions.tsv"
    rows = [
        "action\tid\tpaper\tvalue\treason",
        "# a remark",
        "merge\tsystem/a\t\tsystem/b\tthe same",
        "drop\tsystem/c",
        "explode\tsystem/a",
        "split\tsystem/a\t\tB",
        "retype\tsystem/a\t\tThing",
        "rename\tsystem/a\tp1\tB",
        "merge\tsystem/a",
        "drop\tVicuna",
        "drop\tsystem/a\t\t\t\tmore",
    ]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    decisions, refused = read_decisions(path)
    assert decisions == [
        Decision(action="merge", id="system/a", value="system/b", reason="the same", line=3),
        Decision(action="drop", id="system/c", line=4),
    ]
    assert [r.line for r in refused] == [5, 6, 7, 8, 9, 10, 11]
    assert all(r.file == "decisions.tsv" for r in refused)


@pytest.mark.parametrize("content", [b"id\taction\n", b"\xff", b""])
def test_a_file_that_is_none_is_an_error(tmp_path, content):
    (tmp_path / "d.tsv").write_bytes(content)
    with pytest.raises(InputError, match=r"d\.tsv"):
        read_decisions(tmp_path / "d.tsv")


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Decision(action="drop", id="system/nothing"), "there is no such thing"),
        (Decision(action="merge", id="system/zappo", value="system/no"), "there is no system/no"),
        (Decision(action="merge", id="system/zappo", value="system/zappo"), "it is that already"),
        (Decision(action="rename", id="system/zappo", value="Zappo"), "that is its name already"),
        (Decision(action="rename", id="system/zappo", value="Quuxo"), "has this name"),
        (Decision(action="rename", id="system/zappo", value="Z\u202eappo"), "cannot be printed"),
        (Decision(action="retype", id="system/zappo", value="System"), "it is a System already"),
        (
            Decision(action="split", id="system/zappo", papers=frozenset({"p1", "p9"}), value="Z"),
            "p9 does not name it",
        ),
        (
            Decision(action="split", id="system/zappo", papers=frozenset({"p1"}), value="Quuxo"),
            "has this name",
        ),
    ],
)
def test_decisions_that_make_no_sense_say_why(decision, reason):
    assert reason in refusal(decision)


def test_merge_across_types_is_refused():
    retype = Decision(action="retype", id="system/quuxo", value="Model")
    merge = Decision(action="merge", id="system/zappo", value="model/quuxo")
    assert "retype it first" in refusal(retype, merge)


def test_split_into_a_name_of_the_same_slug_is_another_thing():
    split = Decision(action="split", id="system/zappo", papers=frozenset({"p3"}), value="quuxo!")
    graph, lost = linked(PAPERS, split)
    assert not lost
    (identifier,) = [e.id for e in graph.extractions["p3"].entities]
    assert identifier.startswith("system/quuxo-")
    assert graph.concepts[identifier].name == "quuxo!"


def test_homonyms_stay_two_when_they_are_retyped():
    papers = [paper("p1", "Zappo", role="introduced"), paper("p2", "Zappo", role="introduced")]
    ids = sorted({e.entities[0].id for e in link(papers, vocabulary=EMPTY).extractions.values()})
    graph, lost = linked(papers, *(Decision(action="retype", id=i, value="Model") for i in ids))
    assert not lost
    assert len({e.entities[0].id for e in graph.extractions.values()}) == 2


def test_what_hung_below_a_merged_thing_hangs_below_the_other():
    concepts = {
        "system/zappo": Concept(id="system/zappo", type="System", name="Zappo"),
        "system/zappo-2": Concept(
            id="system/zappo-2", type="System", name="Zappo-2", variant_of="system/zappo"
        ),
        "system/quuxo": Concept(id="system/quuxo", type="System", name="Quuxo"),
    }
    names = tuple(Name(text=c.name, id=c.id, status="name") for c in concepts.values())
    vocabulary = Vocabulary(concepts=concepts, names=names)
    papers = [paper("p1", "Zappo"), paper("p2", "Zappo-2"), paper("p3", "Quuxo")]
    merge = Decision(action="merge", id="system/zappo", value="system/quuxo")
    graph = link(papers, vocabulary=vocabulary, decisions=[merge])
    assert "system/zappo" not in graph.concepts
    assert graph.concepts["system/zappo-2"].variant_of == "system/quuxo"
    drop = Decision(action="drop", id="system/zappo")
    graph = link(papers, vocabulary=vocabulary, decisions=[drop])
    assert "system/zappo" not in graph.concepts
    assert graph.concepts["system/zappo-2"].variant_of == ""


def test_rows_that_a_decision_overrules_leave_the_report():
    graph, _ = linked(PAPERS, Decision(action="merge", id="system/zappoo", value="system/zappo"))
    assert not [m for m in graph.merges if m.id == "system/zappoo"]
    (row,) = [m for m in graph.merges if m.decision == "merge"]
    assert (row.form, row.id) == ("Zappoo", "system/zappo")
