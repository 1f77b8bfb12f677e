"""Reading on behind a construct that a grammar does not know.

Most syntax errors cost tree-sitter a line or two. Some make it give up on all that follows: a macro in front of a
function, branches of a preprocessor that open one bracket twice, an annotation in a place that the grammar does not
foresee. Then the file is parsed again with the offending text put aside: only the parser sees the changed text, in
which blanks stand for it and every byte and line is where it was, so that there is one tree, and spans nest as always.

What is put aside is tried from the least to the most: the word before the one that was not expected, the line up to
it, the statement, the member and the outermost declaration around it, and the declaration before that one (a bracket
too many is noticed only when the next declaration begins). Where declarations begin is told by the layout. A try is
taken if then no definition is missing and there are more of them, or clearly less text in errors.

A file without an error that swallows `SWALLOWED_LINES` is parsed once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.grammars import matches_in, parse_source
from indexer.suspects import suspects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

    from indexer.captures import Span
    from indexer.grammars import LoadedGrammar, Match

SWALLOWED_LINES = 20
"""How many lines an error must span to be worth another parse: a few statements cost less than a function is long.
Of 24,600 files in 24 repositories 47 have such an error."""

MOST_TRIES = 12
"""How often a file is parsed again: two culprits with every way to put them aside, or a dozen easy ones."""

_MOST_BYTES = 1_000_000
"""How much is parsed again of one file, all tries together: half a second at most, where errors make parsing slow. To
find a culprit in the log comes on top, 4 s for each megabyte before it: most errors that are worth it begin early."""

_MUCH_LESS = 0.5
"""What is much better: half as much is lost. Then ways to put a culprit aside that cost more text need not be tried;
and without it, an error that is as large as before is no gain, if nothing more is found. With 0.7 and 0.9 the same
definitions were found in the 24 repositories, with up to twice as many tries."""

_NOT_BREAKING = re.compile(rb"[^\r\n]")
_POSITION = re.compile(r"row:(\d+), col:(\d+)")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as the parser sees it, with what came of it.

    `names` is where the names of the definitions begin; `lost` counts the bytes in errors and those put aside.
    """

    text: bytes
    tree: Tree
    matches: list[Match]
    put_aside: list[Span]
    names: frozenset[int]
    lost: int

    def better_than(self, other: _Reading) -> bool:
        """Return whether it has more definitions than the other, or as many and less is lost."""
        return (len(self.names), -self.lost) > (len(other.names), -other.lost)

    def much_better_than(self, other: _Reading) -> bool:
        """Return whether it is better, and much less is lost."""
        return self.better_than(other) and self.lost <= _MUCH_LESS * other.lost


def find_matches(source: bytes, loaded: LoadedGrammar) -> list[Match] | None:
    """Parse a file and run its language's query, with what stops the parser put aside.

    None if parsing was given up, see `parse_source`.
    """
    tree = parse_source(source, loaded)
    if tree is None:
        return None
    matches = matches_in(tree, loaded)
    if not tree.root_node.has_error:
        return matches
    reading = _reading(source, tree, matches, [])
    left = min(MOST_TRIES, _MOST_BYTES // len(source))
    while left > 0:
        error = _worst_error(reading.tree)
        if error is None:
            break
        better, tries = _put_aside(reading, error, loaded, left)
        left -= tries
        if better is None:
            break
        reading = better
    return reading.matches


def _reading(text: bytes, tree: Tree, matches: list[Match], put_aside: list[Span]) -> _Reading:
    lost = sum(end - start for start, end in put_aside)
    lost += sum(node.end_byte - node.start_byte for node in _errors(tree))
    names = frozenset(name for captures in _defining(matches) for name in _name(captures))
    return _Reading(text, tree, matches, put_aside, names, lost)


def _put_aside(reading: _Reading, error: Node, loaded: LoadedGrammar, most_tries: int) -> tuple[_Reading | None, int]:
    """Return the first reading that is much better, or else the best one that is better, and how many were tried."""
    best = None
    tries = 0
    for ranges in suspects(reading.text, _culprit(reading, error, loaded), error.start_byte):
        if tries >= most_tries:
            break
        tries += 1
        other = _read_without(reading, ranges, loaded)
        if other is not None and other.better_than(best or reading):
            best = other
            if other.much_better_than(reading):
                break
    if best is not None and len(best.names) == len(reading.names) and not best.much_better_than(reading):
        return None, tries  # a few bytes less in an error as large as before
    return best, tries


def _read_without(reading: _Reading, ranges: list[Span], loaded: LoadedGrammar) -> _Reading | None:
    """Parse without some ranges; definitions found in them before stay.

    None where a definition begins or ends in a range, or one that has nothing to do with them is no longer found.
    """
    text = _without(reading.text, ranges)
    tree = parse_source(text, loaded)
    if tree is None:
        return None
    matches = matches_in(tree, loaded)
    for captures in _defining(matches):
        for node in _nodes(captures):
            if any(start <= node.start_byte < end or start < node.end_byte <= end for start, end in ranges):
                return None
    kept = [match for match in reading.matches if _lies_in(match[1], ranges)]
    other = _reading(text, tree, [*matches, *kept], [*reading.put_aside, *ranges])
    missing = reading.names - other.names
    return other if all(any(start <= name < end for start, end in ranges) for name in missing) else None


def _defining(matches: list[Match]) -> Iterator[dict[str, list[Node]]]:
    """Yield the captures of the matches that are definitions."""
    for _, captures in matches:
        if any(capture.startswith("definition.") for capture in captures):
            yield captures


def _nodes(captures: dict[str, list[Node]]) -> Iterator[Node]:
    """Yield the nodes that make the span of a definition."""
    for capture, nodes in captures.items():
        if capture.startswith("definition."):
            yield from nodes


def _name(captures: dict[str, list[Node]]) -> Iterator[int]:
    """Yield where a definition's name begins, or the definition itself if it has none."""
    nodes = captures.get("name") or list(_nodes(captures))
    yield nodes[0].start_byte


def _lies_in(captures: dict[str, list[Node]], ranges: list[Span]) -> bool:
    return any(
        all(start <= node.start_byte and node.end_byte <= end for nodes in captures.values() for node in nodes)
        for start, end in ranges
    )


def _without(text: bytes, ranges: list[Span]) -> bytes:
    """Return a text with blanks in some ranges; line breaks stay."""
    changed = bytearray(text)
    for start, end in ranges:
        changed[start:end] = _NOT_BREAKING.sub(b" ", text[start:end])
    return bytes(changed)


def _errors(tree: Tree) -> Iterator[Node]:
    """Yield the outermost ERROR nodes in the order of the text."""
    pending = [tree.root_node]
    while pending:
        node = pending.pop()
        if node.is_error:
            yield node
        elif node.has_error:
            pending.extend(reversed(node.children))


def _worst_error(tree: Tree) -> Node | None:
    """Return the first error that swallows much, if there is one."""
    for node in _errors(tree):
        if node.end_point.row - node.start_point.row + 1 >= SWALLOWED_LINES:
            return node
    return None


def _culprit(reading: _Reading, error: Node, loaded: LoadedGrammar) -> int:
    """Return the byte where the parser stopped understanding, in an error.

    A tree does not say it: an error begins with what was understood and was not finished. The parser's log does.
    """
    watch = _Watch((error.start_point.row, error.start_point.column))
    parse_source(reading.text, loaded, watch)
    if watch.found is None:
        return error.start_byte
    row, column = watch.found
    position = 0
    for _ in range(row):
        position = reading.text.index(b"\n", position) + 1
    return position + column


class _Watch:
    """Reads the parser's log up to the first token behind `beginning` after which no reading was left.

    Of several readings of a text the parser follows each until it fails, and resumes one when all have failed.
    """

    def __init__(self, beginning: tuple[int, int]) -> None:
        self.found: tuple[int, int] | None = None
        self._beginning = beginning
        self._furthest = (0, 0)

    @property
    def satisfied(self) -> bool:
        """Whether the place is found."""
        return self.found is not None

    def hear(self, _kind: object, message: str, /) -> None:
        """Take in one line of the log."""
        if self.found is not None:
            return
        if message.startswith("process "):
            position = _POSITION.search(message)
            if position is not None:
                self._furthest = max(self._furthest, (int(position[1]), int(position[2])))
        elif message.startswith("resume ") and self._furthest >= self._beginning:
            self.found = self._furthest
