"""Grammars and compiled queries, each loaded when its language is first met, and the parsing of one file.

A grammar whose wheel is missing or does not fit costs one logged warning; its files are then read in windows. What
the queries find is interpreted in `captures`. The parser itself loads with the first file, so that whoever only wants
`path_words` (a training run, from a corpus) does without it.
"""

from __future__ import annotations

import importlib
import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

from indexer.languages import grammar_of
from indexer.macros import without_macros

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Language, LogType, Node, Point, Query, Tree

    from indexer.language_table import Grammar

    Match = tuple[int, dict[str, list[Node]]]

_log = logging.getLogger(__name__)

_CHUNK_BYTES = 65536  # what the parser is handed at a time; smaller chunks only cost calls
_STEPS_AT_LEAST = 20_000
_STEPS_PER_BYTE = 0.5
"""How often the parser may report progress (every 100 operations) before it is stopped. Source text takes 0.005
reports a byte and the worst of the malformed texts that were tried 0.05, so only a runaway parse meets this."""

_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what Python makes of such a byte with `surrogateescape`


@dataclass(frozen=True, slots=True)
class LoadedGrammar:
    """A grammar that is ready to use, by several threads at once if need be."""

    grammar: Grammar
    language: Language
    query: Query


class Listener(Protocol):
    """Follows what a parser does. Once `satisfied`, the parser is stopped."""

    @property
    def satisfied(self) -> bool:
        """Whether nothing more needs to be heard."""

    def hear(self, kind: LogType, message: str, /) -> None:
        """Take in one line of the parser's log."""


@cache
def load_grammar(language: str) -> LoadedGrammar | None:
    """Return the grammar and query of a language; None, after a logged warning, if they cannot be loaded."""
    from tree_sitter import Language, Query

    grammar = grammar_of(language)
    if grammar is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # older grammar wheels return an int, not a capsule
            pointer = getattr(importlib.import_module(grammar.module), grammar.entry)()
            parser_language = Language(pointer)
        query = Query(parser_language, query_text(language, grammar))
    except (ImportError, AttributeError, ValueError, TypeError, OSError) as error:
        _log.warning("no grammar for %s (%s: %s): its files are read in windows", language, grammar.module, error)
        return None
    return LoadedGrammar(grammar, parser_language, query)


def query_text(language: str, grammar: Grammar) -> str:
    """Return the text of a language's query, its files concatenated."""
    folder = resources.files("indexer") / "queries"
    return "\n".join((folder / f"{stem}.scm").read_text("utf-8") for stem in grammar.queries or (language,))


def matches_in(tree: Tree, loaded: LoadedGrammar) -> list[Match]:
    """Run a language's query on a tree."""
    from tree_sitter import QueryCursor

    return QueryCursor(loaded.query).matches(tree.root_node)


def parse_source(source: bytes, loaded: LoadedGrammar, listener: Listener | None = None) -> Tree | None:
    """Parse a file; None if parsing was given up, see `_STEPS_PER_BYTE`, or once the listener is satisfied."""
    from tree_sitter import Parser

    source = _as_utf8(source)
    if loaded.grammar.macros:
        source = without_macros(source)
    parser = Parser(loaded.language)  # costs nothing, and a parser holds the state of its last parse
    if listener is not None:
        parser.logger = listener.hear
    try:
        return parser.parse(_reader(source), progress_callback=_budget(len(source), listener))
    except ValueError:  # what the parser raises when the progress callback stops it
        return None


def _as_utf8(source: bytes) -> bytes:
    """Return text of the same length in which an underscore, part of a word, stands for each byte that is not UTF-8.

    tree-sitter compares names in a query as text, and raises an error for a name that is not.
    """
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return _NOT_UTF8.sub("_", source.decode("utf-8", "surrogateescape")).encode("utf-8")
    return source


def _reader(source: bytes) -> Callable[[int, Point], bytes]:
    def read(offset: int, _point: Point) -> bytes:
        return source[offset : offset + _CHUNK_BYTES]

    return read


def _budget(size: int, listener: Listener | None) -> Callable[[int, bool], bool]:
    left = _STEPS_AT_LEAST + int(size * _STEPS_PER_BYTE)

    def progress(_offset: int, _has_error: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0 or (listener is not None and listener.satisfied)

    return progress
