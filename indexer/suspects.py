"""Which text may be what a parser stopped at? Ranges to try without, from the least to the most.

Knows lines, columns and the preprocessor's conditions, and no language: where a declaration begins and ends is told by
the layout. What is done with the ranges is left to `recovery`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.captures import Span

_MOST_LEVELS = 12  # how many lines around a culprit are looked at, each further left than the one before
_LONGEST_WORD = 200  # bytes, with the arguments of a macro
_MOST_LINES_ABOVE = 6  # how many lines of annotations or return types may stand above a declaration

_NO_BEGINNING = re.compile(rb"[ \t]*(?:\r?\n|\Z|[)\]}>;,*.&|?:{]|#|//|--|/\*|(?:end|else|endif|fi|done|esac)\b)")
"""What begins no declaration: a closing bracket, an operator, a comment or its end, the preprocessor's lines."""
_ASIDE = re.compile(rb"[ \t]*(?:\r?\n|\Z|\*|/\*|//|--|#)")  # blank lines, comments and the preprocessor's
_LEADS_OVER = re.compile(rb"[ \t]*(?:@|\[|#\[|[\w \t*&:<>]+\r?\n)")  # an annotation, or a return type on its own
_WORD = re.compile(rb"[\w@$]+(?:\([^()\n]*\))?\Z")
_CONDITION = re.compile(rb"[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b")


def suspects(text: bytes, culprit: int, error: int) -> Iterator[list[Span]]:
    """Yield what to try without, each a list of byte ranges, no two alike.

    `culprit` is where the last word ends that was understood, `error` where what was not finished begins. To be tried
    are the word before the culprit, its line up to it, the branches of conditions around it but the first, the
    statement, the member and the outermost declaration that it stands in, those before the latter two, and what the
    error begins with.
    """
    tried: list[list[Span]] = []
    for ranges in _all_suspects(text, culprit, error):
        if ranges and ranges not in tried:
            tried.append(ranges)
            yield ranges


def _all_suspects(text: bytes, culprit: int, error: int) -> Iterator[list[Span]]:
    lines = _Lines(text)
    word = _WORD.search(text[max(culprit - _LONGEST_WORD, 0) : culprit])
    if word is not None:
        yield [(culprit - len(word[0]), culprit)]
    point = culprit + len(text[culprit:]) - len(text[culprit:].lstrip())
    row = lines.row(point)
    if text[lines.starts[row] : point].strip():
        yield [(lines.starts[row], point)]
    around = lines.around(row)
    outermost, member = around[-1], around[-2:][0]
    before = lines.beginning_before(lines.with_lead(outermost))
    error_row = lines.row(error)
    yield lines.other_branches(before if before is not None else outermost, lines.end(outermost))
    yield lines.other_branches(min(error_row, outermost), lines.end(outermost))
    for first in (around[0], member, outermost):
        yield lines.whole(first)
    for first in (member, outermost):
        earlier = lines.beginning_before(lines.with_lead(first))
        if earlier is not None and lines.indentation(earlier) == lines.indentation(first):
            yield lines.whole(earlier)
    yield lines.whole(lines.around(error_row)[-1])


class _Lines:
    """The lines of a text, counted from 0."""

    def __init__(self, text: bytes) -> None:
        self.lines = text.splitlines(keepends=True) if b"\r" not in text else text.replace(b"\r", b" ").splitlines(True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def row(self, position: int) -> int:
        return min(bisect_right(self.starts, position) - 1, len(self.lines) - 1)

    def indentation(self, row: int) -> int:
        line = self.lines[row]
        return len(line) - len(line.lstrip())

    def begins(self, row: int) -> bool:
        """Return whether a line may be the first of a declaration or a statement."""
        return _NO_BEGINNING.match(self.lines[row]) is None

    def around(self, row: int) -> list[int]:
        """Return the first lines of what a line stands in, from the statement to the outermost declaration."""
        while row > 0 and not self.begins(row):
            row -= 1
        found = [row]
        depth = self.indentation(row)
        while row > 0 and depth > 0 and len(found) < _MOST_LEVELS:
            row -= 1
            if self.begins(row) and self.indentation(row) < depth:
                found.append(row)
                depth = self.indentation(row)
        return found

    def with_lead(self, row: int) -> int:
        """Return the first line of what leads over to a declaration: annotations, a return type."""
        depth = self.indentation(row)
        for _ in range(_MOST_LINES_ABOVE):
            above = row - 1
            leads_over = above >= 0 and self.indentation(above) == depth and _LEADS_OVER.match(self.lines[above])
            if not leads_over or not self.lines[above].strip():
                break
            row = above
        return row

    def beginning_before(self, row: int) -> int | None:
        """Return the nearest line above that begins something no deeper than this one."""
        depth = self.indentation(row)
        for above in range(row - 1, -1, -1):
            if self.begins(above) and self.indentation(above) <= depth:
                return self.with_lead(above)
        return None

    def end(self, row: int) -> int:
        """Return the line behind the last of what begins in a line, brackets that close it included."""
        depth = self.indentation(row)
        end = last = row + 1
        while end < len(self.lines):
            if not _ASIDE.match(self.lines[end]):
                if self.indentation(end) < depth or (self.indentation(end) == depth and self.begins(end)):
                    break
                last = end + 1
            end += 1
        return last

    def whole(self, row: int) -> list[Span]:
        """Return the range of what begins in a line."""
        return [(self.starts[self.with_lead(row)], self.starts[self.end(row)])]

    def other_branches(self, first: int, end: int) -> list[Span]:
        """Return the ranges of the preprocessor's directives from one line to another, and of branches but the first.

        A condition that begins or ends outside is left alone.
        """
        found: list[Span] = []
        opened: list[list[int]] = []  # of each open condition, the lines of its directives
        for row in range(first, end):
            condition = _CONDITION.match(self.lines[row])
            if condition is None:
                continue
            if condition[1].startswith(b"if"):
                opened.append([row])
            elif opened:
                opened[-1].append(row)
                if condition[1] == b"endif":
                    rows = opened.pop()
                    found.append((self.starts[rows[0]], self.starts[rows[0] + 1]))
                    found.append((self.starts[rows[1]], self.starts[row + 1]))
        return found
