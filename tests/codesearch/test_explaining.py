"""Summaries that say something and those that do not; what is shown of a completion."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.codet5p.writer import Task, Written
from codesearch.completing import begun_code, ends_whole, shown_lines
from codesearch.explaining import SUMMARY, explain, in_one_line, says_something
from store import Definition, Kind, StoredDefinition

CODE = 'def size(path):\n    """Say how large."""\n    return len(path)'
SIZE = Definition(Kind.FUNCTION, "size", "size", "def size(path):", "Say how large.", CODE, 2, 4, 0, len(CODE))


class FakeWriter:
    """Writes what it was given, the best first, and remembers what it was asked."""

    source_tokens = 99

    def __init__(self, *texts):
        self.texts = texts
        self.asked = []

    def tokens_in(self, text):
        return len(text.split())

    def write(self, task, parts, decoding, *, prefix="", on_text=None):
        self.asked.append((task, tuple(parts), decoding, prefix))
        return [Written(text, -place / 2) for place, text in enumerate(self.texts, 1)]


def explained(*texts):
    writer = FakeWriter(*texts)
    found = explain(StoredDefinition(7, Path("/none"), "a.py", "python", SIZE), writer, "toy")
    assert writer.asked == [(Task.SUMMARY, ("def size(path):\n    return len(path)",), SUMMARY, "")]
    return found


def test_the_best_beam_that_says_something_counts():
    """Garbage gives way to the next; all garbage is no summary."""
    found = explained("the the the", "Say how\n large it is .", "Another one.")
    assert (found.summary, found.score, found.model) == ("Say how large it is.", -1.0, "toy")
    assert found.definition.definition is SIZE
    assert (explained("", "...", "x").summary, explained("", "...").score) == ("", None)


@pytest.mark.parametrize(
    "summary",
    [
        "Return the size of a file.",
        "Parse JSON.",
        "Convert x to y, and y to z, and z to x.",
        "Returns the number of the rows of the first of the tables.",
        "Gibt die Größe zurück",
        "文件 的 大小",
    ],
)
def test_sentences_say_something(summary):
    """Two words are enough, in any script; some words may come again."""
    assert says_something(summary)


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "   ",
        "Return",
        "get get get get",
        "Set the the the value",
        "the value of the value of the value of the value of the value",
        "{ } ( ) ; = a b",
        "Return the \N{REPLACEMENT CHARACTER} value",
        "1 2 3 4",
        "... !",
    ],
)
def test_garbage_does_not(summary):
    """Nothing, one word, circles, half characters, hardly a letter."""
    assert not says_something(summary)


def test_one_line():
    """The first paragraph; the blanks that tokens left before punctuation go, others stay."""
    assert (
        in_one_line(" Convert a string , quickly .\nAnd more .\n\n:param x: y")
        == "Convert a string, quickly. And more."
    )
    assert in_one_line("Add .5 to a :ref: value") == "Add .5 to a :ref: value"
    assert in_one_line("") == ""


def test_what_was_begun():
    """The definition up to the line, moved to the margin; at the top level the lines above."""
    lines = ["class A:", "    def size(path):", "        if path:", "  odd", "            return 1\r"]
    method = Definition(Kind.METHOD, "size", "A.size", "", "", "", 2, 5, 0, 9)
    assert begun_code(lines, method, 3) == ("def size(path):\n    if path:", "    ")
    assert begun_code(lines, method, 5).prefix == "def size(path):\n    if path:\n  odd\n        return 1"
    assert begun_code(lines, None, 2) == ("class A:\n    def size(path):", "")
    assert begun_code([f"x{number}" for number in range(99)], None, 90).prefix.split("\n") == [
        f"x{number}" for number in range(50, 90)
    ]


@pytest.mark.parametrize(
    ("written", "count", "shown"),
    [
        (" a + b\nreturn c", 1, (" a + b", False)),
        (" a + b\n    return c\nd", 2, (" a + b\n..    return c", False)),
        ("\n    return c\nd", 1, ("..    return c", True)),
        ("  \n\n\n    x\n\n    y\nz", 3, ("..    x\n\n..    y", True)),
        ("", 1, ("", False)),
        (" \n \n", 2, ("", False)),
        (" caf\N{REPLACEMENT CHARACTER} au lait", 1, (" caf", False)),
    ],
)
def test_what_is_shown_of_a_completion(written, count, shown):
    """The rest of the line counts as one; of a complete line what follows; later lines get their margin back."""
    assert shown_lines(written, count, "..") == shown


@pytest.mark.parametrize(
    ("written", "count", "whole"),
    [
        (Written(" a + b", 0.0), 1, True),
        (Written(" a + b", 0.0, 3), 1, False),
        (Written(" a + b\nretu", 0.0, 5), 1, True),
        (Written(" a + b\nretu", 0.0, 5), 2, False),
        (Written(" a + b\n  ", 0.0, 5), 1, True),
        (Written("\n    retu", 0.0, 5), 1, False),
        (Written("\n    return a\n    b", 0.0, 9), 1, True),
    ],
)
def test_the_last_line_of_a_text_that_was_cut(written, count, whole):
    """It is whole if the text goes on behind it, and always in a text that came to its end."""
    assert ends_whole(written, count) is whole
