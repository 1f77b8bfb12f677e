"""From one file on disk to its entry in the library: read, checked, split and described.

Nothing that is wrong with a file is an error here: it becomes the reason why the file is not searched.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.changes import content_digest, time_to_keep
from indexer.content_checks import as_utf8, why_not_text, why_not_written_by_hand
from indexer.languages import BEGINNING_BYTES, is_source, language_of
from indexer.passages import describe
from indexer.split import split
from indexer.walk import SIZE_LIMIT
from store import FileEntry, SourceFile

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.walk import FoundFile


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: what to remember of it, and its text as UTF-8, not yet split."""

    source_file: SourceFile
    text: bytes


def read_file(root: Path, found: FoundFile) -> ReadFile | None:
    """Read and check a file; None when it is gone since the walk."""
    try:
        with (root / found.path).open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _left_out(found, f"unreadable: {error.strerror or type(error).__name__}")
    if len(content) > SIZE_LIMIT:
        return _left_out(found, "larger than 1 MB")  # it has grown since the walk
    text = as_utf8(content)
    language = language_of(found.path, text[:BEGINNING_BYTES])
    source_file = SourceFile(
        path=found.path,
        language=language,
        size=found.size,
        modified_ns=time_to_keep(found.modified_ns, time.time_ns()),
        digest=content_digest(content, insisted=found.insisted),
        skip_reason=_why_not_searched(found, language, text),
    )
    return ReadFile(source_file, text)


def parse(file: ReadFile) -> FileEntry:
    """Split a file and describe its definitions; a file with a reason to be left out has none."""
    source_file = file.source_file
    if source_file.skip_reason:
        return FileEntry(source_file)
    path, language = source_file.path, source_file.language
    try:
        definitions = [(one, describe(path, language, one)) for one in split(file.text, language)]
    except (ValueError, LookupError, RecursionError) as error:  # `split` promises none; a new grammar may break that
        reason = f"could not be parsed: {type(error).__name__}: {error}"
        return FileEntry(
            SourceFile(path, language, source_file.size, source_file.modified_ns, source_file.digest, reason)
        )
    return FileEntry(source_file, definitions)


def _why_not_searched(found: FoundFile, language: str, text: bytes) -> str:
    reason = why_not_text(text)
    if reason or found.insisted:
        return reason
    if not is_source(language):
        return f"not source code ({language})" if language else "not source code"
    return why_not_written_by_hand(found.path, text)


def _left_out(found: FoundFile, reason: str) -> ReadFile:
    """Remember a file without a digest, so that the next run looks at it again."""
    return ReadFile(SourceFile(found.path, "", found.size, found.modified_ns, b"", reason), b"")
