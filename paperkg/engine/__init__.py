"""Where extraction runs: in this process, or in several. The output is the same, in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from spacy.language import Language

from paperkg.extract import Models, extract, make_nlp
from paperkg.model import Extraction, Paper
from paperkg.vocabulary import Vocabulary

#: Papers that travel to a process at a time: enough to hide the trip, few enough to keep memory flat.
_BATCH = 32

#: Batches under way for each process.
_WAITING = 3

_nlp: Language | None = None


def extract_papers(
    papers: Iterable[Paper],
    *,
    jobs: int = 1,
    vocabulary: Vocabulary | None = None,
    models: Models | None = None,
) -> Iterator[Extraction]:
    """Yield what each paper says, in the order of the papers; ``jobs`` processes share the work.

    However many papers there are, only some batches of them are in memory at a time.
    """
    if jobs < 2:
        yield from extract(make_nlp(vocabulary, models), papers)
        return
    batches = iter(papers)
    # Not fork: the threads of a caller (a server, a notebook) do not survive it.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (vocabulary, models)) as pool:
        waiting: deque[Future[list[Extraction]]] = deque()
        while batch := list(islice(batches, _BATCH)):
            waiting.append(pool.submit(_work, batch))
            if len(waiting) >= jobs * _WAITING:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _start(vocabulary: Vocabulary | None, models: Models | None) -> None:
    """Load the pipeline of a worker, once."""
    global _nlp
    _nlp = make_nlp(vocabulary, models)


def _work(papers: list[Paper]) -> list[Extraction]:
    assert _nlp is not None
    return list(extract(_nlp, papers))
