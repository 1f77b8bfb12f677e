"""Which functions lack a summary, and getting them one; and taking all summaries out again.

Like embedding, the work is taken from the library and not from the run that parsed the files, so that it goes on where
an interrupted run stopped. What was written once is looked up: nothing is written twice for equal code. Whether a
repository wants summaries is kept in the library (`store`); what writes them is injected. The encoder reads none: a
line that is wrong or vague is one word more to find a function by, but would move all of its vector.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from indexer.passages import digest_of
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from indexer.encoder import Summariser
    from store import ProgressCallback, Repository, StoredDefinition

# Definitions that get their summaries in one transaction: half a minute's work of two cores, after which words of them
# are found. What is written meanwhile is kept more often.
_PAGE = 256
_PAGE_OF_REMOVAL = 1_024  # nothing is written for these

_FIRST_BATCH = 8  # codes, written and kept together
_LARGEST_BATCH = 256  # feeds a GPU
_LONG_BATCH_SECONDS = 1.0  # what an interruption may lose, and the pace of the progress bar


def summarise_repository(repository: Repository, summariser: Summariser, progress: ProgressCallback) -> int:
    """Give every function without documentation its summary in the lexical index; return how many were given one.

    From now on the repository wants summaries. `progress` is told how far the phase "summarise" is. For who holds
    `Repository.writing`.
    """
    repository.summaries.begin(summariser.fingerprint)
    work = _Work(repository, summariser, progress, repository.summaries.count_pending())
    while page := repository.summaries.pending(_PAGE):
        work.summarise(page)
    repository.summaries.skip_others()
    return work.done


def remove_summaries(repository: Repository) -> None:
    """Take the summaries out of the lexical index; the texts stay kept. For who holds `Repository.writing`."""
    while page := repository.summaries.given(_PAGE_OF_REMOVAL):
        repository.summaries.take_back([stored.id for stored in page])


class _Work:
    def __init__(self, repository: Repository, summariser: Summariser, progress: ProgressCallback, total: int) -> None:
        self._summaries = repository.summaries
        self._summariser = summariser
        self._progress = progress
        self._total = total
        self._batch = _FIRST_BATCH
        self.done = 0

    def summarise(self, page: Sequence[StoredDefinition]) -> None:
        codes = {stored.id: self._summariser.code_of(stored) for stored in page}
        digests = {number: self._digest(code) for number, code in codes.items()}
        texts = self._summaries.kept(list(set(digests.values())))
        missing = {digests[number]: code for number, code in codes.items() if digests[number] not in texts}
        known = sum(digest in texts for digest in digests.values())
        self._tell(self.done + known)
        self._write(missing, self.done + known)
        self._summaries.give(digests)
        self.done += len(page)
        self._tell(self.done)

    def _write(self, missing: Mapping[bytes, str], before: int) -> None:
        # As in `embedding`: codes of equal length side by side, the longest first.
        ordered = sorted(missing, key=lambda digest: (-len(missing[digest]), digest))
        done = 0
        while done < len(ordered):
            batch = ordered[done : done + self._batch]
            started = time.perf_counter()
            lines = self._summariser.summarise([missing[digest] for digest in batch])
            self._summaries.keep(dict(zip(batch, lines, strict=True)))
            if time.perf_counter() - started < _LONG_BATCH_SECONDS / 2:
                self._batch = min(2 * self._batch, _LARGEST_BATCH)
            done += len(batch)
            self._tell(before + done)

    def _digest(self, code: str) -> bytes:
        return digest_of(f"{self._summariser.fingerprint}\0{code}")

    def _tell(self, done: int) -> None:
        self._progress(Progress("summarise", min(done, self._total), self._total))
