"""The errors of the engine; each carries data, and `cli/errors.py` turns it into a sentence with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from pathlib import Path


class PathMissing(CodesearchError):
    """A path to index or to search does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class NotIndexed(CodesearchError):
    """A path was to be searched as it is, and nothing of it is in the library."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class EmptyQuery(CodesearchError):
    """The query has no letter and no digit."""


class EvaluationFolderInvalid(CodesearchError):
    """A folder is not an evaluation set: a file is missing or a line of it cannot be read."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(folder, detail)
        self.folder = folder
        self.detail = detail
