"""One repository of the library: the handle through which its rows are written and searched.

Opens transactions, counts generations and keeps rows and vectors in step; what is asked within a transaction is in
`catalogue`, `full_text`, `embeddings` and `dense`. Handles come from `library`.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from sqlalchemy import Connection, update

from store import catalogue, dense, embeddings, full_text, unused
from store.errors import LibraryNotWritable, RepositoryBusy, RepositoryRemoved
from store.filters import containing
from store.prepared import PreparedFile, prepare
from store.records import Candidate, FileEntry, Filters, Heading, SourceFile, Statistics, StoredDefinition, Totals
from store.summaries import Summaries
from store.tables import repository as table
from store.vector_files import Owner, VectorFolder
from store.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from store.counts import Counted, Counts
    from store.database import Database
    from store.vectors import VectorIndex

# Long enough for a small refresh to end; who waits longer waits for a long run, and had better be told. A judgement.
LOCK_WAIT_SECONDS = 10.0

# Definitions that are embedded between two looks at the database: their code is held in memory meanwhile. Not tuned.
PENDING_LIMIT = 2_048

_NO_FILTERS = Filters()


class Repository:
    """A handle to one repository. Several may exist, in several processes; readers never wait for a writer.

    Every method raises `LibraryUnreadable` for a damaged database; every method that writes raises `RepositoryRemoved`
    when the repository is gone, and `LibraryNotWritable` when the disk is full or read-only.

    `root` is resolved, `repository_id` its id in `database`, `lock` the file that a writer holds. `vocabulary` has the
    words of its definitions, `summaries` what a model wrote of those without documentation.
    """

    def __init__(
        self, root: Path, repository_id: int, database: Database, vectors: VectorFolder, counts: Counts, lock: Path
    ) -> None:
        self._root = root
        self._id = repository_id
        self._database = database
        self._vectors = vectors
        self._counts = counts
        self._lock = FileLock(lock)
        self.vocabulary = Vocabulary(database, repository_id)
        self.summaries = Summaries(database, repository_id, root)

    def __repr__(self) -> str:
        return f"Repository({str(self._root)!r})"

    @property
    def root(self) -> Path:
        """The repository's root, resolved."""
        return self._root

    @property
    def generation(self) -> int:
        """A number that grows with every change to what a search can find; -1 when the repository was removed."""
        with self._database.reading() as connection:
            return catalogue.state(connection, self._id).generation

    @property
    def model(self) -> str:
        """The fingerprint of the model that searches use; empty when none was chosen yet."""
        with self._database.reading() as connection:
            return catalogue.state(connection, self._id).model

    def set_model(self, model: str) -> None:
        """Choose the model that searches use, by fingerprint."""
        self._set(model=model)

    def mark_indexed(self, moment: datetime | None = None) -> None:
        """Note that a complete run has ended (at `moment`, with a time zone; now when None)."""
        self._set(indexed_at=(moment or datetime.now(UTC)).timestamp())

    @contextmanager
    def writing(self, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
        """Keep other processes from writing this repository. May be nested.

        Raises RepositoryBusy when another held the lock all the time, LibraryNotWritable when there can be no lock.
        """
        try:
            self._lock.acquire(timeout=wait_seconds)
        except Timeout as error:
            raise RepositoryBusy(self._root, wait_seconds) from error
        except OSError as error:
            raise LibraryNotWritable(Path(self._lock.lock_file), str(error)) from error
        try:
            yield
        finally:
            self._lock.release()

    def files(self) -> dict[str, SourceFile]:
        """Return all known files by path, the skipped ones too."""
        with self._database.reading() as connection:
            return catalogue.files(connection, self._id)

    def skipped_files(self) -> dict[str, str]:
        """Return why each skipped file is not searched, by path."""
        return {path: seen.skip_reason for path, seen in self.files().items() if seen.skip_reason}

    def save_files(self, files: Sequence[FileEntry | PreparedFile]) -> None:
        """Put files with all that was found in them in the place of what was known: all of them or, on an error, none.

        The last of several entries of one path counts. Entries may be prepared beforehand, see `prepare`.
        """
        if files:
            ready = [one if isinstance(one, PreparedFile) else prepare(one) for one in files]
            with self._changing() as connection:
                catalogue.save_files(connection, self._id, ready)

    def touch_files(self, seen: Sequence[SourceFile]) -> None:
        """Set size and modification time of known files whose content is the same."""
        with self._database.writing() as connection:
            catalogue.touch_files(connection, self._id, seen)

    def remove_files(self, paths: Iterable[str]) -> int:
        """Remove files with all that was found in them; return how many of them were known."""
        with self._changing() as connection:
            return catalogue.remove_files(connection, self._id, paths)

    def definitions(self, ids: Sequence[int]) -> list[StoredDefinition]:
        """Return definitions in the order of `ids`; ids that are not of this repository (any more) are left out."""
        with self._database.reading() as connection:
            return catalogue.definitions(connection, (self._id, self._root), ids)

    def headings(self, ids: Sequence[int]) -> list[Heading]:
        """Return the names and places of definitions, without their texts, in any order; see `definitions`."""
        with self._database.reading() as connection:
            return catalogue.headings(connection, (self._id, self._root), ids)

    def totals(self, model: str | None = None) -> Totals:
        """Return the numbers of definitions, passages and embeddings of `model` (None: the index's), and since when."""
        with self._database.reading() as connection:
            state = catalogue.state(connection, self._id)
            owner = Owner(self._id, state.model if model is None else model)
            return Totals(*self._counts.of(connection, owner, state.generation), state.indexed_at)

    def statistics(self) -> Statistics:
        """Return what is known of this repository, in numbers."""
        with self._database.reading() as connection:
            generation, moment, model = catalogue.state(connection, self._id)
            counted = self._counts.of(connection, Owner(self._id, model), generation)
            return catalogue.statistics(connection, self._id, counted, (moment, model))

    # Embeddings and vectors

    def pending(self, model: str, after: int = 0, limit: int = PENDING_LIMIT) -> list[StoredDefinition]:
        """Return up to `limit` definitions with an id above `after` that have a passage without an embedding, by id."""
        with self._database.reading() as connection:
            if after == 0:
                counted = self._counted(connection, model)
                if counted.embedded == counted.passages:
                    return []
            return embeddings.pending(connection, self._id, self._root, model, (after, limit))

    def embedded_through(self, model: str) -> int:
        """Return an id so that every definition up to it has all its embeddings; 0 when some have not."""
        with self._database.reading() as connection:
            counted = self._counted(connection, model)
            return catalogue.last_definition(connection) if counted.embedded == counted.passages else 0

    def missing_digests(self, model: str, digests: Sequence[bytes]) -> set[bytes]:
        """Return those of the digests that have no embedding of the model, in whatever repository."""
        with self._database.reading() as connection:
            return embeddings.missing(connection, model, digests)

    def save_embeddings(self, model: str, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep embeddings (unit vectors, shape (n, dimension), one row for each digest), all of them or none.

        One that is there stays. Raises ValueError: the shape fits no digests or model, or a component is not finite.
        """
        with self._database.writing() as connection:
            embeddings.save(connection, model, digests, vectors)

    def remove_unused_embeddings(self, model: str) -> int:
        """Remove, for all repositories, embeddings without a passage once most of `model` are; return how many."""
        return unused.remove_unused(self._database, model)

    def coverage(self, model: str) -> tuple[int, int]:
        """Return how many passages have an embedding of the model, and how many there are."""
        with self._database.reading() as connection:
            counted = self._counted(connection, model)
            return counted.embedded, counted.passages

    def embeddings_of(self, model: str, definition_id: int) -> NDArray[np.float32]:
        """Return the embeddings of a definition's passages, shape (those that have one, dimension), in their order."""
        with self._database.reading() as connection:
            return embeddings.of_definition(connection, self._id, model, definition_id)

    def sync_vectors(self, model: str, dimension: int, through: int = 0) -> None:
        """Bring the vector file up to date with rows and embeddings; a missing or damaged one is made anew.

        `through` is what `embedded_through` returned at some time: so many definitions are then not looked up.
        Raises ValueError: the model's vectors have another dimension; BothFaissBuildsInstalled and FaissBroken: see
        `faiss_vectors`.
        """
        with self._database.reading() as connection:
            known = embeddings.dimension(connection, model)
            if known not in {None, dimension}:
                raise ValueError(f"vectors of {known} dimensions, not {dimension}")
            owner, generation = Owner(self._id, model), catalogue.state(connection, self._id).generation
            if self._vectors.count(owner, generation) is None:
                self._vectors.update(owner, dense.contents(connection, owner, generation, dimension, through))

    # Searching

    def lexical(self, query: str, limit: int, filters: Filters = _NO_FILTERS) -> list[tuple[int, float]]:
        """Return up to `limit` pairs (definition id, BM25 score > 0), best first, equal scores by id; of any text."""
        with self._database.reading() as connection:
            known = catalogue.state(connection, self._id).generation >= 0
            return full_text.search(connection, self._id, query, limit, filters) if known else []

    def named(self, name: str, limit: int, filters: Filters = _NO_FILTERS) -> list[int]:
        """Return up to `limit` ids of definitions with this (unqualified) name in any case, the same case first."""
        with self._database.reading() as connection:
            return catalogue.named(connection, self._id, name, limit, filters)

    def containing(self, phrases: Sequence[str], filters: Filters = _NO_FILTERS) -> list[int]:
        """Return the ids of all definitions that pass the filters and hold each phrase literally, in any case."""
        with self._database.reading() as connection:
            return list(connection.scalars(containing(self._id, phrases, filters)))

    def dense(
        self, model: str, vector: NDArray[np.float32], limit: int, filters: Filters = _NO_FILTERS
    ) -> list[Candidate]:
        """Return up to `limit` definitions by the cosine of their best passage, best first, equal scores by id.

        `model` is a fingerprint, `vector` float32, shape (dimension,), of any length but zero. The vector file is
        brought up to date first, unless another process is writing this repository: then the file that is there is
        searched. Raises ValueError: the vector's shape does not fit the model, or a component is not finite.
        """
        with self._database.reading() as connection:
            dimension = embeddings.dimension(connection, model)
            if dimension is None:
                return []
            query = dense.unit_query(vector, dimension)
            index = self._index(connection, Owner(self._id, model), dimension)
            return dense.search(connection, self._id, index, query, (limit, filters))

    def similarities(self, model: str, vector: NDArray[np.float32], ids: Sequence[int]) -> list[Candidate]:
        """Return what `dense` would say of these definitions: each once, best first, without those it cannot know.

        Arguments and errors are those of `dense`; the vectors are read from the database, so a few are quick.
        """
        with self._database.reading() as connection:
            dimension = embeddings.dimension(connection, model)
            if dimension is None:
                return []
            return dense.score(connection, Owner(self._id, model), dense.unit_query(vector, dimension), ids)

    def _index(self, connection: Connection, owner: Owner, dimension: int) -> VectorIndex:
        generation = catalogue.state(connection, self._id).generation
        if (index := self._vectors.index(owner, generation)) is not None:
            return index
        try:
            with self.writing(wait_seconds=0):
                return self._vectors.update(owner, dense.contents(connection, owner, generation, dimension))
        except (RepositoryBusy, LibraryNotWritable):
            latest = self._vectors.latest_index(owner)
        if latest is not None and latest.dimension == dimension:
            return latest
        return self._vectors.in_memory(owner, dense.contents(connection, owner, generation, dimension))

    def _counted(self, connection: Connection, model: str) -> Counted:
        return self._counts.of(connection, Owner(self._id, model), catalogue.state(connection, self._id).generation)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            if not catalogue.bump_generation(connection, self._id):
                raise RepositoryRemoved(self._root)
            yield connection

    def _set(self, **values: object) -> None:
        with self._database.writing() as connection:
            if connection.execute(update(table).where(table.c.id == self._id).values(**values)).rowcount == 0:
                raise RepositoryRemoved(self._root)
