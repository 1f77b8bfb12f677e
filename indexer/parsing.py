"""From one file on disk to what the library keeps of it: read, checked, split, described, made ready to be saved.

Nothing that is wrong with a file is an error here: it becomes the reason why the file is not searched.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indexer.changes import content_digest, time_to_keep
from indexer.content_checks import as_utf8, why_not_text, why_not_written_by_hand
from indexer.found_files import SIZE_LIMIT
from indexer.languages import BEGINNING_BYTES, is_source, language_of
from indexer.passages import describe
from indexer.split import split
from store import FileEntry, PreparedFile, SourceFile, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.found_files import FoundFile

COULD_NOT_BE_PARSED = "could not be parsed"
"""How the reason begins for which a file is not searched that should be; more may follow behind a colon."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: what to remember of it, and its text as UTF-8, not yet split."""

    source_file: SourceFile
    text: bytes


@dataclass(frozen=True, slots=True)
class ToExamine:
    """A file that is to be looked at, and what the library knows of it (None: nothing)."""

    found: FoundFile
    before: SourceFile | None


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a file of this path.

    `source_file` is what to remember of it, None when it is gone since the walk. `prepared` is None when it is gone
    or still has the content that is kept. `text_bytes` is how long its text is.
    """

    path: str
    source_file: SourceFile | None
    prepared: PreparedFile | None = None
    text_bytes: int = 0


def examine(root: str, task: ToExamine) -> Examined:
    """Read a file and, unless it has the content that is kept of it, split it and prepare what is to be saved."""
    path = task.found.path
    seen = read_file(root, task.found)
    if seen is None:
        return Examined(path, None)
    if task.before is not None and _is_same(task.before, seen.source_file):
        return Examined(path, seen.source_file, None, len(seen.text))
    prepared = prepare(_parse(seen))
    return Examined(path, prepared.source_file, prepared, len(seen.text))


def give_up(root: str, task: ToExamine, why: str) -> Examined:
    """Return what is to be kept of a file that cannot be parsed for this reason; it is read and not split."""
    seen = read_file(root, task.found)
    if seen is None:
        return Examined(task.found.path, None)
    source_file = replace(seen.source_file, skip_reason=f"{COULD_NOT_BE_PARSED}: {why}")
    return Examined(task.found.path, source_file, PreparedFile(source_file), len(seen.text))


def read_file(root: Path | str, found: FoundFile) -> ReadFile | None:
    """Read and check a file below `root`; None when it is gone since the walk."""
    try:
        with open(f"{root}/{found.path}", "rb") as stream:  # joining by `pathlib` takes longer than reading
            content = stream.read(min(found.size, SIZE_LIMIT) + 1)  # a buffer for the largest takes longer than reading
            if len(content) > found.size:
                content += stream.read(SIZE_LIMIT + 1 - len(content))
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


def _parse(file: ReadFile) -> FileEntry:
    """Split a file and describe its definitions; a file with a reason to be left out has none."""
    source_file = file.source_file
    if source_file.skip_reason:
        return FileEntry(source_file)
    path, language = source_file.path, source_file.language
    try:
        definitions = [(one, describe(path, language, one)) for one in split(file.text, language)]
    except (ValueError, LookupError, RecursionError) as error:  # `split` promises none; a new grammar may break that
        reason = f"{COULD_NOT_BE_PARSED}: {type(error).__name__}: {error}"
        return FileEntry(replace(source_file, skip_reason=reason))
    return FileEntry(source_file, definitions)


def _is_same(before: SourceFile, now: SourceFile) -> bool:
    """Tell whether a file has the content that is kept, or cannot be read for the reason that is kept."""
    return before.digest == now.digest and (bool(now.digest) or before.skip_reason == now.skip_reason)


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
