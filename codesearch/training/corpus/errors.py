"""What can go wrong while a corpus is built, each error with the data that a sentence about it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from pathlib import Path


class SourceListInvalid(CodesearchError):
    """A list of sources cannot be used; `path` is None for the list that comes with the package."""

    def __init__(self, path: Path | None, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class SourceUnavailable(CodesearchError):
    """One source could not be had or unpacked; a build goes on without it and says so."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(key, detail)
        self.key = key
        self.detail = detail


class NoSourceAvailable(CodesearchError):
    """Not one of the sources could be had, so there is nothing to build from; `detail` is why, for the first."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class JudgedSetUnreadable(CodesearchError):
    """A judged set that the corpus must not overlap with cannot be read, so overlap cannot be excluded."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class QuestionsUnreadable(CodesearchError):
    """A file of questions cannot be used; `path` is None for the one that comes with the package."""

    def __init__(self, path: Path | None, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail
