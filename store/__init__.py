"""Where is it kept? The library: catalogue, lexical index, embeddings and vectors, on this machine."""

from __future__ import annotations

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
from store.library import Library
from store.records import (
    Candidate,
    Definition,
    FileEntry,
    Filters,
    Kind,
    Passage,
    Progress,
    ProgressCallback,
    SourceFile,
    Statistics,
    StoredDefinition,
)
from store.repository import Repository

__all__ = [
    "BothFaissBuildsInstalled",
    "Candidate",
    "CodesearchError",
    "Definition",
    "FaissBroken",
    "FileEntry",
    "Filters",
    "Kind",
    "Library",
    "LibraryNotWritable",
    "LibraryUnreadable",
    "LibraryVersionMismatch",
    "Passage",
    "Progress",
    "ProgressCallback",
    "Repository",
    "RepositoryBusy",
    "RepositoryRemoved",
    "SourceFile",
    "Statistics",
    "StoredDefinition",
]
