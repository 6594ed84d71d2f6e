"""Scripts that grow the vocabulary: ``python -m paperkg.curate``.

Nothing here runs in a build. Tables of others and piles of abstracts give candidates, a person reads
them, and what is kept becomes rows of ``ontology/vocabulary/`` that name their source.
"""
