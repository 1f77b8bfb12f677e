"""The parts of a file that no definition covers, cut into blocks; and whole files cut into windows.

Knows byte ranges and lines, and nothing of any language: `split` says what is covered and which ranges are imports
or comments.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from store import Definition, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.captures import Span

BLOCK_LINES = 60
"""The longest block. About what a passage holds; longer ones are cut, at a blank line if there is one."""
WINDOW_LINES = 40
"""The length of a window in a file without a grammar: about the length of a longer function."""
WINDOW_OVERLAP = 10
"""How many lines a window shares with the one before, so that what one boundary cuts is whole on one side."""
_NAMED_WITHIN = 4096  # bytes of a block in which an assignment may give it its name; a block can be one huge line
SIGNATURE_CHARACTERS = 300
"""Where a signature is cut: a declaration without a body can be as long as its value."""

TOP_LEVEL = "<top level>"
IMPORTS = "<imports>"
WINDOW = "<window>"

_CONTENT = re.compile(rb"(?:\b|(?=[\x80-\xff]))(?!(?:end|endif|else|begin|var|let|const|val|type|php)\b)[\w\x80-\xff]")
"""Anything but the words that are left over when the definitions around them are taken out."""
_CONDITIONAL = re.compile(rb"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b.*$", re.MULTILINE)
"""A preprocessor's line: it may stand between imports, and on its own it is not worth finding."""
_CLOSING_LINES = re.compile(rb"(?:[ \t\r)\]};,]*\n)+")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ASSIGNED = re.compile(
    r"^(?:[\w$<>\[\],.*&?]+[ \t]+)*?[*&]*([A-Za-z_$@][\w$.]*)[ \t]*"  # modifiers and types, then the name
    r"(?:\[[^\]\n]{0,80}\])*[ \t]*(?::[^=\n]{1,80})?:?=(?![=>~])",  # an array's size, or a type behind a colon
    re.MULTILINE,
)


def blocks(source: bytes, covered: list[Span], imports: list[Span], comments: list[Span]) -> list[Definition]:
    """Return blocks for what lies between the covered ranges; what holds only brackets or words like `end` is left out.

    All ranges are sorted; the covered ones do not overlap.
    """
    found: list[Definition] = []
    line, counted = 1, 0
    for gap in _gaps(source, covered, comments):
        for start, end, is_import in _segments(source, gap, imports, comments):
            for piece_start, piece_end in _cut(source, start, end):
                line += source.count(b"\n", counted, piece_start)
                counted = piece_start
                code_start = _code_start(source, piece_start, piece_end, comments)
                name = IMPORTS if is_import else _block_name(source, code_start, piece_end)
                found.append(_definition(Kind.BLOCK, name, source, (piece_start, piece_end, code_start), line))
    return found


def windows(source: bytes) -> list[Definition]:
    """Return a file in overlapping windows of `WINDOW_LINES` lines; blank ones are left out."""
    starts = [0]
    starts.extend(match.end() for match in re.finditer(rb"\n", source) if match.end() < len(source))
    if source.startswith(_BYTE_ORDER_MARK):
        starts[0] = len(_BYTE_ORDER_MARK)
    found = []
    for first in range(0, len(starts), WINDOW_LINES - WINDOW_OVERLAP):
        last = min(first + WINDOW_LINES, len(starts))
        start, end = _trim(source, starts[first], starts[last] if last < len(starts) else len(source))
        if start < end:
            line = first + 1 + source.count(b"\n", starts[first], start)
            found.append(_definition(Kind.WINDOW, WINDOW, source, (start, end, start), line))
        if last == len(starts):
            break
    return found


def _definition(kind: Kind, name: str, source: bytes, span: tuple[int, int, int], line: int) -> Definition:
    """Return a block or window; `span` is its start, its end and the start of the line that stands for it."""
    start, end, head_start = span
    code = source[start:end].decode("utf-8", "replace")
    head = source[head_start : min(end, head_start + 4 * SIGNATURE_CHARACTERS)].decode("utf-8", "replace")
    head = " ".join(head.split("\n", 1)[0].split())
    return Definition(
        kind=kind,
        name=name,
        qualified_name=name,
        signature=head[:SIGNATURE_CHARACTERS],
        documentation="",
        code=code,
        start_line=line,
        end_line=line + source.count(b"\n", start, end),
        start_byte=start,
        end_byte=end,
    )


def _gaps(source: bytes, covered: list[Span], comments: list[Span]) -> Iterator[Span]:
    """Yield the ranges between the covered ones, without blank ends, if they hold anything worth finding."""
    position = len(_BYTE_ORDER_MARK) if source.startswith(_BYTE_ORDER_MARK) else 0
    for start, end in (*covered, (len(source), len(source))):
        if start > position:
            gap = _trim(source, _skip_rest_of_line(source, position, start, comments), start)
            if _has_content(source, *gap):
                yield gap
        position = max(position, end)


def _skip_rest_of_line(source: bytes, position: int, limit: int, comments: list[Span]) -> int:
    """Return where a gap really begins: a comment or bracket behind a definition on its last line is no block."""
    if position == 0:
        return position
    line_end = source.find(b"\n", position, limit)
    if source[position - 1 : position] != b"\n" and line_end >= 0:
        position = position if _has_code(source, position, line_end, comments) else line_end
    closing = _CLOSING_LINES.match(source, position, limit)
    return closing.end() if closing else position


def _segments(source: bytes, gap: Span, imports: list[Span], comments: list[Span]) -> Iterator[tuple[int, int, bool]]:
    """Yield the runs of imports in a gap, with the comments around them, and what stands between those runs."""
    position, gap_end = gap
    run: Span | None = None
    for index in range(bisect_left(imports, (position, 0)), len(imports)):
        start, end = imports[index]
        if start >= gap_end:
            break
        if start < position:
            continue
        if _has_code(source, position, start, comments):
            if run is not None:
                yield (*run, True)
            yield (*_trim(source, position, start), False)
            run = (start, end)
        else:
            run = (run[0] if run is not None else position, end)
        line_end = source.find(b"\n", end, gap_end)
        position = line_end if line_end >= 0 else gap_end
        run = _trim(source, run[0], position)
    if run is not None:
        yield (*run, True)
    rest = _trim(source, position, gap_end)
    if _has_content(source, *rest):
        yield (*rest, False)


def _has_code(source: bytes, start: int, end: int, comments: list[Span]) -> bool:
    """Return whether a range holds anything worth finding outside comments."""
    for index in range(max(bisect_left(comments, (start, 0)) - 1, 0), len(comments)):
        comment_start, comment_end = comments[index]
        if comment_start >= end:
            break
        if comment_end <= start:
            continue
        if _has_content(source, start, max(comment_start, start)):
            return True
        start = max(start, comment_end)
    return _has_content(source, start, end)


def _has_content(source: bytes, start: int, end: int) -> bool:
    found = _CONTENT.search(source, start, end) if start < end else None
    if found is None or source.find(b"#", start, end) < 0:
        return found is not None
    return _CONTENT.search(_CONDITIONAL.sub(b"", source[start:end])) is not None


def _cut(source: bytes, start: int, end: int) -> Iterator[Span]:
    """Yield a range in pieces of at most `BLOCK_LINES` lines, cut at the last blank line in a piece's second half."""
    if source.count(b"\n", start, end) < BLOCK_LINES:
        yield from _piece(source, start, end)
        return
    lengths = [len(line) + 1 for line in source[start:end].split(b"\n")]
    lines = [*accumulate(lengths[:-1], initial=start), end]
    first = 0
    while len(lines) - 1 - first > BLOCK_LINES:
        cut = first + BLOCK_LINES
        for candidate in range(cut, first + BLOCK_LINES // 2, -1):
            if not source[lines[candidate] : lines[candidate + 1]].strip():
                cut = candidate
                break
        yield from _piece(source, lines[first], lines[cut])
        first = cut
        while not source[lines[first] : lines[first + 1]].strip():  # the last line is not blank: ranges are trimmed
            first += 1
    yield from _piece(source, lines[first], end)


def _piece(source: bytes, start: int, end: int) -> Iterator[Span]:
    """Yield a piece without blank ends, if anything is left of it."""
    start, end = _trim(source, start, end)
    if start < end:
        yield start, end


def _trim(source: bytes, start: int, end: int) -> Span:
    """Drop blank lines in front and whitespace behind; a first line keeps its indentation if it is the whole line."""
    text = source[start:end]
    end = start + len(text.rstrip())
    stripped = len(text) - len(text.lstrip())
    return min(start + stripped, end), end


def _code_start(source: bytes, start: int, end: int, comments: list[Span]) -> int:
    """Return where a block's first line of code is, behind the comments in front; its start if it is all comments."""
    position = start
    for index in range(bisect_left(comments, (start, 0)), len(comments)):
        comment_start, comment_end = comments[index]
        if comment_start > position or comment_end >= end:
            break
        position, _ = _trim(source, comment_end, end)
    return position if position < end else start


def _block_name(source: bytes, start: int, end: int) -> str:
    """Return the first name that is assigned at the left margin, or `TOP_LEVEL`."""
    assigned = _ASSIGNED.search(source[start : min(end, start + _NAMED_WITHIN)].decode("utf-8", "replace"))
    return assigned[1] if assigned else TOP_LEVEL
