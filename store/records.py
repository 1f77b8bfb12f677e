"""The value types that travel between the folders: plain, frozen, no behaviour beyond what they can say of themselves.

They know nothing of where they are kept (see `library`) nor of how they were found (see the folder `indexer`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class Kind(StrEnum):
    """What a definition is."""

    FUNCTION = "function"
    METHOD = "method"
    CONSTRUCTOR = "constructor"
    CLASS = "class"
    STRUCT = "struct"
    INTERFACE = "interface"  # also protocols
    TRAIT = "trait"
    ENUM = "enum"
    MODULE = "module"  # also namespaces, objects, packages, extensions and impl blocks that have a header of their own
    TYPE = "type"  # aliases, records without a class, unions, data types
    MACRO = "macro"
    BLOCK = "block"  # top-level code that belongs to no definition
    WINDOW = "window"  # a stretch of a file whose language has no grammar


@dataclass(frozen=True, slots=True)
class Definition:
    """The unit of search: one function, method, type header, top-level block or window of a source file.

    Lines count from 1, both ends inclusive; bytes count from 0, the end exclusive. The span starts at the first
    decorator, attribute or annotation; a comment above is not in the span but in `documentation`. `code` is the text
    of the span, except for a type (class, struct, interface, trait, enum, module): its code is the outline, in which
    each nested definition of its own is replaced by that definition's signature. `summary` is a line that a model wrote
    of a function without documentation, where the repository wants such; it is never in `documentation`.
    """

    kind: Kind
    name: str
    qualified_name: str
    signature: str
    documentation: str
    code: str
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that the encoder reads; a long definition has several. Lines as in `Definition`.

    `digest` is the hash of the text and the key of its embedding.
    """

    digest: bytes
    text: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a repository, as it was when it was last looked at.

    `path` is relative to the repository's root, with forward slashes. `skip_reason` is empty for an indexed file and
    otherwise says, in a few words for people, why the file is not searched (then `language` may be empty).
    """

    path: str
    language: str
    size: int
    modified_ns: int
    digest: bytes
    skip_reason: str = ""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file with what was found in it, to be saved as a whole; a skipped file has no definitions."""

    source_file: SourceFile
    definitions: Sequence[tuple[Definition, Sequence[Passage]]] = ()


class Heading(NamedTuple):
    """What a definition is called and where it stands: all that its rank hangs on, besides its scores."""

    id: int
    root: Path
    path: str
    kind: Kind
    name: str
    qualified_name: str


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """A definition with its place in the library."""

    id: int
    root: Path
    path: str
    language: str
    definition: Definition

    @property
    def heading(self) -> Heading:
        """Its name and place without its text."""
        known = self.definition
        return Heading(self.id, self.root, self.path, known.kind, known.name, known.qualified_name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that dense search proposes: its best passage's cosine and that passage's lines (as in `Passage`)."""

    definition_id: int
    score: float
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word of a repository, the mistakes between it and what was asked for, and how many definitions have it."""

    word: str
    mistakes: int
    definitions: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much of a repository a search can look at: cheap enough to say with every answer (see `Statistics`)."""

    definitions: int
    passages: int
    embedded: int
    indexed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is known of one repository.

    `files` counts indexed files by language, `skipped` counts the others by reason, `definitions` counts by kind.
    `embedded` of the `passages` have a vector of `model` (the model's fingerprint; empty: none chosen yet).
    `indexed_at` is the end of the last complete run, in UTC.
    """

    files: Mapping[str, int]
    skipped: Mapping[str, int]
    definitions: Mapping[Kind, int]
    passages: int
    embedded: int
    indexed_at: datetime | None
    model: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; an empty field does not limit.

    `languages` are names as in `codesearch status`; `paths` are globs relative to the repository's root (`src/`,
    `*.py`, `src/**/test_*`; `*` also crosses folders); `kinds` as in `Kind`; `below` are files and folders, as
    paths relative to the root, one of which everything found must be or lie in. `not_paths` are globs like `paths`, of
    what is left out. `definitions`, unless None, are the ids of all that may be found: none, if it is empty.
    """

    languages: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    below: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()
    definitions: frozenset[int] | None = None

    def __bool__(self) -> bool:
        limits = (self.languages, self.paths, self.kinds, self.below, self.not_paths)
        return any(limits) or self.definitions is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: `done` of `total` units of the phase `phase` ("parse", "embed", ...)."""

    phase: str
    done: int
    total: int


ProgressCallback = Callable[[Progress], None]
