"""Find names by where they stand: in the title, where a paper presents its work, in acronym definitions.

``title``         "Name: what it does" at the head of the title
``introduction``  "we present Name", "a system called Name", "Name, a fast engine"
``acronym``       "Long Form (LF)": initials, or the algorithm of Schwartz and Hearst (2003)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span

from paperkg.extract.cues import Cues
from paperkg.extract.state import Candidate, findings
from paperkg.names import INNER_CAPITAL, fold, plain
from paperkg.vocabulary import Vocabulary

_ACRONYM = re.compile(r"[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*s?")


#: How far before a name the noun may stand that tells its type, in characters.
_REACH = 170

_THE = r"(?:an?|the|our|the first|one of the|fundamentally)"
_CALL = r"(?:which we call|we call|called|named|dubbed|termed|namely|i\.e\.,)"

#: What tells the type of a name, the surest first: what follows it, or what stands before it.
_TELLS = (
    ("after", re.compile(rf"(?: \([^)]*\))?(?:,| is| are|:| –| —| -)\s+{_THE}\s+([^.;:()]*)")),
    ("before", re.compile(rf"\b(?:an?|the|our)\s+([^.;:()]{{3,120}}?),?\s+{_CALL}\s+(?:as\s+)?$")),
    ("before", re.compile(r"\b(?:an?|the|our)\s+([^.;:(),]{3,90}?)\s+\(?$")),
    ("after", re.compile(r"(?!\w)((?:\s+[a-z][\w-]*){1,2})")),
    ("before", re.compile(r"\b(?:an?|the|our)\s+([^.;:(),]{3,90}?),\s+$")),
)


@Language.factory("paperkg_patterns")
def make_patterns(nlp: Language, name: str) -> Patterns:
    """Make the component that finds names by patterns; cue words come from ``load``."""
    return Patterns()


class Patterns:
    """Propose names that stand in a place, or have a shape, that only names have."""

    def __init__(self) -> None:
        self.cues = Cues()

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cue words of a vocabulary."""
        self.cues.load(vocabulary)

    def __call__(self, doc: Doc) -> Doc:
        """Add what every pattern finds."""
        state = findings(doc)
        state.candidates.extend(self._titles(doc))
        state.candidates.extend(self._introductions(doc))
        state.candidates.extend(self._acronyms(doc, {(c.start, c.end) for c in state.candidates}))
        return doc

    def _titles(self, doc: Doc) -> Iterator[Candidate]:
        """Find the name before the colon of a title."""
        title = next(iter(doc.sents), doc[:0])
        colon = next((t.i for t in title if t.text == ":"), None)
        if colon is None or not 0 < colon <= 6 or doc[colon].whitespace_ == "":
            return
        name = doc[0:colon]
        if self._is_name(name) or self._recurs(doc, name):
            kind = self._type_in_text(doc, name.text) or self.cues.head_type(
                self.cues.head(doc[colon + 1 : title.end])
            )
            yield Candidate(start=0, end=colon, score=0.97, rule="title", type=kind, introduced=True)

    def _is_name(self, span: Span) -> bool:
        words = [t for t in span if t.text not in "-–/"]
        shaped = any(INNER_CAPITAL.search(t.text) for t in words)
        return shaped and len(words) <= 4 and all(not t.text.islower() or len(words) == 1 for t in words)

    def _recurs(self, doc: Doc, name: Span) -> bool:
        """Say whether a title's plain word ("Mirage") stands as a name inside a sentence of the abstract."""
        if len(name) > 3 or any(t.text.islower() and t.text != "-" for t in name):
            return False
        for match in re.finditer(
            rf"(?<=[a-z,(] ){re.escape(name.text)}(?!\w)", findings(doc).text[name.end_char :]
        ):
            if match.start() > 0:
                return True
        return False

    def _type_in_text(self, doc: Doc, name: str) -> str:
        """Give the type that the text states for a name; cached in the Doc."""
        known = doc.user_data.setdefault("paperkg_types", {})
        if name not in known:
            known[name] = self._find_type(doc, name)
        kind = known[name]
        assert isinstance(kind, str)
        return kind

    def _find_type(self, doc: Doc, name: str) -> str:
        """Find the type that the text states for a name: "X, a fast engine", "a framework called X"."""
        text = findings(doc).text
        places = []
        start = -1
        while (start := text.find(name, start + 1)) >= 0:
            places.append((start, start + len(name)))
        for side, pattern in _TELLS:
            for start, end in places:
                if side == "after":
                    match = pattern.match(text, end)
                else:
                    match = pattern.search(text[max(0, start - _REACH) : start])
                if match and (kind := self.cues.head_type(self.cues.head(match.group(1)))):
                    return kind
        return ""

    def _introductions(self, doc: Doc) -> Iterator[Candidate]:
        """Find what follows "we present", "called", "dubbed" ..."""
        text = findings(doc).text
        for match in self.cues.introductions(findings(doc)):
            span = doc.char_span(match.end(), min(match.end() + 220, len(text)), alignment_mode="contract")
            if span is None:
                continue
            span = doc[span.start : min(span.end, span[0].sent.end)]
            naming = match.lastgroup == "naming"
            found = self._name_after(doc, span, naming=naming)
            if found:
                start, end, kind = found
                kind = kind or self._type_in_text(doc, doc[start:end].text)
                yield Candidate(
                    start=start, end=end, score=0.95, rule="introduction", type=kind, introduced=True
                )

    def _name_after(self, doc: Doc, span: Span, *, naming: bool) -> tuple[int, int, str] | None:
        """Find the name of a contribution in what follows a cue: at once, or after the noun phrase."""
        i, stop = span.start, span.end
        while i < stop and (doc[i].text.lower() in {"as", "also", ",", '"', "“", "'", "‘", ":", "`"}):
            i += 1
        if i < stop and not self._is_determiner(doc, i):
            end = self._name_end(doc, i, stop)
            if end is not None:
                return i, end, ""
        if naming:
            return None
        # "a novel Hottest Expert First": some words in lower case, then a run of capitals.
        j = i
        while j < min(i + 4, stop) and doc[j].text.islower():
            j += 1
        end = self._name_end(doc, j, stop) if j > i else None
        if end is not None and sum(t.text[:1].isupper() for t in doc[j:end]) > 1:
            return j, end, self.cues.head_type(doc[end - 1].text)
        # "a new framework, X, that": the noun phrase first, then the name set off by commas.
        for j in range(i, min(i + 25, stop)):
            if doc[j].text in {",", "–", "—", ":"} or doc[j].text in {"that", "which", "to", "for", "with"}:
                end = self._name_end(doc, j + 1, stop) if doc[j].text == "," else None
                head = self.cues.head(doc[i:j])
                if end is not None and self.cues.head_type(head):
                    return j + 1, end, self.cues.head_type(head)
                if doc[j].text != "," or not self.cues.head_type(head):
                    break
        # "our accelerator SAT": the head noun, then the name.
        for j in range(i, min(i + 14, stop - 1)):
            kind = self.cues.head_type(doc[j].text)
            if kind and doc[j].text.islower():
                end = self._name_end(doc, j + 1, stop)
                if end is not None and INNER_CAPITAL.search(doc[j + 1 : end].text):
                    return j + 1, end, kind
        return None

    def _name_end(self, doc: Doc, start: int, stop: int) -> int | None:
        """Give where a name that begins at ``start`` ends; None if none begins there."""
        if start >= stop or not _begins_name(doc[start].text) or self._is_determiner(doc, start):
            return None
        end = start + 1
        while end < stop:
            text = doc[end].text
            glued = not doc[end - 1].whitespace_
            if (text in "-/" and glued and end + 1 < stop and not doc[end].whitespace_ and text) or (
                glued and doc[end - 1].text in "-/"
            ):
                if text in self.cues.suffixes and doc[end - 1].text == "-":
                    return None  # "IO-aware algorithms": an adjective, no name
                end += 1
            elif _begins_name(text) and doc[end - 1].whitespace_ and end - start < 6:
                end += 1
            else:
                break
        if all(fold(t.text) in self.cues.never or not t.text[:1].isalnum() for t in doc[start:end]):
            return None
        return end

    def _is_determiner(self, doc: Doc, i: int) -> bool:
        """Say whether a word is an article and the like; the first letter of "A-LLMRec" is none."""
        glued = i + 1 < len(doc) and not doc[i].whitespace_ and doc[i + 1].text == "-"
        return doc[i].text.lower() in self.cues.determiners and not glued

    def _acronyms(self, doc: Doc, known: set[tuple[int, int]]) -> Iterator[Candidate]:
        """Find "Long Form (LF)" pairs; both sides are forms of one entity."""
        for i, text in enumerate(findings(doc).words):
            if text != "(" or i + 2 >= len(doc):
                continue
            close = next((t.i for t in doc[i + 1 : i + 6] if t.text == ")"), None)
            if close is None:
                continue
            short = doc[i + 1 : close]
            if not _ACRONYM.fullmatch(re.sub(r"[-/.&+]", "", plain(short.text))) or len(short.text) > 14:
                continue
            start = _long_form(doc, i, short.text)
            if start is None or doc[start:i].text.casefold() == short.text.casefold():
                continue
            long = doc[start:i]
            presented = self._is_presented(doc, long.start_char)
            # "CoDe", presented as a name, is not the common word "code".
            coined = presented and bool(re.search(r"[a-z][A-Z]", short.text))
            if (fold(short.text) in self.cues.never and not coined) or fold(long.text) in self.cues.never:
                continue
            kind = self.cues.term_type(long[-1].text)
            capital = sum(t.text[:1].isupper() for t in long) >= max(2, len(long) // 2)
            listed = (long.start, long.end) in known or (short.start, short.end) in known
            if not kind and not listed and not presented:
                # Capitals alone say little: surveys, instruments and metrics are written like this, too.
                continue
            score = 0.86 if kind and capital else 0.8
            key = fold(long.text)
            for side in (long, short):
                yield Candidate(
                    start=side.start,
                    end=side.end,
                    score=score,
                    rule="acronym",
                    type=kind
                    or (self._type_in_text(doc, f"{long.text} ({short.text})") if presented else ""),
                    same_as=key,
                    introduced=presented,
                )

    def _is_presented(self, doc: Doc, start: int) -> bool:
        """Say whether what begins here follows "we propose" at once, or after few words."""
        before = findings(doc).text[max(0, start - 70) : start]
        phrases = list(self.cues.introduce.finditer(before))
        return bool(phrases) and bool(re.fullmatch(r"\s*(?:[a-z-]+\s+){0,3}", before[phrases[-1].end() :]))


def _begins_name(text: str) -> bool:
    return bool(re.match(r"[A-Z\d]", text) and re.search(r"[A-Za-z]", text)) or bool(
        re.match(r"[a-z]+[A-Z\d^$_{]", text)
    )


_SMALL_WORDS = frozenset({"of", "and", "the", "for", "in", "to", "with", "on", "a"})


def _long_form(doc: Doc, bracket: int, short: str) -> int | None:
    """Give the token where the long form of an acronym starts.

    Words whose initials are the acronym, else the algorithm of Schwartz and Hearst (2003).
    """
    letters = [c for c in short.rstrip("s") if c.isalnum()]
    wanted = "".join(letters).casefold()
    every = large = ""  # initials of all words, and without "of", "and" ...
    for i in range(bracket - 1, max(-1, bracket - 2 * len(letters) - 3), -1):
        word = doc[i].text.casefold()
        if word in ".;:()" or len(large) > len(wanted):
            break
        if word[0].isalnum():
            every = word[0] + every
            large = large if word in _SMALL_WORDS else word[0] + large
            if wanted in (every, large) and len(letters) > 1:
                return i
    first = max(0, bracket - min(len(letters) + 5, len(letters) * 2) - 4)
    sentence = doc[bracket].sent.start
    first = max(first, sentence)
    text, offset = doc[first:bracket].text.casefold(), doc[first].idx
    i = len(text) - 1
    for position in range(len(letters) - 1, -1, -1):
        letter = letters[position].casefold()
        while i >= 0 and (text[i] != letter or (position == 0 and i > 0 and text[i - 1].isalnum())):
            i -= 1
        if i < 0:
            return None
        i -= 1
    start = doc.char_span(
        offset + i + 1, doc[bracket - 1].idx + len(doc[bracket - 1]), alignment_mode="expand"
    )
    if (
        start is None
        or len(start) > len(letters) + 6
        or any(t.text in {".", ",", ";", ":", ")"} for t in start)
    ):
        return None
    return start.start
