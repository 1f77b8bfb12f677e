"""What is saved of a file, made ready for the database wherever the file was read: rows without ids, and their words.

Splitting texts into words is a good part of the work of saving, and needs no database: so a process that parses files
does it, and what it hands over is plain tuples, which travel between processes at little cost. Ids and statements are
the part of `catalogue` and `full_text`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.lexical import indexed_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.records import Definition, FileEntry, SourceFile

DefinitionRow = tuple[str, str, str, str, int, int, int, int, str, str]
"""Kind, name, qualified name, signature, first and last line, first byte and the one behind the last, documentation,
code: the columns of `tables.definition` behind its ids, in their order."""

WordsRow = tuple[str, str, str, str]
"""The words of the name, the path, the documentation and the code: `tables.TEXT_COLUMNS`."""

PassageRow = tuple[bytes, int, int]
"""Digest, first and last line."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file with its rows. `words` and `passages` have one entry for each of the `definitions`, in their order."""

    source_file: SourceFile
    definitions: Sequence[DefinitionRow] = ()
    words: Sequence[WordsRow] = ()
    passages: Sequence[Sequence[PassageRow]] = ()


def prepare(entry: FileEntry) -> PreparedFile:
    """Return the rows of a file."""
    if not entry.definitions:
        return PreparedFile(entry.source_file)
    path = indexed_text(entry.source_file.path)
    return PreparedFile(
        entry.source_file,
        [_definition_row(found) for found, _ in entry.definitions],
        [_words_row(path, found) for found, _ in entry.definitions],
        [[(one.digest, one.start_line, one.end_line) for one in group] for _, group in entry.definitions],
    )


def storable(text: str) -> str:
    """Return text from a source file with a question mark for each lone surrogate, which SQLite cannot store."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _definition_row(found: Definition) -> DefinitionRow:
    return (
        found.kind.value,
        storable(found.name),
        storable(found.qualified_name),
        storable(found.signature),
        found.start_line,
        found.end_line,
        found.start_byte,
        found.end_byte,
        storable(found.documentation),
        storable(found.code),
    )


def _words_row(path: str, found: Definition) -> WordsRow:
    # The qualified name ends with the name: the name's own words count twice, those of its class once.
    name = indexed_text(f"{found.name} {found.qualified_name}")
    return name, path, indexed_text(found.documentation), indexed_text(found.code)
