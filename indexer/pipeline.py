"""The recipe: walk, see what changed, read and split that, save it, embed what has no embedding, renew the vectors.

Where a repository wants summaries, they are written before anything is embedded, because passages have them. Each step
is in a module of its own; here is their order and what is committed when. Files are saved before anything else, so that
words are found within seconds. Whatever happens in between, what was saved stays and the next run goes on from there:
files that were not saved yet look new or changed to it, passages that were not embedded yet look pending.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from indexer.changes import find_changes
from indexer.embedding import embed_pending
from indexer.parallel_parsing import examine_all
from indexer.parsing import COULD_NOT_BE_PARSED, ToExamine
from indexer.report import Failure, IndexReport, Stopwatch, count_reasons
from indexer.summarising import remove_summaries, summarise_repository
from indexer.walk import walk
from store import PreparedFile, Progress, SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.encoder import Encoder, Summariser
    from indexer.found_files import FoundFile
    from indexer.parsing import Examined
    from store import ProgressCallback, Repository

_FIRST_BATCH_FILES = 64  # saved in the first transaction: something is found early, and an interruption loses little
_BATCH_FILES = 256  # in each that follows; with 64 committing took twice the time, with 1024 as long
_LAST_BATCH_FILES = 32  # while the last batch is saved no file is parsed, so those before it become smaller and smaller
_SHARE_OF_REST = 3  # a batch is no more than this part of the files that are left
_BATCH_BYTES = 8_000_000  # of their text
_FAILURES = ("unreadable", COULD_NOT_BE_PARSED)


def index_repository(
    repository: Repository,
    encoder: Encoder | None,
    progress: ProgressCallback | None = None,
    *,
    summariser: Summariser | None = None,
    workers: int | None = None,
) -> IndexReport:
    """Bring the library up to date with the files of a repository; only what changed is read, parsed and embedded.

    Without an encoder nothing is embedded, and search goes by words. With a summariser the repository wants summaries
    from now on; without one those that it has stay, as long as it wants them. `progress` is told how far the phases
    "walk", "parse", "summarise", "embed" and "vectors" are. One file that cannot be read or parsed does not stop the
    run: the report names it. Interrupted at any moment (KeyboardInterrupt, too, or by what `progress` raises), the
    library keeps what was done. `workers` is the number of processes that parse, see `parallel_parsing`; what is kept
    does not depend on it.

    Raises FolderUnreadable when the repository's root cannot be listed, RepositoryBusy when another process is
    indexing it, and the errors of the store when the library cannot be written.
    """
    with repository.writing():
        return _Run(repository, encoder, progress or _silent, summariser, workers).run()


def embed_repository(
    repository: Repository,
    encoder: Encoder,
    progress: ProgressCallback | None = None,
    *,
    summariser: Summariser | None = None,
) -> None:
    """Summarise and embed what `index_repository` without a summariser and an encoder has left, and renew the vectors.

    `progress` is told how far the phases "summarise", "embed" and "vectors" are. Raises RepositoryBusy when another
    process is indexing it, and the errors of the store when the library cannot be written.
    """
    with repository.writing():
        run = _Run(repository, encoder, progress or _silent, summariser)
        run.summarise()
        run.embed(encoder)


class _Run:
    def __init__(
        self,
        repository: Repository,
        encoder: Encoder | None,
        progress: ProgressCallback,
        summariser: Summariser | None = None,
        workers: int | None = None,
    ) -> None:
        self._repository = repository
        self._encoder = encoder
        self._progress = progress
        self._summariser = summariser
        self._workers = workers
        self._watch = Stopwatch()
        self._known: dict[str, SourceFile] = {}
        self._batch: list[PreparedFile] = []
        self._batch_bytes = 0
        self._batch_files = _FIRST_BATCH_FILES
        self._left = 0  # files that are still to be read
        self._touched: list[SourceFile] = []
        self._reasons: dict[str, str] = {}
        self._added = self._changed = self._removed = self._unchanged = 0
        self._embedded_through = 0  # the id of a definition; all up to it were embedded before this run
        self._definitions = self._passages = self._reused = self._embedded = 0
        self._summarised = 0

    def run(self) -> IndexReport:
        with self._watch.phase("walk"):
            self._progress(Progress("walk", 0, 0))
            found = walk(self._repository.root)
            self._progress(Progress("walk", len(found), len(found)))
        with self._watch.phase("parse"):
            if self._encoder is not None:
                self._embedded_through = self._repository.embedded_through(self._encoder.fingerprint)
            self._take_over(found)
        self.summarise()
        if self._encoder is not None:
            self.embed(self._encoder)
        self._repository.mark_indexed()
        return self._report()

    def _take_over(self, found: Sequence[FoundFile]) -> None:
        """Make files, definitions and words in the library those on disk."""
        self._known = self._repository.files()
        changes = find_changes(found, self._known)
        self._unchanged = changes.unchanged
        self._remove(changes.gone)
        self._reasons.update(changes.reasons)
        for left_out in changes.left_out:
            self._save(PreparedFile(left_out), 0)
        tasks = [ToExamine(file, self._known.get(file.path)) for file in changes.to_read]
        with closing(examine_all(str(self._repository.root), tasks, self._workers)) as results:
            try:
                for number, examined in enumerate(results, start=1):
                    self._left = len(tasks) - number
                    self._take(examined)
                    self._progress(Progress("parse", number, len(tasks)))
            finally:  # what was read before an interruption is kept, down to the last file
                self._flush()

    def _take(self, examined: Examined) -> None:
        seen, before = examined.source_file, self._known.get(examined.path)
        if seen is None:
            self._remove([examined.path] if before is not None else [])
        elif examined.prepared is not None:
            self._note_reason(seen)
            self._save(examined.prepared, examined.text_bytes)
        elif before is not None:
            self._note_reason(before)
            self._unchanged += not before.skip_reason
            if (before.size, before.modified_ns) != (seen.size, seen.modified_ns):
                self._touched.append(seen)

    def _note_reason(self, file: SourceFile) -> None:
        if file.skip_reason:
            self._reasons[file.path] = file.skip_reason

    def _save(self, entry: PreparedFile, size: int) -> None:
        """Count a file and put it into the batch."""
        before = self._known.get(entry.source_file.path)
        was_searched = before is not None and not before.skip_reason
        is_searched = not entry.source_file.skip_reason
        self._added += is_searched and not was_searched
        self._changed += is_searched and was_searched
        self._removed += was_searched and not is_searched
        self._batch.append(entry)
        self._batch_bytes += size
        if len(self._batch) >= self._batch_files or self._batch_bytes >= _BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        # Taken away first: what is interrupted while it is saved is not saved again on the way out. Its connection may
        # still have the write lock, for which another one would wait until its time is up.
        batch, touched = self._batch, self._touched
        self._batch, self._batch_bytes, self._touched = [], 0, []
        digests = [row[0] for entry in batch for group in entry.passages for row in group]
        if self._encoder is not None and digests:
            missing = self._repository.missing_digests(self._encoder.fingerprint, list(set(digests)))
            self._reused += sum(one not in missing for one in digests)
        self._definitions += sum(len(entry.definitions) for entry in batch)
        self._passages += len(digests)
        self._repository.save_files(batch)
        if touched:
            self._repository.touch_files(touched)
        self._batch_files = min(_BATCH_FILES, max(_LAST_BATCH_FILES, self._left // _SHARE_OF_REST))

    def _remove(self, paths: Sequence[str]) -> None:
        if paths:
            self._repository.remove_files(paths)
            self._removed += sum(not self._known[path].skip_reason for path in paths)

    def summarise(self) -> None:
        """Give definitions the summaries that the repository wants, or take out those that it wants no more."""
        if self._summariser is not None:
            with self._watch.phase("summarise"):
                self._summarised = summarise_repository(self._repository, self._summariser, self._progress)
        elif not self._repository.summaries.writer:
            remove_summaries(self._repository)

    def embed(self, encoder: Encoder) -> None:
        """Embed all passages that have no embedding, and bring the vector file up to date."""
        # A first model is searched with from the start, while its vectors arrive. A second one only takes over when it
        # is complete: until then the first one answers, also after an interruption.
        if not self._repository.model:
            self._repository.set_model(encoder.fingerprint)
        with self._watch.phase("embed"):
            lacking = self._passages - self._reused if self._embedded_through else None
            self._embedded = embed_pending(self._repository, encoder, self._progress, self._embedded_through, lacking)
        with self._watch.phase("vectors"):
            self._progress(Progress("vectors", 0, 0))
            self._repository.sync_vectors(encoder.fingerprint, encoder.dimension, self._embedded_through)
            if self._repository.model != encoder.fingerprint:
                self._repository.set_model(encoder.fingerprint)
            if self._embedded:  # only then are there more than before; and going back to a branch embeds nothing
                self._repository.remove_unused_embeddings(encoder.fingerprint)

    def _report(self) -> IndexReport:
        failures = (Failure(path, why) for path, why in sorted(self._reasons.items()) if why.startswith(_FAILURES))
        return IndexReport(
            added=self._added,
            changed=self._changed,
            removed=self._removed,
            unchanged=self._unchanged,
            skipped=count_reasons(self._reasons.values()),
            definitions=self._definitions,
            passages=self._passages,
            embedded=self._embedded,
            reused=self._reused,
            summarised=self._summarised,
            unsummarised=0 if self._summariser else self._repository.summaries.count_pending(),
            seconds=self._watch.seconds,
            phase_seconds=self._watch.phases,
            failures=tuple(failures),
        )


def _silent(progress: Progress) -> None:
    """Tell nobody."""
    del progress
