"""From the text of one source file to its definitions: what is searched.

`split` is the same for every language: what is a definition is said by the queries (see `captures`), and here it is
worked out how definitions nest, what they are called, how they are documented and how they read. A type reads as its
outline: each definition directly inside it is replaced by its signature, and the comment above that one is left out,
because it is that definition's documentation. What no definition covers becomes blocks, and a file that no grammar
reads becomes windows (`blocks`). Brackets, `end` and `#endif` that are left over are not worth a block.

Which files are read, and how large they may be, is left to `walk`.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.blocks import SIGNATURE_CHARACTERS, blocks, windows
from indexer.captures import Findings, Found, Span, gather
from indexer.documentation import clean_comments, clean_docstring, is_licence, last_section
from indexer.grammars import load_grammar
from indexer.recovery import find_matches
from indexer.spans import settle_spans
from store import Definition, Kind

if TYPE_CHECKING:
    from indexer.language_table import Grammar

_log = logging.getLogger(__name__)

DEEPEST_NESTING = 12
"""How deep definitions may nest; what is deeper is only part of the code around it. People stop at five; generated
text with thousands of levels would otherwise be stored once for every level."""

_WIDEST_GAP = 1000
"""How many blanks may lie between a decorator and its definition. A bound, so that a file with one comment and many
definitions is not looked through again for each of them."""

_TYPES = frozenset({Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM})
_OUTLINED = _TYPES | {Kind.MODULE}


@dataclass(frozen=True, slots=True)
class Splitting:
    """The definitions of a file with what stands around and in them; byte ranges count in the file.

    `comments` are in the order of the text. `docstrings` maps the span of a definition to that of the documentation
    string or comment in or beside it that the grammar names, see `@doc` in `captures`.
    """

    definitions: list[Definition]
    comments: list[Span] = field(default_factory=list)
    docstrings: dict[Span, Span] = field(default_factory=dict)


def split(source: bytes, language: str) -> list[Definition]:
    """Return the definitions, blocks or windows of a file, sorted by `start_byte`.

    `source` is the file as it is on disk: bytes that are not UTF-8 become replacement characters in the text, and
    byte offsets still count the bytes of `source`. A language without a usable grammar, and a file that defeats its
    parser, give windows. Nothing is raised for any input.
    """
    return split_with_spans(source, language).definitions


def split_with_spans(source: bytes, language: str) -> Splitting:
    """Split as `split` does, and say where the comments and documentation strings are; windows have neither."""
    loaded = load_grammar(language)
    if loaded is None:
        return Splitting(windows(source))
    if not source.endswith(b"\n"):
        source += b"\n"  # Kotlin's scanner never returns from a last line with an annotation and no line break
    matches = find_matches(source, loaded)
    if matches is None:
        _log.warning("gave up parsing %d bytes of %s: read in windows", len(source), language)
        return Splitting(windows(source))
    findings = settle_spans(source, gather(source, matches))
    definitions = _Splitter(source, findings, loaded.grammar).definitions()
    docstrings = {(one.start, one.end): one.docstring for one in findings.definitions if one.docstring is not None}
    return Splitting(definitions, findings.comments, docstrings)


class _Splitter:
    """One file on its way from findings to definitions."""

    def __init__(self, source: bytes, findings: Findings, grammar: Grammar) -> None:
        self._source = source
        self._findings = findings
        self._grammar = grammar
        above = [(end, start, True) for start, end in findings.comments]
        above.extend((end, start, False) for start, end in findings.decorators)
        self._above = sorted(above)  # what may stand directly above a definition: end, start, whether it is a comment
        self._above_ends = [item[0] for item in self._above]

    def definitions(self) -> list[Definition]:
        for found in self._findings.definitions:
            self._look_above(found)
        kept, roots = self._nest()
        for found in kept:
            found.signature = self._signature(found)
        finished = self._finish(kept)
        covered = [(root.documented_from, root.documented_to) for root in roots]
        finished.extend(blocks(self._source, covered, self._findings.imports, self._findings.comments))
        finished.sort(key=lambda definition: (definition.start_byte, -definition.end_byte))
        return finished

    def _look_above(self, found: Found) -> None:
        """Take the decorators directly above into the span, and the comments directly above as documentation."""
        comments: list[Span] = []
        position = found.start
        index = bisect_right(self._above_ends, position) - 1
        while index >= 0:
            end, start, is_comment = self._above[index]
            if position - end > _WIDEST_GAP:
                break
            between = self._source[end:position]
            if between.strip() or not self._starts_line(start):
                break
            if not is_comment:
                found.start = start
            elif between.count(b"\n") > 1:
                break
            else:
                comments.append((start, end))
            position = start
            index -= 1
        found.documented_from, found.documented_to = found.start, found.end
        docstring = found.docstring
        if docstring is not None and docstring[0] >= found.end:  # below: another one's if it is not adjacent
            adjacent = not comments and self._source.count(b"\n", found.end, docstring[0]) <= 1
            docstring = docstring if adjacent else None
        if docstring is not None:
            first, last = docstring
            first += last_section(self._source[first:last])
            found.documentation = clean_docstring(self._text(first, last))
            found.documented_from, found.documented_to = min(found.start, first), max(found.end, last)
        elif comments:
            self._document(found, comments[::-1])

    def _document(self, found: Found, comments: list[Span]) -> None:
        texts = [self._text(start, end) for start, end in comments]
        first = comments[0][0]
        heads_file = first == self._findings.comments[0][0] and not self._source[:first].strip(b"\xef\xbb\xbf \t\r\n")
        if heads_file and is_licence("\n".join(texts)):
            return
        found.documentation = clean_comments(texts)
        found.documented_from = min(found.start, first)

    def _nest(self) -> tuple[list[Found], list[Found]]:
        """Return the definitions to keep and, of these, the outermost; sets kinds, qualified names and children."""
        kept: list[Found] = []
        roots: list[Found] = []
        around: list[Found] = []
        for found in sorted(self._findings.definitions, key=lambda found: (found.start, -found.end)):
            while around and around[-1].end <= found.start:
                around.pop()
            if len(around) >= DEEPEST_NESTING:
                continue
            parent = around[-1] if around else None
            self._name(found, parent)
            (parent.children if parent is not None else roots).append(found)
            kept.append(found)
            around.append(found)
        return kept, roots

    def _name(self, found: Found, parent: Found | None) -> None:
        """Set the qualified name, and turn a function in a type into a method or constructor."""
        enclosing = [parent.qualified_name] if parent is not None else self._package(found)
        found.qualified_name = self._grammar.separator.join([*enclosing, *found.receivers, found.name])
        if found.kind is Kind.FUNCTION and parent is not None and parent.kind in _TYPES:
            found.kind = Kind.METHOD
        if found.kind is Kind.METHOD:
            owner = found.receivers[-1] if found.receivers else parent.name if parent is not None else ""
            named_as_type = self._grammar.type_names_constructor and found.name == owner
            if named_as_type or found.name in self._grammar.constructors:
                found.kind = Kind.CONSTRUCTOR

    def _package(self, found: Found) -> list[str]:
        """Return the package that an outermost function belongs to, if any; a qualified name says it itself."""
        index = bisect_left(self._findings.packages, (found.start, ""))
        if index == 0 or found.kind in _OUTLINED or self._grammar.separator in found.name:
            return []
        return [self._findings.packages[index - 1][1]]

    def _finish(self, kept: list[Found]) -> list[Definition]:
        """Return the definitions of a list in the order of the text."""
        finished = []
        line, counted = 1, 0
        for found in kept:
            line += self._source.count(b"\n", counted, found.start)
            counted = found.start
            code = self._outline(found) if found.kind in _OUTLINED else self._text(found.start, found.end)
            end_line = line + self._source.count(b"\n", found.start, found.end)
            finished.append(
                Definition(
                    kind=found.kind,
                    name=found.name,
                    qualified_name=found.qualified_name,
                    signature=found.signature,
                    documentation=found.documentation,
                    code=code,
                    start_line=line,
                    end_line=end_line,
                    start_byte=found.start,
                    end_byte=found.end,
                )
            )
        return finished

    def _signature(self, found: Found) -> str:
        """Return the text up to the body on one line, without decorators and comments."""
        position, end = found.start, found.body
        pieces: list[str] = []
        for index in range(bisect_left(self._above_ends, position), len(self._above)):
            left_out_end, left_out_start, _ = self._above[index]
            if left_out_end > end:
                break
            if left_out_start >= position:
                pieces.append(self._text(position, left_out_start))
                position = left_out_end
        pieces.append(self._text(position, end))
        text = "".join(pieces)
        if "\n" in text:  # an argument list over several lines
            text = " ".join(text.split()).replace(", )", ")").replace("( ", "(").replace(" )", ")")
        else:
            text = " ".join(text.split())
        return text[:SIGNATURE_CHARACTERS].rstrip(" :;{,").removesuffix(" =")

    def _outline(self, found: Found) -> str:
        """Return a type's text with each definition directly inside it replaced by its signature."""
        pieces: list[str] = []
        position = found.start
        for child in found.children:
            if child.documented_from >= position:  # two definitions can share a declaration
                pieces.append(self._text(position, child.documented_from))
                pieces.append(child.signature)
                position = child.documented_to
        pieces.append(self._text(position, found.end))
        return "".join(pieces)

    def _starts_line(self, position: int) -> bool:
        line_start = self._source.rfind(b"\n", 0, position) + 1
        return not self._source[line_start:position].strip(b"\xef\xbb\xbf \t\r")

    def _text(self, start: int, end: int) -> str:
        return self._source[start:end].decode("utf-8", "replace")
