"""Names that are nearly the same are found, and what tells them apart is said."""

import pytest

from paperkg.link.near import near_pairs
from paperkg.model import Concept


def concept(name: str, kind: str = "System", **facts: str) -> Concept:
    """Make a concept whose id is its name."""
    return Concept(id=f"{kind.lower()}/{name}", type=kind, name=name, **facts)


def reasons(*concepts: Concept, papers=None, introduced=None) -> list[tuple[float, str]]:
    """Give how sure it is that they are two, and why, for each pair."""
    return [(p.apart, p.reason) for p in near_pairs(concepts, papers or {}, introduced or {})]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Zapserve", "Zapsarve", True),
        ("Zapserve", "Zapserver", True),
        ("Zapserve", "Apserve", True),
        ("Zapserve", "Zap-Serve", True),
        ("Zapserve", "Zapsarver", False),
        ("Zapserve", "Quuxserve", False),
    ],
)
def test_pairs_within_one_edit_are_found(one, other, near):
    assert bool(reasons(concept(one), concept(other))) is near


def test_types_are_not_mixed():
    assert not reasons(concept("Zapserve"), concept("Zapserver", "Model"))


def test_vendor_in_front_does_not_count():
    chips = [concept("Zorbon X1", "Hardware", vendor="Zorbon"), concept("X1", "Hardware")]
    assert len(reasons(*chips)) == 1


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (concept("Zapserve-1"), concept("Zapserve-2"), "the names differ in a number"),
        (concept("Zapserve", source="own"), concept("Zapserva", source="epoch"), "the vocabulary knows both"),
        (
            concept("Zapserve"),
            concept("Zapserver", variant_of="system/Zapserve"),
            "one is a kind or a version of the other",
        ),
        (concept("Zap"), concept("Zop"), "too short for one letter to be a slip"),
        (concept("Zapserve"), concept("Zapserva"), "one letter apart, and nothing else tells them apart"),
    ],
)
def test_what_tells_two_apart_is_said(one, other, reason):
    assert [why for _, why in reasons(one, other)] == [reason]


def test_papers_tell_two_apart():
    one, other = concept("Zapserve"), concept("Zapserva")
    both = {one.id: {"p1"}, other.id: {"p1"}}
    assert reasons(one, other, papers=both) == [(0.9, "one paper speaks of both")]
    two = {one.id: {"p1"}, other.id: {"p2"}}
    assert reasons(one, other, introduced=two) == [(0.85, "two papers introduce them")]
