"""The errors of the indexer: each carries data; `cli/errors.py` makes a sentence of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from pathlib import Path


class FolderUnreadable(CodesearchError):
    """The folder that is to be indexed is missing, is not a folder, or may not be read."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail
