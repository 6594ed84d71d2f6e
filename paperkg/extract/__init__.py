"""Find the entities, roles, relations and claims of papers, one paper at a time.

A spaCy pipeline on a blank English model. To add a rule, write its component in a module here, import
the module below and give it one row in ``COMPONENTS``; the order of the rows is the order of the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import spacy
from spacy.language import Language
from spacy.tokens import Doc

# Importing a module registers its component.
from paperkg.extract import (  # noqa: F401
    claims,
    gazetteer,
    patterns,
    phrases,
    recogniser,
    relations,
    resolver,
    roles,
    shapes,
    tokenizer,
)
from paperkg.extract.markup import put_back, without_markup
from paperkg.extract.models import Models, UsesModels, default_models
from paperkg.extract.state import UsesVocabulary, findings
from paperkg.model import Extraction, Paper
from paperkg.vocabulary import Vocabulary, default_vocabulary

#: Components of the pipeline, in order.
COMPONENTS: tuple[str, ...] = (
    "paperkg_sentences",
    "paperkg_gazetteer",
    "paperkg_patterns",
    "paperkg_shapes",
    "paperkg_recogniser",
    "paperkg_phrases",
    "paperkg_resolver",
    "paperkg_roles",
    "paperkg_relations",
    "paperkg_claims",
)

__all__ = ["COMPONENTS", "Models", "extract", "make_nlp"]


def make_nlp(vocabulary: Vocabulary | None = None, models: Models | None = None) -> Language:
    """Make the pipeline, with a vocabulary and what has been learnt (those that ship, if none are given)."""
    vocabulary = vocabulary or default_vocabulary()
    models = models or default_models()
    nlp = spacy.blank("en")
    nlp.tokenizer = tokenizer.make_tokenizer(nlp)
    for name in COMPONENTS:
        component = nlp.add_pipe(name)
        if isinstance(component, UsesVocabulary):
            component.load(vocabulary)
        if isinstance(component, UsesModels):
            component.use(models)
    return nlp


def extract(nlp: Language, papers: Iterable[Paper]) -> Iterator[Extraction]:
    """Yield what each paper says, in the order of the papers, with a pipeline from ``make_nlp``.

    Entities that the vocabulary knows carry its id; the others have none until linking.
    """
    plain = ((paper, *without_markup(paper.text, len(paper.title))) for paper in papers)
    texts = ((text, (paper, places)) for paper, text, places in plain)
    for doc, (paper, places) in nlp.pipe(texts, as_tuples=True):
        yield _extraction(paper, doc, places)


def _extraction(paper: Paper, doc: Doc, places: Sequence[int]) -> Extraction:
    """Take what the pipeline found in the Doc of a paper's text; ``places`` lead back to the text."""
    state = findings(doc)
    first: dict[str, int] = {}
    for mention in state.mentions:
        first.setdefault(mention.entity, mention.start)
    text = paper.text
    return Extraction(
        paper=paper,
        mentions=tuple(put_back(m, places, text) for m in state.mentions),
        entities=tuple(sorted(state.entities, key=lambda e: (first[e.name], e.name))),
        relations=tuple(put_back(r, places, text) for r in state.relations),
        claims=tuple(put_back(c, places, text) for c in sorted(state.claims, key=lambda c: (c.start, c))),
    )
