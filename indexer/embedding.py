"""Which passages lack an embedding, and getting them one. Knows passages and an encoder, nothing of files.

The work is taken from the library, not from the run that parsed the files: so it goes on where an interrupted run
stopped, and a new model finds all passages without an embedding of its own. Equal passages are encoded once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from indexer.passages import describe
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.encoder import Encoder
    from store import ProgressCallback, Repository, StoredDefinition

_FIRST_BATCH = 32  # passages, encoded and saved together
_LARGEST_BATCH = 2_048  # feeds a GPU; with 256 dimensions 2 MB of vectors
_LONG_BATCH_SECONDS = 1.0  # what an interruption may lose, and the pace of the progress bar


def embed_pending(
    repository: Repository, encoder: Encoder, progress: ProgressCallback, after: int = 0, total: int | None = None
) -> int:
    """Encode and save every passage of the repository that has no embedding of this encoder; return how many.

    Who knows more says so: `after` is an id up to which no definition lacks one, and `total` the number of passages
    that do, else all are looked through and counted. Each batch is saved as soon as it is encoded. The pace of saving
    follows the encoder's: a batch grows until it takes about a second.
    """
    if total is None:
        embedded_before, passages = repository.coverage(encoder.fingerprint)
        total = passages - embedded_before
    if total == 0:
        return 0
    work = _Work(repository, encoder, progress, total)
    while page := repository.pending(encoder.fingerprint, after=after):
        work.embed(page)
        after = page[-1].id
    progress(Progress("embed", total, total))
    return work.embedded


class _Work:
    def __init__(self, repository: Repository, encoder: Encoder, progress: ProgressCallback, total: int) -> None:
        self._repository = repository
        self._encoder = encoder
        self._progress = progress
        self._total = total
        self._batch = _FIRST_BATCH
        self.embedded = 0

    def embed(self, page: Sequence[StoredDefinition]) -> None:
        described = (one for stored in page for one in describe(stored.path, stored.language, stored.definition))
        texts = {passage.digest: passage.text for passage in described}
        missing = self._repository.missing_digests(self._encoder.fingerprint, list(texts))
        # Passages of equal length side by side need no padding. The longest come first: a batch that does not fit
        # into memory fails at once, and the time left is over-estimated, not under-estimated.
        ordered = sorted(missing, key=lambda digest: (-len(texts[digest]), digest))
        position = 0
        while position < len(ordered):
            batch = ordered[position : position + self._batch]
            self._save(batch, [texts[digest] for digest in batch])
            position += len(batch)

    def _save(self, digests: Sequence[bytes], texts: Sequence[str]) -> None:
        started = time.perf_counter()
        vectors = self._encoder.encode_passages(texts)
        self._repository.save_embeddings(self._encoder.fingerprint, digests, vectors)
        if time.perf_counter() - started < _LONG_BATCH_SECONDS / 2:
            self._batch = min(2 * self._batch, _LARGEST_BATCH)
        self.embedded += len(digests)
        self._progress(Progress("embed", min(self.embedded, self._total), self._total))
