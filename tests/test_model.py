"""The nouns check themselves when they are made, and records of them come back as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperkg.errors import PaperkgError, RecordError
from paperkg.model import (
    ENTITY_TYPES,
    METRICS,
    ROLES,
    Claim,
    Concept,
    Entity,
    Extraction,
    InputFile,
    Listing,
    Mention,
    Paper,
    Refusal,
    Relation,
    Run,
)
from paperkg.names import fold, plain, slug
from paperkg.records import concept_from_record, concept_to_record, from_record, to_line, to_record

PAPER = Paper(id="p", title="vLLM: fast", abstract="We serve.")


def mention(start: int, end: int, text: str, entity: str = "vLLM") -> Mention:
    return Mention(start=start, end=end, text=text, type="System", entity=entity)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Paper(id="", title="t", abstract="a"), "needs an id"),
        (lambda: Paper(id="p", title="", abstract=""), "neither title nor abstract"),
        (lambda: mention(0, 5, "vLLM"), "does not fill 0-5"),
        (lambda: mention(-4, 0, "vLLM"), "does not fill"),
        (lambda: mention(0, 0, ""), "does not fill"),
        (lambda: Mention(start=0, end=1, text="x", type="Gadget", entity="x"), "unknown type 'Gadget'"),
        (lambda: Entity(name="", type="System"), "needs a name"),
        (lambda: Entity(name="x", type="system"), "unknown type"),
        (lambda: Entity(name="x", type="System", role="loved"), "unknown role"),
        (lambda: Relation(head="a", type="likes", tail="b"), "unknown type"),
        (lambda: Claim(subject="", metric="speedup", value=""), "needs a value"),
        (lambda: Claim(subject="", metric="beauty", value="3"), "unknown metric"),
        (lambda: Claim(subject="", metric="speedup", value="3", direction="up"), "unknown direction"),
        (lambda: Concept(id="model/x", type="System", name="x"), "do not fit"),
        (lambda: Extraction(paper=PAPER, mentions=(mention(1, 5, "vLLM"),)), "does not stand at 1-5"),
        (lambda: Extraction(paper=PAPER, mentions=(mention(0, 4, "vLLM"),)), "no entity of the paper"),
        (
            lambda: Extraction(
                paper=PAPER, entities=(Entity(name="x", type="System"), Entity(name="x", type="Model"))
            ),
            "the same name",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(make, reason):
    with pytest.raises(RecordError, match=reason):
        make()


def test_offsets_count_code_points_of_title_and_abstract():
    paper = Paper(id="p", title="\U0001f600 vLLM", abstract="é vLLM")
    for start in (2, 9):
        assert Extraction(
            paper=paper,
            mentions=(mention(start, start + 4, "vLLM"),),
            entities=(Entity(name="vLLM", type="System"),),
        )


@pytest.mark.parametrize(("line", "text"), [(0, "x.txt: why"), (7, "x.txt:7: why")])
def test_a_refusal_says_where(line, text):
    assert str(Refusal(file="x.txt", line=line, reason="why")) == text


def test_a_run_is_known_by_its_inputs_in_any_order():
    one, two = InputFile(name="a", sha256="1"), InputFile(name="b", sha256="2")
    assert Run(version="1", inputs=(one, two)).id == Run(version="1", inputs=(two, one)).id
    assert Run(version="1", inputs=(one,)).id != Run(version="2", inputs=(one,)).id


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def extractions(draw: st.DrawFn) -> Extraction:
    names = draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    title = draw(st.permutations(names).map(" and ".join))
    entities = [
        Entity(
            name=n, type=draw(st.sampled_from(ENTITY_TYPES)), role=draw(st.sampled_from(ROLES)), forms=(n,)
        )
        for n in names
    ]
    starts = [(title.index(e.name), e) for e in entities]
    return Extraction(
        paper=Paper(
            id=draw(TEXT),
            title=title,
            abstract=draw(TEXT),
            listings=(Listing(file=draw(TEXT), date=draw(TEXT), position=1),),
            creators=tuple(draw(st.lists(TEXT, max_size=2))),
        ),
        mentions=tuple(
            Mention(start=s, end=s + len(e.name), text=e.name, type=e.type, entity=e.name) for s, e in starts
        ),
        entities=tuple(entities),
        relations=tuple(
            Relation(head=n, type="part_of", tail=names[0], start=1, end=2, rule="r") for n in names[1:]
        ),
        claims=(
            Claim(
                subject=names[0],
                metric=draw(st.sampled_from(METRICS)),
                value=draw(TEXT),
                baselines=tuple(names),
            ),
        ),
    )


@given(extractions())
def test_records_come_back_as_they_were(extraction):
    line = to_line(to_record(extraction))
    assert line.count("\n") == 1
    assert from_record(json.loads(line)) == extraction


def test_keys_that_we_do_not_know_are_left_out():
    record = to_record(Extraction(paper=PAPER)) | {
        "kb": 7,
        "entities": [{"name": "x", "type": "Model", "kb": "y"}],
    }
    assert from_record(record).entities == (Entity(name="x", type="Model"),)


def test_a_concept_comes_back_and_leaves_out_what_nobody_gave():
    concept = Concept(id="hardware/x", type="Hardware", name="X", vendor="Y", aliases=("x",))
    record = concept_to_record(concept)
    assert sorted(record) == ["aliases", "id", "name", "type", "vendor"]
    assert concept_from_record(json.loads(json.dumps(record))) == concept


@given(st.text(max_size=200))
def test_a_slug_is_safe_in_any_iri_and_file(name):
    made = slug(name)
    assert all(c.isascii() and (c.isalnum() or c in ".-") for c in made)
    assert len(made) < 100


@given(st.text(max_size=50))
def test_folding_is_done_once(name):
    """What is folded already stays as it is, apart from traces of LaTeX that folding laid open."""
    assert fold(name.upper()) == fold(name.upper())
    assert " " not in fold(name)


@given(st.text(max_size=50))
def test_plain_names_hold_no_latex(name):
    assert not set(plain(name)) & set("${}\\")


def test_all_errors_of_ours_are_of_one_tree():
    from paperkg import errors

    ours = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(ours) > 5
    assert all(issubclass(kind, PaperkgError) and kind.__doc__ for kind in ours)
