"""The base of all our errors, and the errors of the store.

An error carries data, never a finished sentence: `cli/errors.py` is the one place that turns each type into a
sentence with the way out. The base lives here because every folder above must see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CodesearchError(Exception):
    """The base of every error that this program raises on purpose."""


class LibraryUnreadable(CodesearchError):
    """The library's database is damaged or is not a database."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class LibraryVersionMismatch(CodesearchError):
    """The library was written by a version of this program with another data format."""

    def __init__(self, path: Path, found: int, expected: int) -> None:
        super().__init__(path, found, expected)
        self.path = path
        self.found = found
        self.expected = expected


class LibraryNotWritable(CodesearchError):
    """The library's folder or database cannot be written (read-only folder, full disk)."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class RepositoryBusy(CodesearchError):
    """Another process is writing this repository and did not finish within the waiting time."""

    def __init__(self, root: Path, waited_seconds: float) -> None:
        super().__init__(root, waited_seconds)
        self.root = root
        self.waited_seconds = waited_seconds


class RepositoryRemoved(CodesearchError):
    """The repository was removed from the library while this handle to it was in use."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.root = root


class BothFaissBuildsInstalled(CodesearchError):
    """faiss-cpu and faiss-gpu are both installed and have overwritten each other's files."""


class FaissBroken(CodesearchError):
    """A faiss distribution is installed but cannot be imported."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
