"""The tables and records of a build: extractions, entities, merges."""

from __future__ import annotations

from typing import BinaryIO

from paperkg.graph import KnowledgeGraph
from paperkg.records import concept_to_record, merges_to_table, to_line, to_lines


def write_extractions(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write one JSON record a paper, sorted by its id."""
    for line in to_lines(graph.extractions.values()):
        stream.write(line.encode())


def write_entities(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write one JSON record a concept, sorted by its id."""
    for concept in graph.concepts.values():
        stream.write(to_line(concept_to_record(concept)).encode())


def write_merges(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write the linker's decisions as a table, the most doubtful first."""
    stream.write(merges_to_table(graph.merges).encode())
