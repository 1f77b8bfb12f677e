"""Which functions are there? From a folder of code to definitions, passages and embeddings in the library.

Importing this package is light: what walks through folders and writes the library is loaded when it is first used. A
process that parses for another one does without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from indexer.errors import FolderUnreadable
from indexer.languages import known_languages
from indexer.passages import describe, passage_code, path_words
from indexer.split import split

if TYPE_CHECKING:
    from indexer.pipeline import embed_repository, index_repository
    from indexer.reading import FileReading, read_folder
    from indexer.report import IndexReport
    from indexer.snippets import bare_code, malformed_share
    from indexer.summarising import summarise_repository
    from indexer.syntax import SyntaxNode, syntax_tree

__all__ = [
    "FileReading",
    "FolderUnreadable",
    "IndexReport",
    "SyntaxNode",
    "bare_code",
    "describe",
    "embed_repository",
    "index_repository",
    "known_languages",
    "malformed_share",
    "passage_code",
    "path_words",
    "read_folder",
    "split",
    "summarise_repository",
    "syntax_tree",
]

_HOMES = {
    "FileReading": "indexer.reading",
    "IndexReport": "indexer.report",
    "SyntaxNode": "indexer.syntax",
    "bare_code": "indexer.snippets",
    "embed_repository": "indexer.pipeline",
    "index_repository": "indexer.pipeline",
    "malformed_share": "indexer.snippets",
    "read_folder": "indexer.reading",
    "summarise_repository": "indexer.summarising",
    "syntax_tree": "indexer.syntax",
}


def __getattr__(name: str) -> object:
    """Load a name that is not needed for parsing, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
