"""The match of syntax trees in CodeBLEU: how many of the expected subtrees were written.

Where the trees come from is `fragments`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer import SyntaxNode

Subtrees = Counter[str]


def subtrees_of(root: SyntaxNode) -> Subtrees:
    """Return the subtree below each node that has children, as nested kinds; tokens and comments are left out.

    Two subtrees are equal when they are built alike, whatever names and values stand in them. The root is not
    counted: every program has one.
    """
    found: Subtrees = Counter()
    for child in root.children:
        _collect(child, found)
    return found


def matched_subtrees(written: Subtrees, expected: Subtrees) -> tuple[int, int]:
    """Return how many of the expected subtrees were written, each as often as it is expected; and how many there are.

    Numerator and denominator of equation 4 of Ren et al. (2020).
    """
    return (written & expected).total(), expected.total()


def _collect(node: SyntaxNode, found: Subtrees) -> str:
    parts = [_collect(child, found) for child in node.children if child.named and "comment" not in child.kind]
    text = f"({' '.join([node.kind, *parts])})"
    if node.children and "comment" not in node.kind:
        found[text] += 1
    return text
