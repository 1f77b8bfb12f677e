"""Code with colours: which lexer reads a language, and which words of the query it contains.

Knows pygments through rich; knows nothing of matches or of where code is shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

# Colours out of the terminal's own palette: they fit a dark background and a light one.
THEME = "ansi_dark"
QUERY_WORD_STYLE = "bold underline"

TAB_COLUMNS = 4
LONGEST_LINE = 2_000  # characters; nobody reads further, and a minified line would take seconds to colour

# Our name of a language where pygments has another one.
_LEXER_NAMES = {
    "apex": "java",
    "assembly": "gas",
    "astro": "html",
    "lisp": "common-lisp",
    "metal": "cpp",
    "objc": "objective-c",
    "ocaml_interface": "ocaml",
    "proto": "protobuf",
    "reason": "reasonml",
    "starlark": "python",
    "svelte": "html",
    "vb": "vb.net",
    "vue": "html",
}

# Lines without which a lexer does not take what follows for code.
_PREAMBLES = {"php": ["<?php"]}

# Words that say nothing about which line is meant.
# fmt: off
_COMMON_WORDS = frozenset((
    "about", "all", "and", "any", "are", "but", "can", "code", "does", "each", "for", "from", "function", "get", "has",
    "have", "how", "into", "its", "method", "not", "our", "out", "that", "the", "them", "then", "there", "these",
    "they", "this", "use", "used", "uses", "using", "was", "what", "when", "where", "which", "who", "why", "will",
    "with",
))
# fmt: on
_SHORTEST_WORD = 3
_SHORTEST_STEM = 4

# C0 and C1 controls but the tab: they would move the cursor or worse. Each is shown as a picture of itself.
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if code != 0x09} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def printable(text: str) -> str:
    """Return the text without anything that a terminal obeys, and with its tabs as blanks."""
    return text.translate(_CONTROLS).expandtabs(TAB_COLUMNS)


def printable_piece(text: str) -> str:
    """Return a piece of text that goes on elsewhere without anything that a terminal obeys but line ends and tabs."""
    return "\n".join(line.translate(_CONTROLS) for line in text.split("\n"))


def coloured_lines(lines: list[str], language: str, query: str) -> list[Text]:
    """Return the lines in the colours of their language, with the words of the query marked.

    A language that pygments does not know is shown without colours.
    """
    from rich.syntax import Syntax  # loads pygments

    preamble = _PREAMBLES.get(language, [])
    code = "\n".join([*preamble, *(printable(line[:LONGEST_LINE]) for line in lines)])
    text = Syntax(code, _LEXER_NAMES.get(language, language), theme=THEME, background_color="default").highlight(code)
    pattern = query_pattern(query)
    if pattern is not None:
        text.highlight_regex(pattern, QUERY_WORD_STYLE)
    return list(text.split("\n", allow_blank=True))[len(preamble) : len(preamble) + len(lines)]


def query_pattern(query: str) -> re.Pattern[str] | None:
    """Return what finds the words of the query in code, within identifiers too; None if it has no telling word.

    A word is found by its stem: "uploads" finds `uploadFile`.
    """
    words = {word.lower() for word in re.findall(r"[^\W_]+", query)}
    stems = {_stem(word) for word in words if len(word) >= _SHORTEST_WORD and word not in _COMMON_WORDS}
    if not stems:
        return None
    alternatives = "|".join(re.escape(stem) for stem in sorted(stems, key=lambda stem: (-len(stem), stem)))
    return re.compile(rf"(?:(?<![^\W_])|(?<=[a-z0-9])(?=[A-Z]))(?i:{alternatives})(?:[a-z]*|[A-Z]*(?![a-z]))")


def _stem(word: str) -> str:
    """Return the word without a common ending, if enough is left of it."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "er", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
