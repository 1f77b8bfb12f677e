"""Which repositories the paths of a question belong to, and what the library holds of them.

Opens the library when it is first needed. What is done with a repository is the business of `engine`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from codesearch.errors import NotIndexed, PathMissing, PathUnreadable
from codesearch.results import Coverage, RepositoryStatus
from store import LibraryNotWritable, RepositoryBusy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from store import Library, Repository

    Part = tuple[Repository, tuple[str, ...]]  # a repository, and the paths in it that are meant; () for all of it


class Repositories:
    """The repositories in the library below `library_folder`."""

    def __init__(self, library_folder: Path) -> None:
        self._library_folder = library_folder
        self._opened: Library | None = None

    @property
    def library(self) -> Library:
        """The library; opened with the first use."""
        if self._opened is None:
            from store import Library  # loads SQLAlchemy

            self._opened = Library.open(self._library_folder)
        return self._opened

    def close(self) -> None:
        """Close the library."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def find(self, path: Path) -> Repository | None:
        """Return the repository that `path` belongs to, if it is in the library. Raises PathMissing, PathUnreadable."""
        if not _is_there(path):
            raise PathMissing(path)
        return self.library.find(path)

    def known(self, path: Path) -> Repository:
        """Return the repository that `path` belongs to. Raises PathMissing and NotIndexed."""
        repository = self.find(path)
        if repository is None:
            raise NotIndexed(path)
        return repository

    def remembered(self, path: Path) -> Repository:
        """Return the repository that `path` belongs to, also when its folder is gone. Raises PathMissing, NotIndexed.

        Below a root that is there, what is missing is a slip of the pen.
        """
        if not _is_there(path):
            with suppress(OSError, RuntimeError):  # links in a circle
                repository = self.library.find(path)
                if repository and not repository.root.exists():
                    return repository
        return self.known(path)

    def known_or_new(self, path: Path) -> Repository:
        """Return the repository that `path` belongs to; its folder becomes one if it is in none. Raises PathMissing."""
        return self.find(path) or self.library.repository(_root_for(path))

    def parts(self, paths: Sequence[Path], *, create: bool) -> list[tuple[Repository, tuple[str, ...]]]:
        """Return each repository that the paths belong to, with the paths in it; () stands for all of it.

        Raises PathMissing, and NotIndexed unless `create`.
        """
        parts: dict[Path, tuple[Repository, list[str]]] = {}
        for path in paths:
            repository = self.known_or_new(path) if create else self.known(path)
            below = path.resolve().relative_to(repository.root).as_posix()
            parts.setdefault(repository.root, (repository, []))[1].append(below)
        return [(repository, () if "." in below else tuple(below)) for repository, below in parts.values()]


def _is_there(path: Path) -> bool:
    """Return whether there is such a path; one too long for the system is not. Raises PathUnreadable."""
    try:
        return path.exists()
    except PermissionError as error:
        raise PathUnreadable(path, str(error.strerror)) from error
    except OSError:
        return False


def coverage_of(
    searched: Iterable[tuple[Repository, str | None]],
    *,
    stale: bool,
    being_indexed: bool = False,
    out_of_time: bool = False,
) -> Coverage:
    """Return how much of the repositories has vectors of the model beside each; the rest is passed on.

    A model is named by its fingerprint; None stands for the one that the repository was indexed with.
    """
    totals = [repository.totals(model) for repository, model in searched]
    return Coverage(
        definitions=sum(one.definitions for one in totals),
        passages=sum(one.passages for one in totals),
        embedded_passages=sum(one.embedded for one in totals),
        indexed_at=min((one.indexed_at for one in totals if one.indexed_at), default=None),
        stale=stale,
        being_indexed=being_indexed,
        out_of_time=out_of_time,
    )


def status_of(repository: Repository) -> RepositoryStatus:
    """Return what the library holds of the repository."""
    statistics = repository.statistics()
    return RepositoryStatus(
        root=repository.root,
        files=statistics.files,
        skipped=statistics.skipped,
        definitions={kind.value: count for kind, count in statistics.definitions.items()},
        passages=statistics.passages,
        embedded_passages=statistics.embedded,
        model=repository.model,
        indexed_at=statistics.indexed_at,
        being_indexed=_is_being_indexed(repository),
        gone=not repository.root.is_dir(),
        summarised=repository.summaries.count(),
        unsummarised=repository.summaries.count_pending(),
    )


def _is_being_indexed(repository: Repository) -> bool:
    try:
        with repository.writing(wait_seconds=0):
            return False
    except RepositoryBusy:
        return True
    except LibraryNotWritable:  # here nobody indexes
        return False


def _root_for(path: Path) -> Path:
    """Return the folder that becomes a repository: the folder itself, or the folder that holds the file."""
    resolved = path.resolve()
    return resolved if resolved.is_dir() else resolved.parent
