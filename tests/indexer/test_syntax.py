"""Syntax trees as plain values."""

from __future__ import annotations

import pytest

from indexer import SyntaxNode, syntax_tree
from indexer.syntax import DEEPEST


def tree(code: str, language: str) -> SyntaxNode:
    """Return the tree, which there must be."""
    found = syntax_tree(code, language)
    assert found is not None
    return found


def outline(node: SyntaxNode) -> str:
    """Return the tree as nested brackets, unnamed tokens in quotes."""
    name = f"{node.field}:{node.kind}" if node.field else node.kind
    if not node.named:
        return f"'{name}'"
    return f"({' '.join([name, *map(outline, node.children)])})"


def test_a_tree_by_hand() -> None:
    """Kinds, fields and tokens are those of the grammar, in the order of the text."""
    root = tree("x = y1 + 2", "python")
    assert outline(root) == (
        "(module (expression_statement (assignment (left:identifier) '=' "
        "(right:binary_operator (left:identifier) 'operator:+' (right:integer)))))"
    )
    assert [(leaf.token, leaf.start) for leaf in root.leaves()] == [("x", 0), ("=", 2), ("y1", 4), ("+", 7), ("2", 9)]
    assert root.text == "x=y1+2"


@pytest.mark.parametrize(
    ("code", "language", "broken"),
    [
        ("def f(a):\n    return a\n", "python", False),
        ("def f(a:\n    return", "python", True),
        ("public int f() { return 1; }", "java", False),
        ("public int f() { return 1;", "java", True),
    ],
)
def test_errors_are_known(code: str, language: str, broken: bool) -> None:
    """A tree says whether something in it could not be parsed."""
    assert tree(code, language).has_error == broken


def test_no_grammar_no_tree() -> None:
    """A language without a grammar has no trees."""
    assert syntax_tree("SELECT 1", "sql") is None


def test_deep_nesting_is_cut() -> None:
    """Thousands of open brackets do not make thousands of levels."""

    def depth(node: SyntaxNode) -> int:
        return 1 + max(map(depth, node.children), default=0)

    assert depth(tree("(" * 3000 + "x" + ")" * 3000, "python")) == DEEPEST + 1
    assert tree("(" * 3000, "python").has_error


def test_any_text_has_a_tree() -> None:
    """An unpaired surrogate and an empty text are parsed too."""
    assert tree("x = '\ud800'", "python").kind == "module"
    assert tree("", "python").children == ()
