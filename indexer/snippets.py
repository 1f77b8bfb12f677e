"""Code that is in no file: is it well-formed, and what is it without its documentation? Questions about pieces of text.

For who writes code (and wants to know whether it is any) or reads it piece by piece. The grammars are those of
`grammars`; files are left to `parsing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.grammars import load_grammar, parse_source
from indexer.reading import FileReading
from indexer.split import split_with_spans

if TYPE_CHECKING:
    from tree_sitter import Node


def malformed_share(code: str, language: str) -> float | None:
    """Return the share of the bytes that the language's grammar makes no sense of, 0 (well-formed) to 1.

    A token that is missing counts as one byte. None for a language without a grammar; what defeats the parser is
    malformed as a whole.
    """
    loaded = load_grammar(language)
    if loaded is None:
        return None
    source = code.encode("utf-8", "replace")
    if not source.endswith(b"\n"):
        source += b"\n"  # see `split`
    tree = parse_source(source, loaded)
    if tree is None:
        return 1.0
    return min(1.0, _malformed_bytes(tree.root_node) / len(source))


def bare_code(code: str, language: str) -> str:
    """Return a definition's text without its own documentation string, as `FileReading.code_without_docstring`.

    The code starts at the left margin.
    """
    text = code.encode("utf-8", "replace")
    splitting = split_with_spans(text, language)
    reading = FileReading("", language, text, docstrings=splitting.docstrings)
    whole = next((one for one in splitting.definitions if one.start_byte == 0), None)
    if whole is None or (0, whole.end_byte) not in splitting.docstrings:
        return code.rstrip()
    return reading.code_without_docstring(whole) + text[whole.end_byte :].decode("utf-8").rstrip()


def _malformed_bytes(root: Node) -> int:
    count, left = 0, [root]
    while left:
        node = left.pop()
        if node.is_error:
            count += node.end_byte - node.start_byte
        elif node.is_missing:
            count += 1
        elif node.has_error:
            left.extend(node.children)
    return count
