"""Data flow against edges worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from codesearch.evaluation.generation.data_flow import COMES_FROM, COMPUTED_FROM, data_flow, matched_edges
from codesearch.evaluation.generation.fragments import fragment_tree


def flow(code: str, language: str) -> Counter[str]:
    """Return the edges as "1 < 0" for comes from and "1 = 0" for computed from, with how often each stands there."""
    tree = fragment_tree(code, language)
    assert tree is not None
    found = data_flow(tree, language)
    assert found is not None
    signs = {COMES_FROM: "<", COMPUTED_FROM: "="}
    return Counter({f"{to[1:]} {signs[sign]} {origin[1:]}": count for (sign, to, origin), count in found.items()})


def edges(text: str) -> Counter[str]:
    """Return the edges in a text such as "1 = 0, 0 < 0 x2"."""
    counted: Counter[str] = Counter()
    for part in text.split(", ") if text else []:
        edge, _, times = part.partition(" x")
        counted[edge] += int(times or 1)
    return counted


PYTHON = [
    # a is 0, b 1, c 2: both are read into c
    ("def f(a, b):\n    c = a + b\n    return c", "2 = 0, 2 = 1, 0 < 0, 1 < 1, 2 < 2"),
    # the sides of a swap are paired
    ("def f(a, b):\n    a, b = b, a\n    return a", "0 = 1, 1 = 0, 0 < 0 x2, 1 < 1"),
    # one value for two targets
    ("def f(a):\n    x, y = g(a)", "1 = 0, 2 = 0, 0 < 0"),
    # a default; names of functions, attributes and keywords are no variables, and globals neither
    ("def f(a, b=a):\n    return g(a.b, b=LIMIT)", "1 = 0, 0 < 0 x2"),
    # += reads what it assigns, and assigns it from itself and from b
    ("def f(a, b):\n    a += b", "0 < 0, 0 = 0, 0 = 1, 1 < 1"),
    # after the branch a may be either; b is read in the condition
    ("def f(a, b):\n    if b:\n        a = 1\n    return a", "1 < 1, 0 < 0 x2"),
    # both arms assign: the parameter is gone
    ("def f(a):\n    if a:\n        b = 1\n    else:\n        b = 2\n    return b", "0 < 0, 1 < 1 x2"),
    # the second turn of the loop reads what the first has left: s comes from s twice, at its own line, then twice below
    (
        "def f(a):\n    s = 0\n    for x in a:\n        s = s + x\n    return s",
        "2 = 0, 0 < 0, 2 < 2, 1 = 1, 1 = 2, 1 < 1 x4",
    ),
    # an item of a changes with b, and the a that is returned is the one before or the changed one
    ("def f(a, b):\n    a[0] = b\n    return a", "0 < 0 x3, 1 < 1, 0 = 1"),
    # a comprehension: the clause runs first
    ("def f(a):\n    return [x for x in a]", "1 = 0, 0 < 0, 1 < 1"),
    # with, except, lambda
    ("def f(a):\n    with open(a) as h:\n        return h", "1 = 0, 0 < 0, 1 < 1"),
    ("def f(a):\n    try:\n        g(a)\n    except E as e:\n        return e", "0 < 0, 1 < 1"),
    ("def f(a):\n    return map(lambda x: x, a)", "1 < 1, 0 < 0"),
    ("def f(): return 1", ""),
]

JAVA = [
    ("int f(int a, int b) { int c = a + b; return c; }", "2 = 0, 2 = 1, 0 < 0, 1 < 1, 2 < 2"),
    ("int f(int a) { for (String x : a) { g(x); } return a; }", "1 = 0, 0 < 0 x2, 1 < 1"),
    ("int f(int a) { a += this.a; return a.a(); }", "0 < 0 x2, 0 = 0"),
    ("void f(int a) { try { g(a); } catch (E e) { throw e; } }", "0 < 0, 1 < 1"),
    ("int f(int a) { int b; if (a > 0) { b = 1; } else { b = 2; } return b; }", "0 < 0, 1 < 1 x2"),
    # i is read by its test and its step in both turns: from the start, and from the step
    ("void f() { for (int i = 0; i < 3; i++) { g(i); } }", "0 < 0 x3"),
    ("Object f(List a) { return a.map(x -> x + 1); }", "0 < 0, 1 < 1"),
]

OTHERS = [
    # b is not used: it has no edge and no number
    ("javascript", "function f(a, {b, c: d}) { const e = a + d; return e; }", "2 = 0, 2 = 1, 0 < 0, 1 < 1, 2 < 2"),
    # both readings of a in both turns: what was passed, and what the body has changed
    ("javascript", "(a) => { for (const x of a) { a.b = x; } }", "1 = 0, 0 < 0 x4, 0 = 1, 1 < 1"),
    (
        "go",
        "func f(a int, b int) (c int) { c = a; x, y := b, c; return x }",
        "2 = 0, 0 < 0, 3 = 1, 1 < 1, 4 = 2, 2 < 2, 3 < 3",
    ),
    (
        "php",
        "function f($a) { foreach ($a as $k => $v) { $x = $v; } return $x; }",
        "1 = 0, 2 = 0, 0 < 0, 3 = 2, 2 < 2, 3 < 3",
    ),
    ("ruby", "def f(a)\n  a.each { |x| y = x }\n  y\nend", "0 < 0, 2 = 1, 1 < 1, 2 < 2"),
]


@pytest.mark.parametrize(("code", "expected"), PYTHON)
def test_python(code: str, expected: str) -> None:
    """Edges of a Python function, the variables numbered as they appear."""
    assert flow(code, "python") == edges(expected)


@pytest.mark.parametrize(("code", "expected"), JAVA)
def test_java(code: str, expected: str) -> None:
    """Edges of a Java method."""
    assert flow(code, "java") == edges(expected)


@pytest.mark.parametrize(("language", "code", "expected"), OTHERS)
def test_other_languages(language: str, code: str, expected: str) -> None:
    """Edges in the other languages that have rules."""
    assert flow(code, language) == edges(expected)


def test_names_do_not_count() -> None:
    """Renamed throughout, a function has the same data flow; with two variables swapped it has not."""
    one = flow("def f(a, b):\n    c = a\n    return b", "python")
    assert one == flow("def g(x, y):\n    z = x\n    return y", "python")
    assert one != flow("def f(a, b):\n    c = b\n    return c", "python")


def test_matches_are_clipped() -> None:
    """An edge that is written twice and expected once counts once."""
    assert matched_edges(Counter({("<", "v0", "v0"): 2}), Counter({("<", "v0", "v0"): 1, ("=", "v1", "v0"): 3})) == (
        1,
        4,
    )


def test_languages_without_rules() -> None:
    """No rules, no data flow."""
    tree = fragment_tree("fn f(a: i32) -> i32 { a + 1 }", "rust")
    assert tree is not None
    assert data_flow(tree, "rust") is None


def test_deep_nesting_ends() -> None:
    """Loops nested as deep as trees are kept are walked in no time."""
    code = "y = 0\n" + "".join(f"{' ' * depth}for x in y:\n" for depth in range(80)) + " " * 80 + "y = x\n"
    assert sum(flow(code, "python").values()) > 0
