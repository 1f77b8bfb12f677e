"""Opening the library's database: connections, transactions, the version check and what SQLite's errors mean.

Knows how the database is reached, not what is in it: tables are in `tables`, queries in the modules named after what
they ask.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import QueuePool

from store.errors import (
    CodesearchError,
    LibraryNotWritable,
    LibraryUnreadable,
    LibraryVersionMismatch,
    RepositoryBusy,
)
from store.tables import ADDED, SCHEMA_VERSION, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.engine import ExceptionContext

# SQLite has one writer at a time for the whole library. A batch of files takes well under a second to save, so that
# whoever waits this long waits for a process that hangs.
BUSY_SECONDS = 30.0

# 32 MiB of pages for each connection (the negative sign means KiB): the inner pages of a library of a million
# definitions, so that only leaves are read from the file.
CACHE_PRAGMA = -32 * 1024

# 64 MiB of pages may wait in the log before they are copied into the database, which ends with waiting for the disk.
# Saving 1,059 files took 1.9 s with SQLite's own 4 MiB, and 0.9 s with these; on a busy disk 1.5 to 2.3 s and 1.3 s.
CHECKPOINT_PAGES = 16_000

# The pool logs an exception that closing a connection meets, with its traceback, and raises it, too, where it is to be
# heard of: Ctrl-C, which often comes while the log is copied into the database. So its logger, of this name, is silent.
POOL_NAME = "codesearch"

_PRIMARY_CODE = 0xFF  # SQLite's extended result codes hold the primary code in the low byte
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DAMAGED_EXTENDED = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}
_NOT_WRITABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def plain_rows(connection: Connection, statement: str, parameters: tuple[object, ...]) -> Sequence[Any]:
    """Return all rows of a statement as the driver has them: SQLAlchemy's objects take longer than many rows do.

    For connections of `Database`, which say in our terms what the driver raises.
    """
    cursor = connection.exec_driver_sql(statement, parameters).cursor
    assert cursor is not None
    return cursor.fetchall()


class Database:
    """The open database of a library; safe to use from several threads, each with its own connection.

    Args:
        path: the database file; created with the current format when absent or empty.

    Raises:
        LibraryUnreadable: the file is not a database or is damaged.
        LibraryVersionMismatch: the file has another format.
        LibraryNotWritable: the file can be neither created nor opened for writing.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # The connection that was used last is used next: its cache has the pages.
        self._engine = create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=QueuePool,
            max_overflow=-1,
            pool_use_lifo=True,
            pool_logging_name=POOL_NAME,
        )
        logging.getLogger(f"sqlalchemy.pool.impl.QueuePool.{POOL_NAME}").setLevel(logging.CRITICAL)
        event.listen(self._engine, "begin", _begin)
        event.listen(self._engine, "handle_error", self._on_error)
        try:
            self._prepare()
        except CodesearchError:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the library, whatever others write meanwhile."""
        with self._engine.connect() as connection, self._translating():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together when the block ends, and dropped when it raises.

        Raises:
            RepositoryBusy: another process kept writing for `BUSY_SECONDS`.
            LibraryNotWritable: the disk is full or the file read-only.

        """
        with (
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
            self._translating(),
        ):
            yield connection

    def release_free_pages(self) -> None:
        """Give space that removed rows left back to the file system; while others write, leave it for new rows."""
        with self._engine.connect() as connection, suppress(sqlite3.OperationalError):
            driver: Any = connection.connection.driver_connection
            # As a script: a single statement without columns is not run to its end by `sqlite3`.
            driver.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE);")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                if connection.execute("PRAGMA page_count").fetchone() == (0,):
                    # Later it would not count, and still make every reader wait for the write lock.
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA temp_store = MEMORY")
                connection.execute(f"PRAGMA cache_size = {CACHE_PRAGMA}")
            except sqlite3.Error:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise self._translate(error) or error from error
        return connection

    def _prepare(self) -> None:
        with self.reading() as connection:
            if self._found_version(connection) == SCHEMA_VERSION and self._has_added_tables(connection):
                return
        with self.writing() as connection:
            # Asked again: another process may have created the tables while this one waited to write.
            version = self._found_version(connection)
            if version == SCHEMA_VERSION:
                metadata.create_all(connection, ADDED)
                return
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            if version != 0 or tables:
                raise LibraryVersionMismatch(self.path, version, SCHEMA_VERSION)
            metadata.create_all(connection, checkfirst=False)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @staticmethod
    def _found_version(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())

    @staticmethod
    def _has_added_tables(connection: Connection) -> bool:
        marks = ", ".join("?" * len(ADDED))
        statement = f"SELECT count(*) FROM sqlite_master WHERE name IN ({marks})"
        found = connection.exec_driver_sql(statement, tuple(one.name for one in ADDED)).scalar_one()
        return int(found) == len(ADDED)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Say in our terms what a cursor of the driver raises: plain tuples are read past SQLAlchemy and its errors."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._translate(error) or error from error

    def _on_error(self, context: ExceptionContext) -> None:
        error = self._translate(context.original_exception)
        if error is not None:
            raise error from context.original_exception

    def _translate(self, error: BaseException) -> CodesearchError | None:
        code = getattr(error, "sqlite_errorcode", None)
        if isinstance(error, sqlite3.OperationalError) and code is None:  # a text that is no UTF-8: none of ours
            return LibraryUnreadable(self.path, str(error).partition(" with text")[0])
        if not isinstance(error, sqlite3.Error) or code is None:
            return None
        if code & _PRIMARY_CODE in _DAMAGED or code in _DAMAGED_EXTENDED:
            return LibraryUnreadable(self.path, str(error))
        if code & _PRIMARY_CODE in _NOT_WRITABLE:
            return LibraryNotWritable(self.path, str(error))
        if code & _PRIMARY_CODE in _BUSY:
            return RepositoryBusy(self.path.parent, BUSY_SECONDS)
        return None


def _begin(connection: Connection) -> None:
    # A writer takes the write lock at once: were it to read first and then ask for the lock, SQLite would refuse it
    # without waiting whenever another process had written in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
