"""What a query finds in one file, put together: definitions, comments, decorators and imports as byte ranges.

The queries in `queries/` speak this vocabulary:

- `@definition.<kind>` (a value of `store.Kind`): the node whose span is the definition's, with `export`, modifiers and
  the decorators that are part of the node. Of several nodes, the span is from the first to the last: some grammars
  put a signature and its body side by side. A query says FUNCTION for what may or may not stand in a type: directly
  inside a class, struct, interface, trait or enum it becomes a method by itself (inside a module it does not).
- `@name`: the node whose text is the name; several are joined, as in Objective-C's `insert:at:`. Quotes around it are
  dropped.
- `@receiver`: what qualifies the name besides the enclosing definitions (`Server` in `func (s *Server) Close()`);
  several are joined in the order of the text.
- `@body`: what follows the signature. Without one the signature is the whole text.
- `@doc`: a documentation string inside the body, or a string or comment that stands before the definition (then over
  blank lines too, as with Perl's POD) or directly below it (OCaml; a comment above takes precedence).
- `@wrapper`: a wider node around a definition (`export`, a declaration of one variable), which becomes its span. The
  pattern holds the definition's `@body` or, for one without a body, its `@name`.
- `@clause`: marks a definition as one clause of a function that may have several. Clauses directly one after another
  with the same name and as many children in this node (arguments, say) are one definition, see `spans`.
- `@package`: alone in a pattern, the name of a package to which the functions below belong until there is another.
- `@comment`, `@decorator`, `@import`: alone in a pattern. An import counts at the left margin only. A decorator is left
  out of signatures, and one that stands directly above a definition, as Rust's attributes do, becomes part of its
  span.

Two matches with the same body (or, without a body, with the same name node) are one definition: its span and name are
those of the wider match, its kind that of the pattern further down in the file. So a general pattern may stand first
and the special cases below it.

How definitions nest and read is left to `split`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store import Kind

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.grammars import Match

_KINDS = {f"definition.{kind.value}": kind for kind in Kind}
_QUOTES = "\"'`"
_MARGIN = b"\n\xbf"  # what stands before the left margin: a line break or a byte order mark
_BLANK = b" \t\r\n\f\v"

Span = tuple[int, int]
"""A byte range, the end exclusive."""


@dataclass(slots=True, eq=False)
class Found:
    """One definition while it is put together; bytes count from 0.

    `body` is where the signature ends. `clause` is set for one clause of a function, see `@clause`: how many children
    that node has. From `documented_from` to `documented_to` it is with its documentation above or below.
    """

    kind: Kind
    name: str
    receivers: tuple[str, ...]
    start: int
    end: int
    body: int
    docstring: Span | None
    pattern: int
    clause: int | None = None
    documented_from: int = 0
    documented_to: int = 0
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
    packages: list[tuple[int, str]]  # where it is named, and the name


def gather(source: bytes, matches: list[Match]) -> Findings:
    """Put the matches of a query together."""
    merged: dict[Span, Found] = {}  # by the body and by the name node; one definition has one or both keys
    definitions: list[Found] = []
    comments: list[Span] = []
    decorators: list[Span] = []
    imports: list[Span] = []
    packages: list[tuple[int, str]] = []
    wrappers: list[dict[str, list[Node]]] = []
    for pattern, captures in matches:
        if "comment" in captures:
            comments.extend(_trimmed(source, *node.byte_range) for node in captures["comment"])
        elif "import" in captures:
            imports.extend(
                _trimmed(source, *node.byte_range) for node in captures["import"] if _at_margin(source, node)
            )
        elif "decorator" in captures:
            decorators.extend(_trimmed(source, *node.byte_range) for node in captures["decorator"])
        elif "package" in captures:
            packages.extend((node.start_byte, _text(source, *node.byte_range)) for node in captures["package"])
        elif "wrapper" in captures:
            wrappers.append(captures)
        else:
            _add(source, pattern, captures, merged, definitions)
    for captures in wrappers:
        _widen(source, captures, merged)
    definitions.sort(key=_position)
    return Findings(definitions, sorted(comments), sorted(decorators), sorted(imports), sorted(packages))


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
    nodes = captures[capture]
    start, end = _trimmed(source, nodes[0].start_byte, nodes[-1].end_byte)
    names, bodies, docs = captures.get("name"), captures.get("body"), captures.get("doc")
    body = body_end = end
    known = None
    if bodies:
        body, body_end = bodies[0].byte_range
        known = merged.get((body, body_end))
    name = "<anonymous>"
    name_key = (start, -2)
    if names:
        name = "".join([_text(source, *node.byte_range) for node in names])
        name_key = (names[0].start_byte, -1)
    named = merged.get(name_key)
    if known is None:
        known = named
    elif named is not None and named is not known:  # so far they looked like two
        _merge(known, named)
        definitions.remove(named)
    receivers = (
        tuple(_text(source, *node.byte_range) for node in captures["receiver"]) if "receiver" in captures else ()
    )
    docstring = docs[0].byte_range if docs else None
    clause = captures["clause"][0].named_child_count if "clause" in captures else None
    found = Found(_KINDS[capture], name, receivers, start, end, body, docstring, pattern, clause)
    if known is None:
        definitions.append(found)
    else:
        _merge(known, found)
    merged[name_key] = known or found
    if bodies:
        merged[body, body_end] = known or found


def _widen(source: bytes, captures: dict[str, list[Node]], merged: dict[Span, Found]) -> None:
    """Give the definition in a wrapper the wrapper's span."""
    key = captures["body"][0].byte_range if "body" in captures else (captures["name"][0].start_byte, -1)
    known = merged.get(key)
    if known is not None:
        start, end = _trimmed(source, *captures["wrapper"][0].byte_range)
        known.start, known.end = min(known.start, start), max(known.end, end)
        if "doc" in captures:
            known.docstring = known.docstring or captures["doc"][0].byte_range


def _text(source: bytes, start: int, end: int) -> str:
    """Return a name as it reads: on one line and without quotes."""
    text = source[start:end].decode("utf-8", "replace")
    return text if text.isidentifier() else " ".join((text.strip(_QUOTES).lstrip(":") or text).split())


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
