"""What can go wrong, named after the situation; every message says what to change."""

from __future__ import annotations


class PaperkgError(Exception):
    """Something that the user can mend; the command line shows it as one line."""


class InputError(PaperkgError):
    """An input cannot be read, or nothing usable was found in it."""


class RecordError(PaperkgError):
    """A record breaks its own format: offsets outside the text, an unknown type or role."""


class VocabularyError(PaperkgError):
    """A file of the vocabulary is not in the form that its types ask for."""


class GraphError(PaperkgError):
    """There is no build at this place, or it is not one that this version can read."""


class QueryError(PaperkgError):
    """A query is no valid SPARQL, or a named query lacks a parameter."""


class ExportError(PaperkgError):
    """An export was asked for in a format that does not exist, or cannot be written."""


class MissingExtraError(PaperkgError):
    """An optional dependency is absent; the message names the extra to install."""
