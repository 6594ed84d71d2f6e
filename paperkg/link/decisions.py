"""A curator's decisions, which overrule the linker on every build.

One line of ``decisions.tsv`` is one decision, ``action id paper value reason``, parted by tabs:

=======  ============================================================  =====================
action   what happens to the things that are ``id``                    ``value``
=======  ============================================================  =====================
merge    they are another thing                                        its id
split    in the given papers they are a thing of their own             its name
rename   they get another canonical name; the id stays                 the name
retype   they are of another type                                      the type
drop     they are no entity
=======  ============================================================  =====================

``paper`` holds ids of papers, parted by spaces, and limits a decision to them; "" means everywhere.
Decisions are applied in their order, so that a later one may speak of what an earlier one made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from paperkg.errors import InputError
from paperkg.link.identity import Identities
from paperkg.model import ENTITY_TYPES, Concept, Merge, Refusal
from paperkg.names import digest, slug

ACTIONS: tuple[str, ...] = ("merge", "split", "rename", "retype", "drop")

#: Columns of the file, as its first line names them.
COLUMNS: tuple[str, ...] = ("action", "id", "paper", "value", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the file; ``line`` counts from 1."""

    action: str
    id: str
    papers: frozenset[str] = frozenset()
    value: str = ""
    reason: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f" in {' '.join(sorted(self.papers))}" if self.papers else ""
        return f"{self.action} {self.id}{where}"


def read_decisions(path: Path) -> tuple[list[Decision], list[Refusal]]:
    """Read a file of decisions, and what of it is none. Raises ``InputError`` if it cannot be read."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: no UTF-8 at byte {error.start}") from error
    if tuple(lines[0].rstrip("\r").split("\t")) != COLUMNS:
        raise InputError(
            f"{path}:1: the first line must name the columns {' '.join(COLUMNS)}, parted by tabs"
        )
    decisions, refused = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.rstrip("\r").split("\t")]
        cells += [""] * (len(COLUMNS) - len(cells))
        wrong = _problem(cells)
        if wrong:
            refused.append(Refusal(file=path.name, line=number, reason=wrong))
            continue
        action, identifier, papers, value, reason = cells
        decisions.append(
            Decision(
                action=action,
                id=identifier,
                papers=frozenset(papers.split()),
                value=value,
                reason=reason,
                line=number,
            )
        )
    return decisions, refused


def _problem(cells: list[str]) -> str:
    if len(cells) > len(COLUMNS):
        return f"{len(cells)} cells, not {len(COLUMNS)}"
    action, identifier, papers, value, _ = cells
    if action not in ACTIONS:
        return f"unknown action {action!r}: use one of {', '.join(ACTIONS)}"
    if "/" not in identifier:
        return f"{identifier!r} is no id of a thing, like system/vllm"
    if action == "split" and not papers:
        return "a split names the papers whose thing is another one"
    if action == "retype" and value not in ENTITY_TYPES:
        return f"{value!r} is no type: use one of {', '.join(ENTITY_TYPES)}"
    if action == "rename" and papers:
        return "a name is the same in all papers: leave the paper empty, or split first"
    if action != "drop" and not value:
        return f"a {action} needs a value"
    return ""


def apply_decisions(
    identities: Identities, decisions: Iterable[Decision], known: Mapping[str, Concept]
) -> Iterator[tuple[Decision, str]]:
    """Apply decisions to identities, in place; yield those that cannot be applied, and why not.

    ``known`` are the concepts of the vocabulary: a thing may be merged into one that no paper names yet.
    """
    for decision in decisions:
        uses = sorted(
            key
            for key, concept in identities.concept_of.items()
            if concept == decision.id and (not decision.papers or key[0] in decision.papers)
        )
        concepts = {**known, **identities.concepts}
        wrong = _obstacle(decision, uses, concepts, identities)
        if wrong:
            yield decision, wrong
            continue
        target = _target(decision, concepts)
        for key in uses:
            if target is None:
                del identities.concept_of[key]
            else:
                identities.concept_of[key] = target.id
        if target:
            identities.concepts[target.id] = target
        if decision.id not in identities.concept_of.values() and (not target or target.id != decision.id):
            # What hung below it hangs below what it is now, or where it hung itself.
            identities.replaced[decision.id] = target.id if target else ""
            identities.concepts.pop(decision.id, None)
            identities.merges = [m for m in identities.merges if m.id != decision.id]
        identities.merges.extend(_records(decision, uses, target))


def _records(decision: Decision, uses: Iterable[tuple[str, str]], target: Concept | None) -> Iterator[Merge]:
    papers: dict[str, set[str]] = {}
    for paper, name in uses:
        papers.setdefault(name, set()).add(paper)
    for name, found in papers.items():
        yield Merge(
            score=1.0,
            decision=decision.action,
            form=name,
            type=target.type if target else "",
            id=target.id if target else decision.id,
            reason=f"curator: {decision}{f' ({decision.reason})' if decision.reason else ''}",
            papers=len(found),
        )


def _obstacle(
    decision: Decision, uses: list[tuple[str, str]], concepts: Mapping[str, Concept], identities: Identities
) -> str:
    """Say why a decision cannot be applied; "" if it can."""
    concept = concepts.get(decision.id)
    if concept is None:
        return "there is no such thing"
    if not uses:
        return "no paper of this build names it" + (" there" if decision.papers else "")
    missing = sorted(decision.papers - {paper for paper, _ in uses})
    if missing:
        return f"{', '.join(missing)} does not name it (papers are parted by spaces)"
    if decision.action == "merge":
        target = concepts.get(decision.value)
        if target is None:
            return f"there is no {decision.value}"
        if target.id == concept.id:
            return "it is that already"
        if target.type != concept.type:
            return f"{target.id} is a {target.type}, and this a {concept.type}: retype it first"
    if decision.action in ("split", "rename"):
        if decision.value == concept.name:
            return "that is its name already"
        if not decision.value.isprintable():
            return "the name holds characters that cannot be printed"
        named = set(identities.concept_of.values())
        same = (c.id for c in concepts.values() if c.type == concept.type and c.name == decision.value)
        if other := next((key for key in same if key in named and key != concept.id), ""):
            return f"{other} has this name: merge them, or choose another"
    if decision.action == "retype" and decision.value == concept.type:
        return f"it is a {concept.type} already"
    return ""


def _target(decision: Decision, concepts: Mapping[str, Concept]) -> Concept | None:
    """Give the concept that the uses of a decision get; None if they get none."""
    concept = concepts[decision.id]
    if decision.action == "merge":
        return concepts[decision.value]
    if decision.action == "rename":
        return replace(concept, name=decision.value)
    if decision.action == "split":
        new = Concept(
            id=f"{concept.type.lower()}/{slug(decision.value)}",
            type=concept.type,
            name=decision.value,
            source="curator",
        )
        taken = concepts.get(new.id)
        # Two names may make one slug; a digest tells them apart.
        return new if taken in (None, new) else replace(new, id=f"{new.id}-{digest(decision.value)}")
    if decision.action == "retype":
        # The rest of the id stays: of two homonyms it is what tells them apart.
        identifier = f"{decision.value.lower()}/{concept.id.split('/', 1)[1]}"
        moved = replace(
            concept, id=identifier, type=decision.value, broader="", variant_of="", source="curator"
        )
        return concepts.get(identifier, moved)
    return None
