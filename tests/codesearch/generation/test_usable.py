"""Usable code: it parses in its language, defines something, and does not go in a circle."""

from __future__ import annotations

import pytest

from codesearch.generation import Reason
from codesearch.generation.usable import goes_in_a_circle, judge

USABLE = [
    ("python", "@property\ndef area(self):\n    return self.width * self.height"),
    ("python", "def area(self):\n        return 1"),  # indented as the text of a method is
    ("javascript", "async load(url) {\n  return fetch(url);\n}"),  # a method, outside its class
    ("javascript", "load: function (url) {\n  return fetch(url);\n}"),
    ("typescript", "private name(): string {\n  return this.title;\n}"),
    ("tsx", "const Title = () => <h1>x</h1>;"),
    ("php", "public function name(array $row): string\n{\n    return $row[0];\n}"),
    ("php", "<?php\nfunction name($row) {\n    return $row;\n}"),
    ("objc", "- (void)say:(int)times {\n    return;\n}"),
    ("java", "@Override\npublic String toString() {\n    return name;\n}"),
    ("csharp", "public async Task<int> Count(int a) {\n    return a;\n}"),
    ("go", "func (s *Server) Close() error {\n\treturn nil\n}"),
    ("rust", "pub fn area(&self) -> u8 {\n    self.width\n}"),
    ("c", "static int area(int a) {\n    return a;\n}"),
    ("ruby", "def area\n  @width\nend"),
    ("kotlin", "override fun area(): Int {\n    return 1\n}"),
]


@pytest.mark.parametrize(("language", "code"), USABLE)
def test_functions_and_methods_are_usable(language, code):
    """What stands in a class elsewhere is read as if it stood in one."""
    assert judge(code, [language]) == (language, None)


@pytest.mark.parametrize(
    ("language", "code", "reason"),
    [
        ("python", "", Reason.EMPTY),
        ("python", " \n()[]", Reason.EMPTY),
        ("python", "def area(self:\n    return 1", Reason.DOES_NOT_PARSE),
        ("go", "func area() int {\n\treturn 1", Reason.DOES_NOT_PARSE),  # cut off
        ("javascript", "load(url) { return", Reason.DOES_NOT_PARSE),
        ("java", "def area(self):\n    return 1", Reason.DOES_NOT_PARSE),
        ("python", "return_value = 1", Reason.NO_DEFINITION),
        ("php", "this is a sentence", Reason.DOES_NOT_PARSE),
        ("typescript", "x = 1;", Reason.NO_DEFINITION),
        ("python", "def f():\n" + "    x = g(x)\n" * 4, Reason.REPEATS),
    ],
)
def test_what_is_not_usable_has_a_reason(language, code, reason):
    """Empty, malformed, cut off, without a definition, or in a circle."""
    assert judge(code, [language]) == (language, reason)


def test_macros_are_put_up_with_in_c():
    """A macro that the grammar does not know makes no C function unusable; the same share would in Go."""
    code = (
        "EXPORT_API(int) area(const shape *s, int unit) {\n    int a = s->width * s->height;\n    return a * unit;\n}"
    )
    assert judge(code, ["c"]).reason is None


def test_of_several_languages_it_is_the_one_that_fits():
    """TypeScript with its dialects; without a language, one of the usual ones."""
    assert judge("const Title = () => <h1>x</h1>;", {"typescript", "tsx"}) == ("tsx", None)
    assert judge("fn area() -> u8 {\n    1\n}", ()) == ("rust", None)
    assert judge("def area(self):\n    return 1", ()) == ("python", None)
    assert judge("}{ no ( language", ()).reason is Reason.DOES_NOT_PARSE


def test_a_language_without_a_grammar_is_not_judged_by_one():
    """SQL is only looked at for being empty or a circle."""
    assert judge("select 1", ["sql"]) == ("sql", None)
    assert judge("select 1, " * 10, ["sql"]) == ("sql", Reason.REPEATS)


@pytest.mark.parametrize(
    ("code", "circle"),
    [
        ("a b c d " * 4, True),  # 16 tokens, 4 turns
        ("start a b c d " + "a b c d " * 3, True),  # what comes before does not matter
        ("a b c d " * 3, False),  # 3 turns
        ("x " * 15, False),  # 15 tokens
        ("x " * 16, True),
        ("a b c d " * 3 + "a b c d end", False),  # it goes on after them
        (" ".join("ab"[n.bit_count() % 2] for n in range(170)), True),  # never the same twice, and yet 10 grams
        (" ".join(f"t{n}" for n in range(100)), False),
        ("begin " + "a b c d e f g h i j k l " * 3 + "end", True),  # a statement of 12 tokens three times, anywhere
        ("begin " + "a b c d e f g h i j k l " * 2 + "end", False),
        ("begin " + "a b c d e f g h i j k " * 3 + "end", False),  # of 11
        ("begin " + "( ) [ ] { } , ; : . - + " * 3 + "end", False),  # nothing is said
        ("return self.body_body_body_body", True),
        ("return body_body_body", False),
        ("x_x_x_x_x = anybody_body_body_body", False),  # single letters, and a word that only ends in the other
    ],
)
def test_circles(code, circle):
    """A circle turns four times over sixteen tokens at the end, or hardly anything is new.

    Or a statement is said three times in a row, or a name says one word.
    """
    assert goes_in_a_circle(code) is circle
