"""What a person sees on a terminal: matches with coloured code, and the tables of the other commands.

Pure functions from values to rich texts, each line no wider than asked; nothing is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from cli.excerpt import LEFT_OUT, Excerpt, excerpt_of
from cli.highlighting import coloured_lines, printable
from cli.plain import shown_path
from cli.why import why_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codesearch import Match

PATH_STYLE = "magenta"
LINES_STYLE = "green"
NAME_STYLE = "bold"
DIM_STYLE = "dim"
NUMBER_STYLE = "dim"

_BETWEEN = "  "
_NARROWEST_NAME = 24  # columns; below that the name gets a line of its own
_LEXED_BEFORE = 200  # lines before an excerpt that the lexer sees, for strings and comments that began there


def match_lines(match: Match, query: str, snippet_lines: int, folder: Path, width: int) -> Iterator[Text]:
    """Yield the lines that show one match: where and what it is, what is said of it, and its code."""
    yield from header_lines(match, folder, width)
    for reason in why_lines(match, max(width - len(_BETWEEN), 1)):
        yield Text(_BETWEEN + printable(reason), style=DIM_STYLE)
    if not snippet_lines:
        return
    excerpt = excerpt_of(match, snippet_lines)
    documentation = _documentation(match, excerpt)
    if documentation:
        line = Text(_BETWEEN + documentation, style="italic dim")
        line.truncate(width, overflow="ellipsis")
        yield line
    yield from _code_lines(excerpt, match.language, query, width)


def header_lines(match: Match, folder: Path, width: int) -> Iterator[Text]:
    """Yield `path:start-end  name  kind  score` in one line, or in two where one is too narrow for it.

    The path is never cut: a terminal makes a link of it.
    """
    definition = match.definition
    path = printable(shown_path(match.root, match.path, folder))
    place = Text.assemble((path, PATH_STYLE), (f":{definition.start_line}-{definition.end_line}", LINES_STYLE))
    name = Text(printable(definition.qualified_name), style=NAME_STYLE)
    rest = Text(f"{definition.kind}{_BETWEEN}{match.score:.2f}", style=DIM_STYLE)
    room = width - place.cell_len - rest.cell_len - 2 * len(_BETWEEN)
    indent = ""
    if room < min(name.cell_len, _NARROWEST_NAME):
        yield place
        indent = _BETWEEN
        place = Text()
        room = width - rest.cell_len - 2 * len(_BETWEEN)
    name.truncate(max(room, 1), overflow="ellipsis")
    parts = [part for part in (place, name, rest) if part.plain]
    yield Text(indent) + Text(_BETWEEN).join(parts)


def _documentation(match: Match, excerpt: Excerpt) -> str:
    """Return the first line of the documentation if it is not in the code that is shown."""
    stated = printable(match.definition.documentation.strip().split("\n")[0].strip())
    shown = "\n".join(excerpt.lines[line.position] for line in excerpt.shown if line.position is not None)
    return "" if stated in shown else stated


def _code_lines(excerpt: Excerpt, language: str, query: str, width: int) -> Iterator[Text]:
    numbers = [line.number for line in excerpt.shown if line.number is not None]
    gutter = len(str(max(numbers))) if numbers else 0
    coloured = _coloured(excerpt, language, query)
    for line in excerpt.shown:
        if line.position is None:
            yield Text(f"{_BETWEEN}{LEFT_OUT:>{gutter}}", style=NUMBER_STYLE)
            continue
        number = "" if line.number is None else str(line.number)
        shown = Text(f"{_BETWEEN}{number:>{gutter}}{_BETWEEN if gutter else ''}", style=NUMBER_STYLE)
        shown = Text.assemble(shown, coloured[line.position])
        shown.rstrip()
        shown.truncate(width, overflow="ellipsis")
        yield shown


def _coloured(excerpt: Excerpt, language: str, query: str) -> dict[int, Text]:
    """Return the coloured text of each position that is shown; of a long definition only what is near is read."""
    positions = [line.position for line in excerpt.shown if line.position is not None]
    start = max(0, positions[min(1, len(positions) - 1)] - _LEXED_BEFORE)
    coloured = dict(enumerate(coloured_lines(list(excerpt.lines[:1]), language, query))) if start else {}
    return coloured | dict(
        enumerate(coloured_lines(list(excerpt.lines[start : positions[-1] + 1]), language, query), start)
    )
