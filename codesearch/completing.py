"""How the code at a line goes on: the decoder continues the definition, beside the code of one like it.

Which definition a line is in is `reading`, which are like it `similar`; how a decoder writes is `codet5p.writer`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from codesearch.codet5p.writer import Decoding, Task
from codesearch.errors import LineMissing, NoDefinitionHere
from codesearch.generation.context import distinct, pack, sources_of
from codesearch.reading import FUNCTIONS, Located, Spot, as_match, definition_at, lines_of
from codesearch.results import CompletedCode
from codesearch.similar import PassageEncoder, similar_to
from store import Definition, Filters, Kind, StoredDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch.codet5p.writer import Writer, Written
    from codesearch.reading import Part
    from codesearch.results import Match
    from store import Repository

# What the decoder read when it learned to complete: the one function that is most like it (training's `alike`).
NEIGHBOURS = 1
_LOOKED_AT = 8  # of which the first that has room is taken

TOKENS_PER_LINE = 48  # a line of 120 characters in code's 3 characters a token, and some
_MOST_TOKENS = 384  # a decoder of 512 positions keeps a quarter of them for what was begun

# At the top level, lines above the cursor that are read: what they import and define is used next.
_LINES_ABOVE = 40

_CODE = frozenset(Kind) - {Kind.WINDOW}


class Begun(NamedTuple):
    """The code up to and including a line, at the left margin; `margin` is what was taken off each line."""

    prefix: str
    margin: str


class Question(NamedTuple):
    """Where code is to go on, and how many lines of it are wanted."""

    spot: Spot
    home: Repository
    parts: tuple[Part, ...]
    lines: int


def complete(
    question: Question, encoder_for: Callable[[Repository], PassageEncoder], writer: Writer, model: str
) -> CompletedCode:
    """Return how the code goes on after the line. Raises LineMissing and FileNotSearched."""
    spot = question.spot
    lines = lines_of(spot.path)
    meant = _definition(question, lines)
    begun = begun_code(lines, meant.definition if meant else None, spot.last)
    sources: tuple[Match, ...] = ()
    codes: tuple[str, ...] = ()
    near = meant or _as_definition(question, begun)
    if begun.prefix.strip():
        found = similar_to(Located(near, question.home, question.parts), encoder_for, _like(near), _LOOKED_AT)
        context = pack("", distinct(sources_of(found)), writer, NEIGHBOURS)
        sources, codes = context.sources, context.codes
    decoding = Decoding(max_tokens=min(TOKENS_PER_LINE * question.lines, _MOST_TOKENS))
    [written] = writer.write(Task.COMPLETION, codes, decoding, prefix=begun.prefix)
    text, new_line = shown_lines(written.text, question.lines, begun.margin)
    whole = ends_whole(written, question.lines)
    definition = as_match(meant) if meant else None
    return CompletedCode(spot.path, spot.last, text, new_line, written.score, model, definition, sources, whole)


def begun_code(lines: Sequence[str], definition: Definition | None, line: int) -> Begun:
    """Return the definition's code up to `line` (from 1), or the lines above where there is no definition."""
    first = definition.start_line if definition else max(1, line - _LINES_ABOVE + 1)
    taken = [one.rstrip("\r") for one in lines[first - 1 : line]]
    margin = taken[0][: len(taken[0]) - len(taken[0].lstrip(" \t"))] if definition else ""
    return Begun("\n".join(one.removeprefix(margin) for one in taken), margin)


def shown_lines(written: str, count: int, margin: str) -> tuple[str, bool]:
    """Return at most `count` lines of what was written, and whether they begin on a new line.

    A line that needs no rest does not count. Lines after the first get their margin back.
    """
    if "\N{REPLACEMENT CHARACTER}" in written:
        written = written[: written.index("\N{REPLACEMENT CHARACTER}")]
    rest, *following = written.rstrip().split("\n")
    if rest.strip():
        return "\n".join([rest.rstrip(), *_moved(following[: count - 1], margin)]), False
    while following and not following[0].strip():
        following.pop(0)
    return "\n".join(_moved(following[:count], margin)), bool(following)


def ends_whole(written: Written, count: int) -> bool:
    """Whether the last of at most `count` lines shown is at its end: of a text that was cut, if it goes on there."""
    if written.complete or written.text.rstrip(" \t").endswith("\n"):
        return True
    return shown_lines(written.text, count, "") != shown_lines(written.text, count + 1, "")


def _moved(lines: Sequence[str], margin: str) -> list[str]:
    return [margin + line.rstrip() if line.strip() else "" for line in lines]


def _definition(question: Question, lines: Sequence[str]) -> StoredDefinition | None:
    """Return the definition that the line is in, if any; one that begins below it is not begun yet."""
    spot = replace(question.spot, first=question.spot.last)
    if not 1 <= spot.last <= len(lines):
        raise LineMissing(spot.path, spot.last, len(lines))
    try:
        found = definition_at(question.home, spot)
    except NoDefinitionHere:
        return None
    return found if found.definition.start_line <= spot.last and found.definition.kind in _CODE else None


def _as_definition(question: Question, begun: Begun) -> StoredDefinition:
    """Return the lines above as a definition that is in no index, to look for code like them."""
    path = question.spot.path.resolve().relative_to(question.home.root).as_posix()
    block = Definition(Kind.BLOCK, "", "", "", "", begun.prefix, 0, 0, 0, 0)
    return StoredDefinition(0, question.home.root, path, "", block)


def _like(near: StoredDefinition) -> Filters:
    """Return filters that leave functions of the definition's language: what the decoder has learned to read beside."""
    return Filters(languages=frozenset({near.language} if near.language else ()), kinds=FUNCTIONS)
