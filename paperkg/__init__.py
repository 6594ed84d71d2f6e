"""paperkg: a knowledge graph of papers, with evidence."""

__version__ = "0.1.0"
