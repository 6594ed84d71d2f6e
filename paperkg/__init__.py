"""paperkg: a knowledge graph of papers, with evidence.

The stages are modules of their own, each with one function of the same name or purpose:
``paperkg.read``, ``paperkg.extract``, ``paperkg.link``, ``paperkg.export``, and ``paperkg.build`` for
the whole way. Here stand the types, and what most programs need of the stages.

>>> import paperkg
>>> paperkg.Paper(id="p1", title="vLLM: fast serving", abstract="We serve.").text
'vLLM: fast serving\\nWe serve.'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from paperkg.model import Claim, Concept, Entity, Extraction, Listing, Mention, Paper, Relation

if TYPE_CHECKING:
    from paperkg.engine import extract_papers
    from paperkg.graph import KnowledgeGraph
    from paperkg.read import read_inputs

__version__ = "0.1.0"

__all__ = [
    "Claim",
    "Concept",
    "Entity",
    "Extraction",
    "KnowledgeGraph",
    "Listing",
    "Mention",
    "Paper",
    "Relation",
    "extract_papers",
    "read_inputs",
]

#: What needs spaCy or networkx is imported on first use, so that ``paperkg --help`` does not wait for it.
_LATE = {
    "KnowledgeGraph": "paperkg.graph",
    "extract_papers": "paperkg.engine",
    "read_inputs": "paperkg.read",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'paperkg' has no attribute {name!r}")
