"""Bringing what a question is about up to date before it is answered: words first, then meaning.

Knows in which order, for how long, and who is told meanwhile. What indexing is, is the business of `indexer`; whether a
question wants it at all, that of `engine`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store import Progress, RepositoryBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch.models import Models
    from codesearch.repositories import Part
    from store import ProgressCallback

# Passages without an embedding that a person is not left waiting for: an answer by words comes first. Two seconds' work
# for the bundled model on two cores, which embeds about 150 of them in a second.
WORDS_FIRST_FROM = 300

# How long a search waits for another process that is indexing the same repository: a small refresh ends within it.
# After that the answer is drawn from what there is.
SEARCH_WAIT_SECONDS = 2.0

# The long phases, of which every part that is done is kept, and the least that is done of each however short the time:
# files that are parsed in a fraction of a second, after the processes that do it have started; a batch of functions or
# passages.
_LEAST_DONE = {"parse": 64, "summarise": 1, "embed": 1}


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How far it came: whether all files that changed were read, and whether all that is wanted was embedded."""

    read: bool = True
    embedded: bool = True


class TimeIsUp(Exception):
    """The time that indexing was given is over; no error, for what was done is kept."""


class TimeLimit:
    """Passes reports of progress on, and ends the work after `seconds` by raising TimeIsUp.

    Not before something was done, nor after everything was: however short the time, the next run has less to do.
    """

    def __init__(
        self, seconds: float, progress: ProgressCallback | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._clock = progress, clock
        self._end = clock() + seconds

    def __call__(self, report: Progress) -> None:
        """Take a report of the indexer."""
        if self._progress:
            self._progress(report)
        least = _LEAST_DONE.get(report.phase, report.total)
        if least <= report.done < report.total and self._clock() >= self._end:
            raise TimeIsUp


def bring_up_to_date(
    places: Sequence[Part],
    models: Models | None,
    progress: ProgressCallback | None = None,
    between: Callable[[], None] | None = None,
    within: float | None = None,
) -> Refreshed:
    """Index what changed in all places, words before summaries and vectors; without `models` words alone.

    `between` is called when words are and vectors are going to take long. `within` limits the time, in seconds. Raises
    RepositoryBusy after a short while, when the other places were read: what there is can be searched; and the errors
    of the indexer.
    """
    if within is not None:
        progress = TimeLimit(within, progress)
    in_one_go = models is not None and between is None and within is None
    try:
        _read(places, models if in_one_go else None, progress)
    except TimeIsUp:
        return Refreshed(read=False, embedded=False)
    if in_one_go or models is None:
        return Refreshed()
    if between:
        _answer_by_words(places, models, between, progress)
    with suppress(TimeIsUp):
        _embed(places, models, progress)
        return Refreshed()
    return Refreshed(embedded=False)


def _read(places: Sequence[Part], models: Models | None, progress: ProgressCallback | None) -> None:
    from indexer import index_repository

    busy = None
    for repository, _ in places:
        encoder = models.encoder(repository) if models else None
        summariser = models.summariser_if_wanted(repository) if models else None
        try:
            with repository.writing(SEARCH_WAIT_SECONDS):
                index_repository(repository, encoder, progress, summariser=summariser)
        except RepositoryBusy as error:  # another one's business; the others are ours
            busy = error
    if busy is not None:
        raise busy


def _answer_by_words(
    places: Sequence[Part], models: Models, between: Callable[[], None], progress: ProgressCallback | None
) -> None:
    coverages = [repository.coverage(models.encoder(repository).fingerprint) for repository, _ in places]
    lacking = sum(passages - embedded for embedded, passages in coverages)
    wanting = [repository.summaries for repository, _ in places if models.summariser_if_wanted(repository)]
    if lacking + sum(summaries.count_pending() for summaries in wanting) >= WORDS_FIRST_FROM:
        between()
        if progress:
            progress(Progress("embed", 0, lacking))  # at once: the first passages take a while


def _embed(places: Sequence[Part], models: Models, progress: ProgressCallback | None) -> None:
    from indexer import embed_repository

    for repository, _ in places:
        with repository.writing(SEARCH_WAIT_SECONDS):
            summariser = models.summariser_if_wanted(repository)
            embed_repository(repository, models.encoder(repository), progress, summariser=summariser)
