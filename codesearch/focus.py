"""Which lines of a long definition are looked at first: of the passage that is nearest, those that say what was asked.

A passage begins where the one before it ends, and may go on for sixty lines of which a person is shown a few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.ranking import read_question

if TYPE_CHECKING:
    from store import Definition

# What is shown by default below the first line of a definition.
FOCUS_LINES = 7


def focus_of(query: str, definition: Definition, passage: tuple[int, int]) -> tuple[int, int]:
    """Return the first and the last line, within the passage, of those that hold the most words of the query.

    Words count once, by their stems. The passage itself is returned where no other lines hold more than its first ones,
    where it is that of the definition's head, which says what the whole is, and where the code is an outline.
    """
    first, last = passage
    lines = definition.code.split("\n")[first - definition.start_line :]
    whole = definition.end_line - first + 1
    if first == definition.start_line or last - first < FOCUS_LINES or len(lines) != whole:
        return passage
    # The stem of "copy" and "copies" ends in "i", and only one of them holds it.
    stems = [stem.removesuffix("i") for stem in read_question(query).stems]
    held = [{stem for stem in stems if stem in line} for line in map(str.lower, lines[: last - first + 1])]
    counts = [len(set().union(*held[start : start + FOCUS_LINES])) for start in range(len(held) - FOCUS_LINES + 1)]
    most = max(counts)
    if counts[0] == most:
        return passage
    start = end = counts.index(most)
    while end + 1 < len(counts) and counts[end + 1] == most:
        end += 1
    start = (start + end) // 2  # so that the words stand in the middle
    return first + start, first + start + FOCUS_LINES - 1
