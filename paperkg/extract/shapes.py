"""Find names by how they look, and by what stands beside them.

``size``    a known family with a version or size: "Qwen2.5-7B-Instruct", "OPT-175B"
``suffix``  a known name with something glued to it: "DiDeMo-FIG"
``part``    a vendor and a part number: "NVIDIA A6000", "Xilinx VCU1525"
``format``  numeric formats: "W4A8", "INT4", "FP8"
``bench``   what calls itself a benchmark: "SoundnessBench"
``shape``   an unusual shape that is used like a name: "FlexGen", "vLLM"
``list``    a capitalised word in a list with names: "Ginex and MariusGNN"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.state import Candidate, findings
from paperkg.names import INNER_CAPITAL, fold
from paperkg.variants import family_names
from paperkg.vocabulary import Vocabulary

_UNIT = re.compile(r"\d[\d.,]*[xX×%+]?|\d[\d.,]*(?:[kKMGTPB]B?|times|nm|ms|bit|D|th|st|nd|rd|GHz|W|V)(?:/s)?")
_SIZE = re.compile(r"(?:v?\d+(?:\.\d+)*[a-z]?|\d+(?:\.\d+)?[BbMm]|(?:\d+x)?\d+B|[A-Z]?\d+[BM])")
_FORMAT = re.compile(
    r"W\d+A\d+(?:KV\d+)?|(?:MX|NV)?(?:INT|FP|BF|TF|UINT|NF)\d+|E\dM\d|[uU]?int\d+|bfloat16|fp\d+|bf16"
)
_PART = re.compile(r"[A-Z]{0,6}\d[\w.+]*|[A-Z]{2,}[\w.+]*")
_BENCH = re.compile(r"\w*[A-Za-z](?:Bench|bench|BENCH|Eval|QA|Arena|Corpus)(?:\+|\d)?")

#: A shape makes a name only in a paper that speaks of so many known things: surveys and instruments of
#: other sciences are written in capitals, too.
_COMPANY = 2

_PLAIN_NAME = re.compile(r"[A-Z][a-z]{2,}")
_LIST_SIGNS = frozenset({",", "and", "or", "&"})


@Language.factory("paperkg_shapes")
def make_shapes(nlp: Language, name: str) -> Shapes:
    """Make the component that finds names by their shape; cue words come from ``load``."""
    return Shapes()


class Shapes:
    """Propose what looks like a name, from what other components have found already."""

    def __init__(self) -> None:
        self.cues = Cues()
        self.vendors: frozenset[str] = frozenset()
        #: Type of each known Model, Dataset and Hardware, by the folded form of its names.
        self._known: dict[str, str] = {}

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cue words and vendors of a vocabulary."""
        self.cues.load(vocabulary)
        vendors = {c.vendor for c in vocabulary.concepts.values() if c.type == "Hardware" and c.vendor}
        self.vendors = frozenset(vendor.split()[0].casefold() for vendor in vendors)
        self._known = {
            fold(name.text): kind
            for name in vocabulary.names
            if name.case != "never"
            and (kind := vocabulary.concepts[name.id].type) in ("Model", "Dataset", "Hardware")
        }

    def __call__(self, doc: Doc) -> Doc:
        """Add what every pattern finds."""
        state = findings(doc)
        state.candidates.extend(self._sizes(doc))
        state.candidates.extend(self._tokens(doc, {(c.start, c.end) for c in state.candidates}))
        state.candidates.extend(self._lists(doc))
        return doc

    def _suffixed(self, doc: Doc, c: Candidate, known: set[tuple[int, int]]) -> Iterator[Candidate]:
        """Lengthen a known name by what is glued to it in capitals or digits: "DiDeMo-FIG", "Path-512"."""
        if c.end + 1 >= len(doc) or doc[c.end].text != "-" or doc[c.end - 1].whitespace_:
            return
        suffix = doc[c.end + 1].text
        if doc[c.end].whitespace_ or not re.fullmatch(r"[A-Z]\w*|\d+[A-Za-z]?", suffix):
            return
        if (c.end + 1, c.end + 2) not in known:
            yield Candidate(start=c.start, end=c.end + 2, score=0.88, rule="suffix", type=c.type)

    def _sizes(self, doc: Doc) -> Iterator[Candidate]:
        """Lengthen a known model family by its version and size, and a known name by its suffix."""
        known = {(c.start, c.end) for c in findings(doc).candidates}
        for c in list(findings(doc).candidates):
            if c.type not in ("Model", "Dataset") or not c.concept or doc[c.end - 1].text.islower():
                continue
            end = c.end
            while end < len(doc) and c.type == "Model":
                text, glued = doc[end].text, not doc[end - 1].whitespace_
                if text == "-" and glued and end + 1 < len(doc) and not doc[end].whitespace_:
                    following = doc[end + 1].text
                    if not (_SIZE.fullmatch(following) or following.lower() in self.cues.variants):
                        break
                    end += 2
                elif not glued and (
                    _SIZE.fullmatch(text) or (end > c.end and text.lower() in self.cues.variants)
                ):
                    if _UNIT.fullmatch(text) and not re.fullmatch(r"\d+(?:\.\d+)?B?|\d+x\d+B", text):
                        break
                    if re.fullmatch(r"\d+", text) and len(text) > 2:
                        break
                    end += 1
                else:
                    break
            if c.type == "Dataset" or (end == c.end and c.type == "Model"):
                yield from self._suffixed(doc, c, known)
            if end > c.end:
                yield Candidate(
                    start=c.start, end=end, score=0.93, rule="size", type=c.type, name=_joined(doc, c, end)
                )

    def _tokens(self, doc: Doc, known: set[tuple[int, int]]) -> Iterator[Candidate]:
        """Find names by the shape of their tokens and by the noun beside them."""
        state = findings(doc)
        company = len({c.concept for c in state.candidates if c.concept}) >= _COMPANY
        for i, text in enumerate(state.words):
            if text.isalpha() and text.islower() and text not in self.vendors:
                continue  # most words are plain ones, and no pattern matches them
            if _FORMAT.fullmatch(text):
                yield Candidate(
                    start=i,
                    end=i + 1,
                    score=0.9,
                    rule="format",
                    type="Technique",
                    name=text.upper(),
                )
                continue
            if text.casefold() in self.vendors and i + 1 < len(doc):
                yield from self._parts(doc, i)
                continue
            if not INNER_CAPITAL.search(text) or _UNIT.fullmatch(text) or fold(text) in self.cues.never:
                continue
            if text.startswith(("http", "www.")) or "/" in text or not text[0].isalnum() or len(text) > 40:
                continue
            end = self._name_end_glued(doc, i)
            if end - i == 3 and {(i, i + 1), (end - 1, end)} <= known:
                continue  # "GPU-CPU": two names, and not a third one
            yield from self._shaped(doc, i, end, company=company)

    def _lists(self, doc: Doc) -> Iterator[Candidate]:
        """Find plain capitalised words in a list with names: "Ginex and MariusGNN"."""
        state = findings(doc)
        before: dict[int, str] = {}  # type of the name that ends, or begins, at a token
        after: dict[int, str] = {}
        covered: set[int] = set()
        for c in state.candidates:
            covered.update(range(c.start, c.end))
            if c.type in ("System", "Model", "Dataset"):
                before.setdefault(c.end, c.type)
                after.setdefault(c.start, c.type)
        common = {text for text in state.words if text.islower()}
        begins = {start for start, _ in state.sentences}
        for i in range(1, len(doc) - 1):
            text = state.words[i]
            if not text[0].isupper() or i in covered or i in begins or not _PLAIN_NAME.fullmatch(text):
                continue
            if text.lower() in common or fold(text) in self.cues.never or fold(text) in self.cues.classes:
                continue
            following = doc[i + 1].text
            if doc[i - 1].text in _LIST_SIGNS:
                last = i - 2 if doc[i - 2].text == "," else i - 1  # "A, and B"
                kind = before.get(last, "")
            else:
                kind = ""
            if not kind and following in _LIST_SIGNS and i + 2 < len(doc):
                kind = after.get(i + 3 if doc[i + 2].text in _LIST_SIGNS else i + 2, "")
            if (
                kind
                and not doc[i - 1].text[:1].isupper()
                and not following[:1].isupper()
                and following != "-"
            ):
                before[i + 1] = after[i] = kind
                yield Candidate(start=i, end=i + 1, score=0.7, rule="list", type=kind)

    def _parts(self, doc: Doc, vendor: int) -> Iterator[Candidate]:
        end = vendor + 1
        while end < len(doc) and end < vendor + 6:
            text = doc[end].text
            if (
                (text in "-" and end + 1 < len(doc) and not doc[end].whitespace_)
                or (_PART.fullmatch(text) and fold(text) not in self.cues.classes)
                or text.lower() in self.cues.product_words
            ):
                end += 1
            else:
                break
        while end > vendor + 1 and doc[end - 1].text == "-":
            end -= 1
        if any(any(ch.isdigit() for ch in t.text) for t in doc[vendor + 1 : end]):
            yield Candidate(start=vendor, end=end, score=0.9, rule="part", type="Hardware")

    def _name_end_glued(self, doc: Doc, start: int) -> int:
        end = start + 1
        while (
            end + 1 < len(doc)
            and doc[end].text == "-"
            and not doc[end - 1].whitespace_
            and not doc[end].whitespace_
        ):
            following = doc[end + 1].text
            if following.islower() and not any(c.isdigit() for c in following):
                break
            end += 2
        return end

    def _shaped(self, doc: Doc, start: int, end: int, *, company: bool) -> Iterator[Candidate]:
        text = doc[start:end].text
        if _BENCH.fullmatch(doc[end - 1].text):
            yield Candidate(start=start, end=end, score=0.85, rule="bench", type="Dataset")
            return
        if not company:
            return
        kind = self._noun_beside(doc, start, end) or self._family_type(text) or self.cues.ending_type(text)
        mixed = bool(re.search(r"[a-z]\w*[A-Z]|[A-Z]{2,}\w*[a-z]{2}", text))
        if kind:
            yield Candidate(start=start, end=end, score=0.78 if mixed else 0.7, rule="shape", type=kind)
        elif (mixed and len(text) > 3) or text in self.cues.listed_names(doc):
            yield Candidate(start=start, end=end, score=0.66, rule="shape")

    def _family_type(self, name: str) -> str:
        """Give the type of the known family that a name is a version or a size of: "ResNet8"."""
        return next((self._known[key] for f in family_names(name) if (key := fold(f)) in self._known), "")

    def _noun_beside(self, doc: Doc, start: int, end: int) -> str:
        """Read the type off the noun beside a name: "the Loghub dataset", "models such as OPT"."""
        if end < len(doc) and (kind := self.cues.head_type(doc[end].text)) and doc[end].text.islower():
            return kind
        before = doc[max(0, start - 14) : start].text
        match = re.search(
            r"(\w+)(?:,)? (?:such as|like|including|e\.g\.,?|\(e\.g\.,?|namely)(?: [\w.+-]+,?(?: and)?)*\s*$",
            before,
        )
        return self.cues.head_type(match.group(1)) if match else ""


def _joined(doc: Doc, family: Candidate, end: int) -> str:
    rest = doc[family.end : end].text.strip(" -")
    return f"{family.name}-{rest.replace(' ', '-')}"
