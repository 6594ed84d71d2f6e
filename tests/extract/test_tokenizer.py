"""The tokenizer cuts where names may begin and end, and moves no offset."""

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from paperkg.extract.tokenizer import make_tokenizer

NLP = spacy.blank("en")
NLP.tokenizer = make_tokenizer(NLP)
NLP.add_pipe("paperkg_sentences")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A100-based", ["A100", "-", "based"]),
        ("FP16/BF16", ["FP16", "/", "BF16"]),
        ("(C++)", ["(", "C++", ")"]),
        ("GPT-3.5,", ["GPT", "-", "3.5", ","]),
        ("llama.cpp is", ["llama.cpp", "is"]),
        ("Command R+.", ["Command", "R+", "."]),
        ("41-137times", ["41", "-", "137times"]),
        ("用vLLM在A100上。", ["用", "vLLM", "在", "A100", "上。"]),
        ("D$^{2}$MoE's", ["D$^{2}$MoE", "'s"]),
    ],
)
def test_tokens(text, tokens):
    """Names keep their inner signs; hyphens, slashes and brackets part."""
    assert [t.text for t in NLP.make_doc(text)] == tokens


@given(st.text(max_size=200))
def test_offsets_are_those_of_the_text(text):
    """Whatever the text, tokens and spaces together are the text."""
    assert NLP.make_doc(text).text == text


def test_title_is_a_sentence():
    """The line end after the title ends a sentence, with or without a full stop."""
    doc = NLP("vLLM: easy serving\nServing is hard. We help.")
    assert [s.text.strip() for s in doc.sents] == ["vLLM: easy serving", "Serving is hard.", "We help."]


@pytest.mark.parametrize(
    "text", ["Tools, e.g. PyTorch, help.", "It gains 3.5 points.", "See vs. Ray et al. Here"]
)
def test_no_sentence_inside(text):
    """Abbreviations and decimals end no sentence."""
    assert len(list(NLP(text).sents)) == 1
