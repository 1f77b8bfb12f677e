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
_QUOTES = "\"'`"
_MARGIN = b"\n\xbf"  # what stands before the left margin: a line break or a byte order mark
_BLANK = b" \t\r\n\f\v"

Span = tuple[int, int]
"""A byte range, the end exclusive."""


@dataclass(slots=True)
class Found:
    """One definition while it is put together; bytes count from 0.

    `body` is where the signature ends. `documented_from` is where its documentation above begins, or `start`.
    """

    kind: Kind
    name: str
    receivers: tuple[str, ...]
    start: int
    end: int
    body: int
    docstring: Span | None
    pattern: int
    documented_from: int = 0
    documentation: str = ""
    qualified_name: str = ""
    signature: str = ""
    children: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a query found in one file, each list in the order of the text; a wider definition comes first."""

    definitions: list[Found]
    comments: list[Span]
    decorators: list[Span]
    imports: list[Span]


def gather(source: bytes, matches: list[Match]) -> Findings:
    """Put the matches of a query together."""
    merged: dict[Span, Found] = {}  # by the body and by the name node; one definition has one or both keys
    definitions: list[Found] = []
    comments: list[Span] = []
    decorators: list[Span] = []
    imports: list[Span] = []
    for pattern, captures in matches:
        if "comment" in captures:
            comments.extend(_trimmed(source, *node.byte_range) for node in captures["comment"])
        elif "import" in captures:
            imports.extend(_trimmed(source, *node.byte_range) for node in captures["import"] if _at_margin(source, node))
        elif "decorator" in captures:
            decorators.extend(_trimmed(source, *node.byte_range) for node in captures["decorator"])
        else:
            _add(source, pattern, captures, merged, definitions)
    definitions.sort(key=_position)
    return Findings(definitions, sorted(comments), sorted(decorators), sorted(imports))


def _position(found: Found) -> Span:
    return found.start, -found.end


def _at_margin(source: bytes, node: Node) -> bool:
    start = node.start_byte
    return start == 0 or source[start - 1] in _MARGIN


def _trimmed(source: bytes, start: int, end: int) -> Span:
    """Return a span without the line break that some grammars count in."""
    while end > start and source[end - 1] in _BLANK:
        end -= 1
    return start, end


def _add(
    source: bytes,
    pattern: int,
    captures: dict[str, list[Node]],
    merged: dict[Span, Found],
    definitions: list[Found],
) -> None:
    """Read one match of a definition, and merge it into the definition that it is another match of."""
    for capture in captures:
        if capture in _KINDS:
            break
    else:
        return
    start, end = _trimmed(source, *captures[capture][0].byte_range)
    names, bodies, docs = captures.get("name"), captures.get("body"), captures.get("doc")
    body = body_end = end
    known = None
    if bodies:
        body, body_end = bodies[0].byte_range
        known = merged.get((body, body_end))
    name = "<anonymous>"
    name_key = (start, -2)
    if names:
        name_start, name_end = names[0].byte_range
        name = _text(source, name_start, name_end)
        name_key = (name_start, -1)
    known = known or merged.get(name_key)
    receivers = tuple(_text(source, *node.byte_range) for node in captures["receiver"]) if "receiver" in captures else ()
    docstring = docs[0].byte_range if docs else None
    found = Found(_KINDS[capture], name, receivers, start, end, body, docstring, pattern)
    if known is None:
        definitions.append(found)
    else:
        _merge(known, found)
    merged[name_key] = known or found
    if bodies:
        merged[body, body_end] = known or found


def _text(source: bytes, start: int, end: int) -> str:
    """Return a name as it reads: on one line and without quotes."""
    text = source[start:end].decode("utf-8", "replace")
    return text if text.isidentifier() else " ".join(text.strip(_QUOTES).split())


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
        known.start, known.end = other.start, other.end
