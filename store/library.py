"""The library: one folder for each user, holding many repositories. The format of the folder is described in `tables`.

Finds, creates and removes repositories; what is in one is written and searched through `repository`.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from store import full_text, unused
from store.counts import Counts
from store.database import Database
from store.errors import LibraryNotWritable
from store.peeking import DATABASE_NAME
from store.repository import Repository
from store.tables import FilePath
from store.tables import repository as table
from store.vector_files import VectorFolder

if TYPE_CHECKING:
    from types import TracebackType

    from store.vectors import VectorBackend

VECTORS_NAME = "vectors"
LOCKS_NAME = "locks"


class Library:
    """An open library; a context manager. Use `Library.open`."""

    def __init__(self, folder: Path, database: Database, vectors: VectorFolder) -> None:
        self._folder = folder
        self._database = database
        self._vectors = vectors
        self._counts = Counts(vectors)

    @classmethod
    def open(cls, folder: Path, backend: VectorBackend | None = None) -> Library:
        """Open the library in a folder; both are created when absent.

        Args:
            folder: where the library is.
            backend: how vectors are kept; None: FAISS, or NumPy where no FAISS is installed.

        Raises:
            LibraryUnreadable: the database is damaged, or not a database.
            LibraryVersionMismatch: the library has another format.
            LibraryNotWritable: the folder or the database cannot be made or written.

        """
        folder = folder.expanduser().absolute()
        try:
            (folder / LOCKS_NAME).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryNotWritable(folder, str(error)) from error
        database = Database(folder / DATABASE_NAME)
        return cls(folder, database, VectorFolder(folder / VECTORS_NAME, backend))

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self._folder

    def repository(self, root: Path) -> Repository:
        """Return the repository with this root, created when it is not known yet."""
        root = root.resolve()
        known = self._known([root])
        if known:
            return known[0]
        with self._database.writing() as connection:
            identity = _identity(connection, root)
            if identity is None:  # still: another process may have been faster
                row = {"root": str(root), "generation": 0, "model": ""}
                identity = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
                full_text.create(connection, identity)
        return self._handle(root, identity)

    def find(self, path: Path) -> Repository | None:
        """Return the repository whose root is the path or the nearest folder above it; None when there is none."""
        path = path.resolve()
        known = self._known([path, *path.parents])
        return max(known, key=lambda one: len(one.root.parts), default=None)

    def repositories(self) -> list[Repository]:
        """Return all repositories, by root."""
        return self._known(None)

    def remove(self, root: Path) -> bool:
        """Forget a repository: rows, words, vectors, and all embeddings and summaries that none uses (any more).

        Returns:
            Whether it was known.

        Raises:
            RepositoryBusy: another process is writing it.

        """
        root = root.resolve()
        known = self._known([root])
        if not known:
            return False
        with known[0].writing(), self._database.writing() as connection:
            identity = _identity(connection, root)
            if identity is None:
                return False
            full_text.drop(connection, identity)
            connection.execute(delete(table).where(table.c.id == identity))
            unused.remove_all_unused(connection)
        self._vectors.remove(identity)
        with suppress(OSError):  # who still waits for it will find the repository gone
            self._lock_path(identity).unlink()
        self._database.release_free_pages()
        return True

    def close(self) -> None:
        """Close the database and the vector files."""
        self._vectors.close()
        self._database.close()

    def _known(self, roots: list[Path] | None) -> list[Repository]:
        # As text: asked before every search, SQLAlchemy's query took longer to put together than to answer.
        named = "" if roots is None else f"WHERE root IN ({', '.join('?' * len(roots))})"
        given = tuple(FilePath.storable(str(root)) for root in roots or ())
        with self._database.reading() as connection:
            rows = connection.exec_driver_sql(f"SELECT id, root FROM repository {named} ORDER BY root", given).all()
            return [self._handle(Path(FilePath.readable(root)), identity) for identity, root in rows]

    def _handle(self, root: Path, identity: int) -> Repository:
        return Repository(root, identity, self._database, self._vectors, self._counts, self._lock_path(identity))

    def _lock_path(self, identity: int) -> Path:
        return self._folder / LOCKS_NAME / f"{identity}.lock"


def _identity(connection: Connection, root: Path) -> int | None:
    return connection.execute(select(table.c.id).where(table.c.root == str(root))).scalar()
