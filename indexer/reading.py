"""A folder of code as it reads, file by file, without a library: what the index would hold, and the words beside it.

For who learns from code (the training corpus) rather than searches it. The same files are taken as by
`index_repository`, for the same reasons, and split in the same way; nothing is kept or embedded.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.documentation import clean_comments
from indexer.parsing import read_file
from indexer.split import split_with_spans
from indexer.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from indexer.captures import Span
    from indexer.split import Splitting
    from store import Definition


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, or several that stand directly below each other, and its text without marks; bytes in the file."""

    start_byte: int
    end_byte: int
    text: str


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file and what it holds. `text` is UTF-8; definitions, comments and `docstrings` count its bytes.

    `docstrings` maps the span of a definition to that of its documentation string. A file that the index would leave
    out has a `skip_reason` and nothing else.
    """

    path: str
    language: str
    text: bytes = b""
    skip_reason: str = ""
    definitions: Sequence[Definition] = ()
    comments: Sequence[Comment] = ()
    docstrings: Mapping[Span, Span] = field(default_factory=dict)

    def comments_in(self, definition: Definition) -> Sequence[Comment]:
        """Return the comments that lie within the span of a definition, in the order of the text."""
        first = bisect_left(self.comments, definition.start_byte, key=lambda comment: comment.start_byte)
        last = bisect_left(self.comments, definition.end_byte, key=lambda comment: comment.start_byte)
        return self.comments[first:last]

    def code_without_docstring(self, definition: Definition) -> str:
        """Return a definition's text without its own documentation string, moved to the left margin."""
        start, end = definition.start_byte, definition.end_byte
        first, last = self.docstrings.get((start, end), (end, end))
        code = self.text[start:end]
        if start <= first and last <= end:  # else it stands beside the definition
            before, behind = self.text[start:first], self.text[last:end]
            line = behind.lstrip(b" \t;")
            if line.startswith((b"\n", b"\r\n")) or not line:
                before, behind = before.rstrip(b" \t"), line.removeprefix(b"\r").removeprefix(b"\n")
            code = before + behind
        margin = self.text[self.text.rfind(b"\n", 0, start) + 1 : start]
        if margin and not margin.strip(b" \t"):
            code = code.replace(b"\n" + margin, b"\n")
        return _decoded(code).rstrip()


def read_folder(root: Path, wanted: Callable[[str], bool] | None = None) -> Iterator[FileReading]:
    """Read every file below a folder, in the order of their paths; one that cannot be read or parsed has its reason.

    `wanted` is asked about the path of each file before it is opened; without it all are read. Raises FolderUnreadable
    when the folder itself cannot be listed.
    """
    for found in walk(root):
        if found.skip_reason:
            yield FileReading(found.path, "", skip_reason=found.skip_reason)
            continue
        if wanted is not None and not wanted(found.path):
            continue
        seen = read_file(root, found)
        if seen is None:
            continue
        file = seen.source_file
        if file.skip_reason:
            yield FileReading(file.path, file.language, skip_reason=file.skip_reason)
        else:
            yield _read(file.path, file.language, seen.text)


def _read(path: str, language: str, text: bytes) -> FileReading:
    try:
        splitting = split_with_spans(text, language)
    except (ValueError, LookupError, RecursionError) as error:  # see `parsing`
        return FileReading(path, language, skip_reason=f"could not be parsed: {type(error).__name__}: {error}")
    return FileReading(
        path, language, text, "", splitting.definitions, _joined_comments(text, splitting), splitting.docstrings
    )


def _joined_comments(text: bytes, splitting: Splitting) -> list[Comment]:
    """Join comments with nothing but one line break between them: a sentence often goes on in the next one."""
    groups: list[list[Span]] = []
    for start, end in splitting.comments:
        between = text[groups[-1][-1][1] : start] if groups else b"x"
        alone = text[text.rfind(b"\n", 0, start) + 1 : start].isspace() or text[start - 1 : start] in {b"", b"\n"}
        if alone and between.count(b"\n") <= 1 and not between.strip():
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    return [
        Comment(group[0][0], group[-1][1], clean_comments([_decoded(text[first:last]) for first, last in group]))
        for group in groups
    ]


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
