"""Which lines of a long definition are shown: worked out by hand."""

from __future__ import annotations

import pytest

from codesearch.focus import FOCUS_LINES, focus_of
from store import Definition, Kind

# A function from line 100 on; its second passage is lines 110 to 139.
PASSAGE = (110, 139)


def definition(held: dict[int, str], *, lines: int = 60, outline: bool = False) -> Definition:
    """Return a definition of which the lines that are given say something, and the others nothing."""
    code = "\n".join(held.get(number, f"    x{number} = 0") for number in range(100, 100 + lines))
    return Definition(
        kind=Kind.FUNCTION,
        name="f",
        qualified_name="f",
        signature="def f()",
        documentation="",
        code=code + "\n..." if outline else code,
        start_line=100,
        end_line=99 + lines,
        start_byte=0,
        end_byte=len(code),
    )


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({125: "    cookie = signing_serializer(session)"}, (122, 128)),  # in the middle of seven
        ({120: "    sign(1)", 124: "    session.cookie()"}, (119, 125)),  # both, in the middle of what can hold both
        ({111: "    signed()", 125: "    cookie = get_signed(session)"}, (122, 128)),  # three words before one
        ({125: "    session = session or session"}, (122, 128)),  # a word counts once, and one is more than none
        ({139: "    cookie.sign()"}, (133, 139)),  # no further than the passage
        ({112: "    cookie = 1", 130: "    session = 2"}, PASSAGE),  # no more than the first lines have
        ({150: "    cookie.sign(session)"}, PASSAGE),  # another passage
        ({}, PASSAGE),
    ],
)
def test_the_lines_with_most_words_of_the_query(held, expected):
    """Different words are counted, by their stems and within identifiers; only within the passage."""
    assert focus_of("where are session cookies signed", definition(held), PASSAGE) == expected


def test_copies_and_copy_are_one_word():
    """Also where the end of the stem differs."""
    for line in ("    copy(a)", "    copies += 1"):
        assert focus_of("copying", definition({125: line}), PASSAGE) == (122, 128)


@pytest.mark.parametrize("passage", [(100, 130), (110, 110 + FOCUS_LINES - 1)])
def test_the_head_and_what_is_short_stay(passage):
    """The head of a definition says what it is, and of a few lines there is nothing to choose."""
    held = dict.fromkeys((115, 116, 125), "    cookie()")
    assert focus_of("cookie", definition(held), passage) == passage


def test_an_outline_stays():
    """Its lines are not those of the file."""
    assert focus_of("cookie", definition({125: "cookie"}, outline=True), PASSAGE) == PASSAGE
