"""Where is it kept? The library: catalogue, lexical index, embeddings and vectors, on this machine.

Importing this package is light: what needs the database is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from store.errors import (
    BothFaissBuildsInstalled,
    CodesearchError,
    FaissBroken,
    LibraryNotWritable,
    LibraryUnreadable,
    LibraryVersionMismatch,
    RepositoryBusy,
    RepositoryRemoved,
)
from store.lexical import STOP_WORDS, split_identifier
from store.prepared import PreparedFile, prepare
from store.records import (
    Candidate,
    Definition,
    FileEntry,
    Filters,
    Heading,
    Kind,
    KnownWord,
    Passage,
    Progress,
    ProgressCallback,
    SourceFile,
    Statistics,
    StoredDefinition,
)

if TYPE_CHECKING:
    from store.library import Library
    from store.peeking import likely_model
    from store.repository import Repository

__all__ = [
    "STOP_WORDS",
    "BothFaissBuildsInstalled",
    "Candidate",
    "CodesearchError",
    "Definition",
    "FaissBroken",
    "FileEntry",
    "Filters",
    "Heading",
    "Kind",
    "KnownWord",
    "Library",
    "LibraryNotWritable",
    "LibraryUnreadable",
    "LibraryVersionMismatch",
    "Passage",
    "PreparedFile",
    "Progress",
    "ProgressCallback",
    "Repository",
    "RepositoryBusy",
    "RepositoryRemoved",
    "SourceFile",
    "Statistics",
    "StoredDefinition",
    "likely_model",
    "prepare",
    "split_identifier",
]

_HOMES = {"Library": "store.library", "Repository": "store.repository", "likely_model": "store.peeking"}


def __getattr__(name: str) -> object:
    """Load a name that needs the database, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
