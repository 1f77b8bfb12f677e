"""Which lines of a definition are shown, and how far they are moved to the left.

Pure functions over text: knows lines and indentation; knows nothing of colours or streams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesearch import Definition, Match

# A line with one of these alone (or in front) closes what a line of the same indentation opened.
_CLOSERS = ("}", ")", "]", "end", "fi", "done", "esac", "endif")

# Languages in which nothing closes a definition: what stands at its end belongs to its last statement.
_OFFSIDE_LANGUAGES = frozenset({"coffeescript", "fsharp", "gdscript", "haskell", "nim", "python", "starlark"})

# A first line that begins like this (a decorator, an attribute) stands as deep as the line that it belongs to.
_ATTRIBUTES = ("@", "#[", "[")
_USUAL_UNIT = 4  # columns of one level of indentation, where the text does not tell


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of an excerpt.

    `number` is the line in the file, None where the text is not the file's own (an outline). `position` is the index
    in `Excerpt.lines`; a gap (lines left out) has neither.
    """

    number: int | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A definition's code, moved to the left, and which lines of it are shown, in order."""

    lines: tuple[str, ...]
    shown: tuple[ShownLine, ...]


GAP = ShownLine(None, None)
LEFT_OUT = "…"


def excerpt_of(match: Match, limit: int) -> Excerpt:
    """Return at most `limit` lines of the match's code: all, or the first one and those that matched best.

    Gaps do not count; instead of a gap of one line the line is shown. An outline's lines are not those of the file: it
    has no numbers and is shown from its start.
    """
    lines = dedented(match.definition.code, match.language)
    numbered = is_verbatim(match.definition, len(lines))
    focus = match.focus_lines[0] - match.definition.start_line if numbered else 0
    shown: list[ShownLine] = []
    for position in _positions(lines, focus, limit):
        if position is None:
            shown.append(GAP)
        else:
            shown.append(ShownLine(match.definition.start_line + position if numbered else None, position))
    return Excerpt(lines, tuple(shown))


def text_lines(match: Match, limit: int) -> list[str]:
    """Return at most `limit` lines of the match's code as text, `LEFT_OUT` where some are left out; none for 0."""
    if not limit:
        return []
    excerpt = excerpt_of(match, limit)
    return [LEFT_OUT if line.position is None else excerpt.lines[line.position] for line in excerpt.shown]


def is_verbatim(definition: Definition, line_count: int) -> bool:
    """Return whether the code is the file's text line by line, and not an outline of it."""
    return line_count == definition.end_line - definition.start_line + 1


def dedented(code: str, language: str) -> tuple[str, ...]:
    """Return the lines of a definition, moved to the left as far as its first line stands to the right.

    The code of a definition starts at its first character, so its first line has lost its indentation while the
    others still have theirs: how deep the first one stood is worked out from the others.
    """
    lines = [line.rstrip("\r") for line in code.rstrip("\r\n").split("\n")]
    rest = [line for line in lines[1:] if line.strip()]
    if not rest:
        return (lines[0].lstrip(), *lines[1:])
    first = _indentation(lines[0])
    removed = min([first, *map(_indentation, rest)]) if first else _lost_indentation(lines[0], rest, language)
    return tuple(_without(line, removed) for line in lines)


def _lost_indentation(first: str, rest: list[str], language: str) -> int:
    """Return how many columns the first line stood to the right, judged by the lines after it."""
    least = min(_indentation(line) for line in rest)
    outermost = next(line for line in rest if _indentation(line) == least)
    closes_first_line = outermost.strip().startswith(_CLOSERS)
    closes_definition = _indentation(rest[-1]) == least and rest[-1].strip().startswith(_CLOSERS)
    if first.startswith(_ATTRIBUTES) or closes_first_line or (closes_definition and language not in _OFFSIDE_LANGUAGES):
        return least
    return max(0, least - _unit(rest))


def _unit(lines: list[str]) -> int:
    """Return the width of one level: a tab, two columns, or the usual four."""
    if lines[0].startswith("\t"):
        return 1
    widths = [_indentation(line) for line in lines]
    between = sum(width % _USUAL_UNIT == _USUAL_UNIT // 2 for width in widths)
    return _USUAL_UNIT // 2 if between * 3 > len(widths) else _USUAL_UNIT


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _without(line: str, columns: int) -> str:
    """Return the line without its first `columns` blanks, or as many as it has."""
    return line[min(columns, _indentation(line)) :]


def _positions(lines: tuple[str, ...], focus: int, limit: int) -> list[int | None]:
    """Return the indexes of the lines that are shown; None stands for lines that are left out."""
    if focus < limit:
        chosen = _filled(lines, 0, limit)
    else:
        start = max(1, min(focus, len(lines) - limit + 1))
        chosen = [0, *_filled(lines, start, limit - 1)]
    shown: list[int | None] = []
    for position, following in zip(chosen, [*chosen[1:], len(lines)], strict=True):
        shown.append(position)
        left_out = following - position - 1
        if left_out == 1:  # the sign would take as much room as the line
            shown.append(position + 1)
        elif left_out:
            shown.append(None)
    return shown


def _filled(lines: tuple[str, ...], start: int, count: int) -> list[int]:
    """Return `count` indexes from `start`, without empty lines at either end."""
    chosen = list(range(start, min(start + count, len(lines))))
    while chosen and not lines[chosen[-1]].strip():
        chosen.pop()
    while chosen and not lines[chosen[0]].strip():
        chosen.pop(0)
    return chosen
