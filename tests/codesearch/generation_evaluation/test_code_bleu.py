"""CodeBLEU and its parts on functions small enough to work out by hand."""

from __future__ import annotations

import math

import pytest

from codesearch.evaluation.generation.code_bleu import (
    DATA_FLOW,
    KEYWORD_NGRAMS,
    NGRAMS,
    SYNTAX,
    Pair,
    code_bleu,
    code_bleu_parts,
)
from codesearch.evaluation.generation.fragments import fragment_tree
from codesearch.evaluation.generation.keywords import KEYWORDS
from codesearch.evaluation.generation.subtrees import matched_subtrees, subtrees_of

EXPECTED = "def f(a):\n    b = a + 1\n    return b\n"
WRITTEN = "def g(x):\n    y = x + 1\n    return x\n"


def subtrees(code: str, language: str = "python") -> dict[str, int]:
    """Return the counted subtrees of code."""
    root = fragment_tree(code, language)
    assert root is not None
    return dict(subtrees_of(root))


def test_subtrees_by_hand() -> None:
    """One subtree below each node with children but the root; names, values and comments do not show."""
    addition = "(binary_operator (identifier) (integer))"
    assignment = f"(assignment (identifier) {addition})"
    statement = f"(expression_statement {assignment})"
    assert subtrees("x = y + 1  # one more") == {addition: 1, assignment: 1, statement: 1}
    assert subtrees("x = y + 1\nz = w + 2") == {addition: 2, assignment: 2, statement: 2}


def test_matched_subtrees_by_hand() -> None:
    """Of two additions expected one is written, of two statements none alike: 1 of 6."""
    written, expected = "f(y + 1)", "x = y + 1\nz = w + 2"
    roots = [fragment_tree(code, "python") for code in (written, expected)]
    assert matched_subtrees(subtrees_of(roots[0]), subtrees_of(roots[1])) == (1, 6)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", "@Override\npublic int size() { return n; }"),
        ("java", "public Basket(int n) { this.n = n; }"),
        ("javascript", "async load(path) { return await read(path); }"),
        ("javascript", "load: function (path) { return path; }"),
        ("php", "public function size($n) { return $n; }"),
        ("php", "function size($n) { return $n; }"),
        ("php", "<?php function size($n) { return $n; }"),
        ("go", "func (b *Basket) Size() int { return b.n }"),
        ("ruby", "def size\n  @n\nend"),
    ],
)
def test_half_programs_have_trees(language: str, code: str) -> None:
    """A method without its class and PHP without its tag are read without an error, and nothing is added to them."""
    tree = fragment_tree(code, language)
    assert tree is not None
    assert not any(child.has_error for child in tree.children)
    start = min(child.start for child in tree.children if child.kind not in ("{", "php_tag"))
    leaves = [leaf.token for child in tree.children for leaf in child.leaves() if leaf.start >= start]
    assert "".join(leaves).startswith("".join(code.removeprefix("<?php").split())[:20])


def test_parts_by_hand() -> None:
    """Every subtree is right, and two of the three edges of data flow.

    Expected: b computed from a, a comes from a, b comes from b. Written: y computed from x, x comes from x, twice. With
    the variables numbered the first two are alike.
    """
    parts = code_bleu_parts([Pair(WRITTEN, EXPECTED, "python")], "python")
    assert list(parts) == [NGRAMS, KEYWORD_NGRAMS, SYNTAX, DATA_FLOW]
    assert parts[SYNTAX] == 100.0
    assert parts[DATA_FLOW] == pytest.approx(100 * 2 / 3)


def test_words_by_hand() -> None:
    """Right are def ( ) : = + 1 return, 8 of 13 tokens: with keywords 16/21. No four tokens in a row are."""
    parts = code_bleu_parts([Pair(WRITTEN, EXPECTED, "python")], "python")
    assert parts[NGRAMS] == 0.0
    assert parts[KEYWORD_NGRAMS] == pytest.approx(100 * 16 / 21)
    total = code_bleu([Pair(WRITTEN, EXPECTED, "python")])
    assert total == pytest.approx((0 + 100 * 16 / 21 + 100 + 100 * 2 / 3) / 4)


def test_the_same_program_is_perfect() -> None:
    """Each language scores a function against itself with 100, with all four parts."""
    codes = {
        "python": EXPECTED,
        "java": "int f(int a) { int b = a + 1; return b; }",
        "javascript": "function f(a) { const b = a + 1; return b; }",
        "go": "func f(a int) int { b := a + 1; return b }",
        "php": "function f($a) { $b = $a + 1; return $b; }",
        "ruby": "def f(a)\n  b = a + 1\n  return b\nend",
    }
    assert codes.keys() == KEYWORDS.keys()
    for language, code in codes.items():
        parts = code_bleu_parts([Pair(code, code, language)], language)
        assert parts == pytest.approx({NGRAMS: 100, KEYWORD_NGRAMS: 100, SYNTAX: 100, DATA_FLOW: 100})


def test_what_a_language_lacks_is_left_out() -> None:
    """Rust has a grammar only, SQL nothing; a Python function without variables no data flow."""
    rust = "fn f(a: i32) -> i32 { a + 1 }"
    assert list(code_bleu_parts([Pair(rust, rust, "rust")], "rust")) == [NGRAMS, SYNTAX]
    assert list(code_bleu_parts([Pair("SELECT 1", "SELECT 1", "sql")], "sql")) == [NGRAMS]
    constant = "def f():\n    return 1"
    assert list(code_bleu_parts([Pair(EXPECTED, constant, "python")], "python")) == [NGRAMS, KEYWORD_NGRAMS, SYNTAX]
    assert code_bleu([Pair(rust, rust, "rust")]) == pytest.approx(100.0)


def test_languages_weigh_by_their_pairs() -> None:
    """Two perfect Python functions and an empty answer for Go are two thirds."""
    pairs = [Pair(EXPECTED, EXPECTED, "python")] * 2 + [Pair("", "func f(a int) int { return a }", "go")]
    assert code_bleu(pairs) == pytest.approx(200 / 3)
    assert math.isclose(code_bleu(pairs[:1]), 100.0)
    with pytest.raises(ValueError, match="no pairs"):
        code_bleu([])


@pytest.mark.parametrize("garbage", ["", "}{)(", "(" * 2000, "def " * 500, "\ud800", "x = " * 300])
def test_garbage_has_a_score(garbage: str) -> None:
    """Whatever a model writes is scored, and low."""
    for language, code in (("python", EXPECTED), ("java", "int f(int a) { int b = a + 1; return b; }")):
        assert 0 <= code_bleu([Pair(garbage, code, language)]) < 40
