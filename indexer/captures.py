"""What a query finds in one file, put together: definitions, comments, decorators and imports as byte ranges.

The queries in `queries/` speak this vocabulary:

- `@definition.<kind>` (a value of `store.Kind`): the node whose span is the definition's, with `export`, modifiers and
  the decorators that are part of the node. A query says FUNCTION for what may or may not stand in a type: directly
  inside a class, struct, interface, trait or enum it becomes a method by itself (inside a module it does not).
- `@name`: the node whose text is the name. Quotes around it are dropped.
- `@receiver`: what qualifies the name besides the enclosing definitions (`Server` in `func (s *Server) Close()`);
  several are joined in the order of the text.
- `@body`: what follows the signature. Without one the signature is the whole text.
- `@doc`: a documentation string inside the body.
- `@comment`, `@decorator`, `@import`: alone in a pattern. An import counts at the left margin only. A decorator is left out of signatures, and one that stands
  directly above a definition, as Rust's attributes do, becomes part of its span.

Two matches with the same body (or, without a body, with the same name node) are one definition: its span and name are
those of the wider match, its kind that of the pattern further down in the file. So a wrapper such as `export` or
`const f = ...` needs one more pattern and nothing else.

How definitions nest and read is left to `split`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from store.records import Kind
from tree_sitter import Node

from indexer.grammars import Match

_KINDS = {f"definition.{kind.value}": kind for kind in Kind}
_QUOTES = b"\"'`"
_BLANK = b" \t\r\n\f\v"

Span = tuple[int, int]
"""A byte range, the end exclusive."""


@dataclass(slots=True)
class Found:
    """One definition while it is put together; bytes and rows count from 0.

    `body` is where the signature ends. `documented_from` is where its documentation above begins, or `start`.
    """

    kind: Kind
    name: str
    receivers: tuple[str, ...]
    start: int
    end: int
    row: int
    body: int
    docstring: Span | None
    pattern: int
    documented_from: int = 0
    documentation: str = ""
    qualified_name: str = ""
    depth: int = 0
    children: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a query found in one file, each list in the order of the text."""

    definitions: list[Found]
    comments: list[Span]
    decorators: list[tuple[int, int, int]]  # start, end, row
    imports: list[Span]


def gather(source: bytes, matches: list[Match]) -> Findings:
    """Put the matches of a query together."""
    merged: dict[Span, Found] = {}  # by the body and by the name node; one definition has one or both keys
    comments: list[Span] = []
    decorators: list[tuple[int, int, int]] = []
    imports: list[Span] = []
    for pattern, captures in matches:
        if "comment" in captures:
            comments.extend(_trimmed(source, node) for node in captures["comment"])
        elif "import" in captures:
            imports.extend(_trimmed(source, node) for node in captures["import"] if node.start_point[1] == 0)
        elif "decorator" in captures:
            decorators.extend((*_trimmed(source, node), node.start_point[0]) for node in captures["decorator"])
        else:
            keys, found = _read(source, pattern, captures)
            known = next((merged[key] for key in keys if key in merged), None)
            if known is not None:
                _merge(known, found)
            for key in keys:
                merged[key] = known or found
    definitions = sorted({id(found): found for found in merged.values()}.values(), key=_position)
    return Findings(definitions, sorted(comments), sorted(decorators), sorted(imports))


def _position(found: Found) -> tuple[int, int]:
    return found.start, -found.end


def _trimmed(source: bytes, node: Node) -> Span:
    """Return a node's span without the line break that some grammars count in."""
    start, end = node.start_byte, node.end_byte
    while end > start and source[end - 1] in _BLANK:
        end -= 1
    return start, end


def _read(source: bytes, pattern: int, captures: dict[str, list[Node]]) -> tuple[list[Span], Found]:
    """Return a definition and the keys under which it merges with other matches of it."""
    kind, node = next((_KINDS[name], nodes[0]) for name, nodes in captures.items() if name in _KINDS)
    start, end = _trimmed(source, node)
    names, bodies, docs = captures.get("name"), captures.get("body"), captures.get("doc")
    name = _text(source, names[0]) if names else "<anonymous>"
    receivers = tuple(_text(source, receiver) for receiver in captures.get("receiver", ()))
    keys = [] if names or bodies else [(start, end)]
    body = end
    if bodies:
        body = bodies[0].start_byte
        keys.append((body, bodies[0].end_byte))
    if names:
        keys.append((names[0].start_byte, -1))
    docstring = (docs[0].start_byte, docs[0].end_byte) if docs else None
    return keys, Found(kind, name, receivers, start, end, node.start_point[0], body, docstring, pattern)


def _text(source: bytes, node: Node) -> str:
    """Return a name as it reads: on one line and without quotes."""
    text = source[node.start_byte : node.end_byte].strip(_QUOTES)
    return " ".join(text.decode("utf-8", "replace").split())


def _merge(known: Found, other: Found) -> None:
    """Make `known` the definition that both matches are, see the module's text."""
    later = other.pattern >= known.pattern
    if later:
        known.kind, known.pattern = other.kind, other.pattern
    known.docstring = known.docstring or other.docstring
    known.body = min(known.body, other.body)
    width, other_width = known.end - known.start, other.end - other.start
    if other_width > width or (later and other_width == width):
        known.name, known.receivers = other.name, other.receivers
        known.start, known.end, known.row = other.start, other.end, other.row
