"""The syntax tree of what may be half a program: a method without its class, PHP without its opening tag.

What is compared in such trees is for `subtrees` and `data_flow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer import syntax_tree

if TYPE_CHECKING:
    from indexer import SyntaxNode

# What to put around code that cannot be parsed alone; tried in this order.
_IN_A_CLASS = ("class C {\n", "\n}")
_AROUND: dict[str, tuple[tuple[str, str], ...]] = {
    "java": (_IN_A_CLASS,),
    "javascript": (_IN_A_CLASS, ("x = {\n", "\n}")),
    "typescript": (_IN_A_CLASS, ("x = {\n", "\n}")),
    "csharp": (_IN_A_CLASS,),
    "php": (("<?php\n", ""), ("<?php class C {\n", "\n}")),
}


def fragment_tree(code: str, language: str) -> SyntaxNode | None:
    """Return the tree of the smallest node that holds all of `code`; None for a language without a grammar.

    A text that cannot be parsed however it is wrapped has the tree of the text alone, with its errors.
    """
    alone = syntax_tree(code, language)
    if alone is None:
        return None
    if not alone.has_error and not (language == "php" and "<?" not in code):
        return alone
    for before, after in _AROUND.get(language, ()):
        wrapped = syntax_tree(f"{before}{code}{after}", language)
        if wrapped is not None and not wrapped.has_error:
            return _holding(wrapped, len(before.encode()))
    return alone


def _holding(node: SyntaxNode, start: int) -> SyntaxNode:
    """Return the last node on the way down in which something begins before `start`: the body of the wrapping."""
    inside = [child for child in node.children if child.named and child.children]
    for child in inside:
        if child.start < start:
            return _holding(child, start)
    return node
