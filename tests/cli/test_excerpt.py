"""Which lines of a definition are shown, and how far they are moved to the left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.excerpt import dedented, excerpt_of
from codesearch import Kind
from tests.cli.fakes import BASKET, PARSE, RETRY, definition, match


def shown(found, limit):
    return [
        "..." if line.position is None else (line.number, excerpt_of(found, limit).lines[line.position])
        for line in excerpt_of(found, limit).shown
    ]


def test_a_short_definition_is_shown_whole():
    """Every line has its number in the file, and the method stands at the left."""
    assert shown(RETRY, 8) == [
        (41, "def retry(self, job):"),
        (42, '    """Send a failed upload again."""'),
        (43, "    for attempt in range(3):"),
        (44, "        if self.send(job):"),
        (45, "            return attempt"),
        (46, "    raise UploadFailed(job)"),
    ]


def test_a_long_definition_shows_its_first_line_and_its_focus():
    """The focus begins after a gap, and another gap says that the definition goes on."""
    assert shown(PARSE, 4) == [
        (7, "func Parse(text string) (Date, error) {"),
        "...",
        (20, "\tstep12(text)"),
        (21, "\tstep13(text)"),
        (22, "\tstep14(text)"),
        "...",
    ]


def test_a_focus_at_the_end_fills_the_excerpt():
    """The window is moved up until it is full, and nothing is said to follow the last line."""
    at_the_end = replace(PARSE, focus_lines=(28, 28))
    assert shown(at_the_end, 3) == [
        (7, "func Parse(text string) (Date, error) {"),
        "...",
        (27, "\tstep19(text)"),
        (28, "}"),
    ]


def test_a_focus_near_the_start_needs_no_gap_before_it():
    """The first lines are shown where the focus is among them."""
    at_the_start = replace(PARSE, focus_lines=(9, 10))
    assert shown(at_the_start, 3) == [
        (7, "func Parse(text string) (Date, error) {"),
        (8, "\tstep0(text)"),
        (9, "\tstep1(text)"),
        "...",
    ]


def test_a_gap_of_one_line_is_filled():
    """Where a single line would be left out, it is shown in place of the sign."""
    assert [entry[0] for entry in shown(RETRY, 5)] == [41, 42, 43, 44, 45, 46]
    before = replace(PARSE, focus_lines=(9, 9))
    assert [entry if entry == "..." else entry[0] for entry in shown(before, 2)] == [7, 8, 9, "..."]


def test_one_line_is_the_first_one():
    """With room for one line there is only the signature."""
    assert shown(PARSE, 1) == [(7, "func Parse(text string) (Date, error) {"), "..."]


def test_an_outline_has_no_line_numbers():
    """The lines of an outline are not those of the file, so they are not numbered."""
    assert shown(BASKET, 2) == [(None, "class Basket:"), (None, '    """What a customer wants to buy."""'), "..."]


def test_empty_lines_do_not_begin_or_end_an_excerpt():
    """A window that starts or ends with empty lines leaves them out."""
    code = "def f():\n    a\n    b\n\n    c\n\n    d\n    e"
    found = match("f.py", "python", definition(Kind.FUNCTION, "f", code, (1, 8)), 1.0, (4, 6))
    assert shown(found, 3) == [(1, "def f():"), "...", (5, "    c"), "..."]


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("python", "def f():\n    return 1", ("def f():", "    return 1")),
        ("python", "def f(self):\n        return 1", ("def f(self):", "    return 1")),
        ("python", "def f():\n    return [\n        1\n    ]", ("def f():", "    return [", "        1", "    ]")),
        ("python", "@wraps\n    def f(self):\n        return 1\n    ", ("@wraps", "def f(self):", "    return 1", "")),
        (
            "python",
            "def f(a,\n          b):\n        return b\n        #",
            ("def f(a,", "      b):", "    return b", "    #"),
        ),
        ("python", "def f(\n        a,\n    ):\n        g", ("def f(", "    a,", "):", "    g")),
        ("ruby", "def f\n    g\n  rescue\n    h\n  end", ("def f", "  g", "rescue", "  h", "end")),
        ("python", "a\r\n    b\r\n", ("a", "    b")),
        ("python", "x = 1", ("x = 1",)),
        ("java", "void f() {\n        g();\n    }", ("void f() {", "    g();", "}")),
        ("java", "@Override\n    void f() {\n        g();\n    }", ("@Override", "void f() {", "    g();", "}")),
        ("ruby", "def f\n    g\n  end", ("def f", "  g", "end")),
        ("go", "f(a) {\n\t\tg()\n\t}", ("f(a) {", "\tg()", "}")),
        ("dart", "get f =>\n      g;\n      // 2", ("get f =>", "  g;", "  // 2")),
        ("text", "    a\n        b\n  c", ("  a", "      b", "c")),
    ],
)
def test_a_definition_is_moved_to_the_left(language, code, expected):
    """What the first line lost in front is taken from the others, and their relation to it stays."""
    assert dedented(code, language) == expected
