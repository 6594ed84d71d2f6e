"""The noun by which a text calls a name."""

from __future__ import annotations

import pytest

from paperkg.extract import Models, make_nlp
from paperkg.extract.cues import Cues
from paperkg.extract.state import findings
from paperkg.extract.text_features import Features, adder
from paperkg.extract.told import add_told
from paperkg.vocabulary import default_vocabulary

_NLP = make_nlp(default_vocabulary(), Models())
_CUES = Cues()
_CUES.load(default_vocabulary())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Zed: A Large Hindi Named Entity Recognition Dataset\nNamed.", "told after Dataset"),
        ("Work\nWe present Zed (ZZ), a fast and scalable engine for the graphs.", "told after System"),
        (
            "Work\nWe show a novel model for the training of nets, called Zed, that rocks.",
            "told before Model",
        ),
        ("Work\nThe tool is dubbed Zed.", "told before System"),
        ("Zed: Cats on Mats\nNothing.", "told after ?"),
    ],
)
def test_the_noun_tells_the_type(text: str, told: str) -> None:
    features = _features(text)
    assert [name for name in features if name.startswith(("told after", "told before"))] == [told]


@pytest.mark.parametrize(
    "text", ["Work\nWe ran Zed, and it works.", "Work\nZed is fast. A dataset is large.", "Zed"]
)
def test_a_sentence_without_a_noun_for_it_tells_nothing(text: str) -> None:
    assert not _features(text)


def _features(text: str) -> Features:
    doc = _NLP(text)
    features: Features = {}
    place = [token.text for token in doc].index("Zed")
    add_told(adder(features), findings(doc), place, place + 1, _CUES)
    return features
