"""Markup hides nothing, and offsets lead back to the text as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperkg.extract import extract, make_nlp
from paperkg.extract.markup import without_markup
from paperkg.model import Paper


@pytest.fixture(scope="module")
def nlp():
    return make_nlp()


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        (r"We present \textsc{Foo}.", "We present Foo."),
        (r"We present \textbf{\textsc{Foo}}.", "We present Foo."),
        (r"{\sc Foo} is fast", "Foo is fast"),
        ("<b>Foo</b> and <i class='x'>Bar</i>", "Foo and Bar"),
        ("**Foo** is fast", "Foo is fast"),
        (r"$\mathtt{Foo}$ is fast", "Foo is fast"),
        (r"$3.2\times$ faster", r"3.2\times faster"),
        ("3.2&times; faster", "3.2x faster"),
        (r"$\sim$3.2$\times$ faster", r"3.2$\times$ faster"),
        ("broken\n  lines\r\nand Deep-\nSpeed", "broken lines and Deep-Speed"),
        # These are names as they stand, or mathematics.
        (
            r"$\infty$Bench and $M^3$ViT and x < b and a*b*c",
            r"$\infty$Bench and $M^3$ViT and x < b and a*b*c",
        ),
    ],
)
def test_what_is_taken_off(marked, plain):
    text, places = without_markup(f"A title\n{marked}", len("A title"))
    assert text == f"A title\n{plain}"
    assert len(places) == len(text) + 1


@given(
    st.lists(
        st.sampled_from(["\\textbf{", "}", "<b>", "</b>", "**", "\n", "a", " ", "$", "3", "&times;", "-"])
    ),
    st.text(alphabet="ab <>", max_size=5),
)
def test_places_lead_back(pieces, title):
    whole = f"{title}\n{''.join(pieces)}"
    text, places = without_markup(whole, len(title))
    assert list(places) == sorted(set(places))
    assert places[-1] == len(whole)
    assert "\n" in text
    for char, place in zip(text, places[:-1], strict=True):
        assert char in (whole[place], "x", " ")


def test_names_and_numbers_stand_where_the_text_has_them(nlp):
    abstract = (
        r"We present \textsc{Foolix}, a serving system. It has $3.2\times$ the throughput of <b>vLLM</b>."
    )
    paper = Paper(id="a", title="Serving", abstract=abstract)
    (found,) = extract(nlp, [paper])
    assert {(m.entity, paper.text[m.start : m.end]) for m in found.mentions} == {
        ("Foolix", "Foolix"),
        ("vLLM", "vLLM"),
    }
    assert all(m.text == paper.text[m.start : m.end] for m in found.mentions)
    assert "3.2" in paper.text[found.claims[0].start : found.claims[0].end]
    text, _ = without_markup(paper.text, len(paper.title))
    (plain,) = extract(nlp, [Paper(id="a", title="Serving", abstract=text.partition("\n")[2])])
    assert found.entities == plain.entities
    assert [(c.value, c.metric, c.subject, c.baselines) for c in found.claims] == [
        (c.value, c.metric, c.subject, c.baselines) for c in plain.claims
    ]
