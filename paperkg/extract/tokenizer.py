"""Cut text into tokens at every place where a name may begin or end."""

from __future__ import annotations

from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]  # spaCy ships no stub for it
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from paperkg.extract.state import findings

#: Escapes of terminals and other control characters are tokens of their own: no name holds them.
_CONTROL = r"(?:\x1b\[[\d;]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f])"

#: Scripts without spaces: a Latin name among them ends where they begin.
_UNSPACED = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]+"

#: Hyphens and slashes part tokens ("A100-based", "FP16/BF16"), so that the name inside is a token sequence;
#: dots part them only between a word and the capital of the next sentence ("end.Next").
_INFIXES = [
    _CONTROL,
    _UNSPACED,
    r"(?<=[^\s])[-–—−/,;:()\[\]<>=~|](?=[^\s])",
    r"(?<=[a-z)])[.?!](?=[A-Z][a-z])",
    r"\.\.+|…",
]
#: A long run of one mark is one token: spaCy takes affixes off one by one, in quadratic time.
_RUN = r"([\-–—/,;:()\[\]<>=~|\"'`*.?!])\1{7,}"
_PREFIXES = [_RUN, _CONTROL, _UNSPACED, r"[\-–—/,;:(\[<>=~|\"'“”‘’`*.?!]"]
_SUFFIXES = [
    _CONTROL,
    _UNSPACED,
    r"[\-–—/,;:()\[\]<>=~|\"'“”‘’`*?!%]",
    r"['’]s",
    r"(?<=[\w)\]%}$+])\.",
    r"\.\.+",
]


def make_tokenizer(nlp: Language) -> Tokenizer:
    """Make the tokenizer: spaCy's exceptions for English, our own rules for the rest.

    >>> import spacy
    >>> [t.text for t in make_tokenizer(spacy.blank("en"))("A100-80GB beats C++/GPT-3.5 (1.4x).")]
    ['A100', '-', '80GB', 'beats', 'C++', '/', 'GPT', '-', '3.5', '(', '1.4x', ')', '.']
    """
    # Contractions are spaCy's business; its exceptions for units and times would cut "8am" out of names.
    rules = {
        text: rule
        for text, rule in (nlp.Defaults.tokenizer_exceptions or {}).items()
        if "'" in text or "’" in text
    }
    rules |= {
        text: [{65: text}] for text in ("e.g.", "i.e.", "et al.", "vs.", "w.r.t.", "cf.", "Fig.", "approx.")
    }
    return Tokenizer(
        nlp.vocab,
        rules=rules,
        prefix_search=compile_prefix_regex(_PREFIXES).search,
        suffix_search=compile_suffix_regex(_SUFFIXES).search,
        infix_finditer=compile_infix_regex(_INFIXES).finditer,
    )


@Language.factory("paperkg_sentences", assigns=["token.is_sent_start"])
def make_sentences(nlp: Language, name: str) -> Sentences:
    """Make the component that finds sentences."""
    return Sentences()


class Sentences:
    """Begin a sentence after a full stop that a capital or a number follows; the title is one by itself."""

    def __call__(self, doc: Doc) -> Doc:
        """Set where sentences start."""
        after_stop = False
        state = findings(doc)
        begin = 0
        for i, text in enumerate(state.words):
            if i and after_stop and not text.islower() and text not in ")]”\"'":
                state.sentences.append((begin, i))
                begin = i
            if "\n" in text:
                after_stop = True
            elif text in {".", "?", "!"}:
                last = i + 1 == len(doc)
                spaced = last or state.starts[i + 1] > state.starts[i] + len(text)
                after_stop = spaced or state.words[i + 1][:1].isupper()
            elif not (after_stop and text in ")]”\"'"):
                after_stop = False
        if len(doc):
            state.sentences.append((begin, len(doc)))
            flags = np.full(len(doc), -1, dtype=np.int64)
            flags[[start for start, _ in state.sentences]] = 1
            values: Any = flags.astype(np.uint64).reshape(-1, 1)
            doc.from_array(["SENT_START"], values)
        return doc
