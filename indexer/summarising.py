"""Which functions lack a summary, and getting them one; and taking all summaries out again.

Like embedding, the work is taken from the library and not from the run that parsed the files, so that it goes on where
an interrupted run stopped. What was written once is looked up: nothing is written twice for equal code. Whether a
repository wants summaries is kept in the library (`store`); what writes them is injected.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.passages import describe, digest_of
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.encoder import Summariser
    from store import Passage, ProgressCallback, Repository, StoredDefinition

    PassagesOf = Callable[[StoredDefinition], Sequence[Passage]]

# Definitions that get their summaries in one transaction: half a minute's work of two cores, after which words of them
# are found. What is written meanwhile is kept more often.
_PAGE = 256
_PAGE_OF_REMOVAL = 1_024  # nothing is written for these

_FIRST_BATCH = 8  # codes, written and kept together
_LARGEST_BATCH = 256  # feeds a GPU
_LONG_BATCH_SECONDS = 1.0  # what an interruption may lose, and the pace of the progress bar


def passages_of(stored: StoredDefinition) -> Sequence[Passage]:
    """Return the passages of a definition in a file."""
    return describe(stored.path, stored.language, stored.definition)


def summarise_repository(
    repository: Repository,
    summariser: Summariser,
    progress: ProgressCallback,
    passages: PassagesOf = passages_of,
) -> tuple[int, int]:
    """Give every function without documentation its summary: in the lexical index, and in its passages.

    From now on the repository wants summaries. `progress` is told how far the phase "summarise" is; `passages` makes
    the passages of a definition with its summary. Returns how many definitions were given one, and the id of the first
    of them (0: none). For who holds `Repository.writing`.
    """
    repository.summaries.begin(summariser.fingerprint)
    total = repository.summaries.count_pending()
    work = _Work(repository, summariser, progress, total)
    while page := repository.summaries.pending(_PAGE):
        work.summarise(page, passages)
    repository.summaries.skip_others()
    return work.done, work.first


def remove_summaries(repository: Repository, passages: PassagesOf = passages_of) -> int:
    """Take the summaries out of the lexical index and of the passages; return the lowest id of those that had one.

    The texts stay kept. For who holds `Repository.writing`.
    """
    first = 0
    while page := repository.summaries.given(_PAGE_OF_REMOVAL):
        repository.summaries.take_back({stored.id: passages(_summarised(stored, "")) for stored in page})
        first = first or page[0].id
    return first


class _Work:
    def __init__(self, repository: Repository, summariser: Summariser, progress: ProgressCallback, total: int) -> None:
        self._summaries = repository.summaries
        self._summariser = summariser
        self._progress = progress
        self._total = total
        self._batch = _FIRST_BATCH
        self.done = 0
        self.first = 0

    def summarise(self, page: Sequence[StoredDefinition], passages: PassagesOf) -> None:
        codes = {stored.id: self._summariser.code_of(stored) for stored in page}
        digests = {number: self._digest(code) for number, code in codes.items()}
        texts = self._summaries.kept(list(set(digests.values())))
        missing = {digests[number]: code for number, code in codes.items() if digests[number] not in texts}
        known = sum(digest in texts for digest in digests.values())
        self._tell(self.done + known)
        texts |= self._write(missing, self.done + known)
        given = [_summarised(stored, texts[digests[stored.id]]) for stored in page]
        changed = (new for new, old in zip(given, page, strict=True) if new != old)
        self._summaries.give(digests, {stored.id: passages(stored) for stored in changed})
        self.done += len(page)
        self.first = self.first or page[0].id
        self._tell(self.done)

    def _write(self, missing: Mapping[bytes, str], before: int) -> dict[bytes, str]:
        # As in `embedding`: codes of equal length side by side, the longest first.
        ordered = sorted(missing, key=lambda digest: (-len(missing[digest]), digest))
        written: dict[bytes, str] = {}
        while len(written) < len(ordered):
            batch = ordered[len(written) : len(written) + self._batch]
            started = time.perf_counter()
            lines = self._summariser.summarise([missing[digest] for digest in batch])
            texts = dict(zip(batch, lines, strict=True))
            self._summaries.keep(texts)
            if time.perf_counter() - started < _LONG_BATCH_SECONDS / 2:
                self._batch = min(2 * self._batch, _LARGEST_BATCH)
            written |= texts
            self._tell(before + len(written))
        return written

    def _digest(self, code: str) -> bytes:
        return digest_of(f"{self._summariser.fingerprint}\0{code}")

    def _tell(self, done: int) -> None:
        self._progress(Progress("summarise", min(done, self._total), self._total))


def _summarised(stored: StoredDefinition, text: str) -> StoredDefinition:
    return replace(stored, definition=replace(stored.definition, summary=text))
