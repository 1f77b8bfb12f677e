"""The syntax tree of a piece of code as plain values, for those above who look at more than its definitions.

Meant for pieces the size of a function: every node becomes a value. Which definitions a file has is `split`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.grammars import load_grammar, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import TreeCursor

# Levels that are kept: twice what the most nested functions have, and far from where recursion ends. What a model
# writes may be a thousand open brackets.
DEEPEST = 120


@dataclass(frozen=True, slots=True)
class SyntaxNode:
    """A node of a syntax tree.

    `kind` is the grammar's name of it, or the text itself of a token without one (`named` is false: `+`, `return`).
    `field` is the part that the node plays in its parent ("left", "condition"), or "". `token` is the text of a leaf,
    and "" above; `start` the byte where the node begins. `has_error`: it or something in it could not be parsed.
    """

    kind: str
    field: str
    named: bool
    start: int
    has_error: bool
    token: str
    children: tuple[SyntaxNode, ...]

    @property
    def text(self) -> str:
        """The tokens of the node, without the white space between them."""
        return "".join(leaf.token for leaf in self.leaves())

    def leaves(self) -> Iterator[SyntaxNode]:
        """Yield the leaves, from the first to the last."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def syntax_tree(code: str, language: str) -> SyntaxNode | None:
    """Return the tree of `code`; None for a language without a grammar, and where parsing was given up.

    Below `DEEPEST` levels nodes are leaves without a text.
    """
    loaded = load_grammar(language)
    if loaded is None:
        return None
    tree = parse_source(code.encode("utf-8", "replace"), loaded)
    return None if tree is None else _value(tree.walk(), 0)


def _value(cursor: TreeCursor, depth: int) -> SyntaxNode:
    node = cursor.node
    assert node is not None
    children: list[SyntaxNode] = []
    field = cursor.field_name or ""
    is_leaf = node.child_count == 0
    if depth < DEEPEST and cursor.goto_first_child():
        children.append(_value(cursor, depth + 1))
        while cursor.goto_next_sibling():
            children.append(_value(cursor, depth + 1))
        cursor.goto_parent()
    text = (node.text or b"").decode("utf-8", "replace") if is_leaf else ""
    return SyntaxNode(node.type, field, node.is_named, node.start_byte, node.has_error, text, tuple(children))
