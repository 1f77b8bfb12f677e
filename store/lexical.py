"""Words: how identifiers and sentences are split, alike for the texts that are kept and for the questions asked.

Pure functions over text. Which rows have the words is asked by `full_text`; endings ("parsing", "parse") and accents
are left to the tokenizer of SQLite (`tables.TOKENIZER`).

What these functions make of a text is part of the format on disk: a change here raises `tables.SCHEMA_VERSION`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# An identifier: letters and digits of any script, and underscores. In plain ASCII, blanks for all else find the same in
# two thirds of the time.
_IDENTIFIER = re.compile(r"\w+")
_BLANKS_BETWEEN = re.sub(rb"[^A-Za-z0-9_]", b" ", bytes(range(128))) + bytes(range(128, 256))

# One part of an identifier: a plural acronym (URLs), an acronym before a word (HTTP in HTTPServer), a word, an
# acronym, a number, or a run of a script without spaces (see `_shape`).
_PART = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|\0+")

# Han and kana are written without spaces: they are kept as overlapping pairs of characters, the usual unit for them.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

# Longer runs are data (base64, hashes), which nobody asks for in words. The longest identifiers that people write
# stay under a hundred characters.
MAX_IDENTIFIER_LENGTH = 128

# Code repeats its identifiers, and splitting them is much of the cost of saving. Bounds the memory; not tuned.
_CACHED_IDENTIFIERS = 100_000

# Words that carry a sentence and not its matter. Small on purpose: a word that is common in a repository is found to
# be so by counting (`full_text`), while these are dropped even where they are rare.
_STOP_WORD_LIST = """
    a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my of on
    or our should so some such than that the their them then there these they this those to us was we were what when
    where which who why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORD_LIST.split())


def split_identifier(identifier: str) -> tuple[str, ...]:
    """Return the lower-case parts of an identifier: at underscores, changes of case, and digits.

    >>> split_identifier("parseHTTPResponse2")
    ('parse', 'http', 'response', '2')
    """
    if identifier.isascii() and "\0" not in identifier:
        return tuple(map(str.lower, _PART.findall(identifier)))
    shape = "".join(map(_shape, identifier))
    parts: list[str] = []
    for match in _PART.finditer(shape):
        part = identifier[match.start() : match.end()].lower()
        parts.extend(_pairs(part) if match.group().startswith("\0") else (part,))
    return tuple(parts)


def terms(text: str) -> list[str]:
    """Return the terms of a text, in order: of each identifier its parts and, if it has several, all of it as one word.

    The whole is without underscores, so that `getUser` and `get_user` are the same word.
    """
    return indexed_text(text).split()


def indexed_text(text: str) -> str:
    """Return the terms of a text joined by spaces, as they are kept in the database."""
    if text.isascii():
        identifiers = text.encode("ascii").translate(_BLANKS_BETWEEN).decode("ascii").split()
    else:
        # One code point for an accented letter, plain letters for full-width ones.
        identifiers = _IDENTIFIER.findall(unicodedata.normalize("NFKC", text))
    return " ".join(filter(None, map(_KNOWN_TERMS.__getitem__, identifiers)))


def query_terms(query: str) -> list[str]:
    """Return the different terms of a question, in order, without stop words unless there is nothing else."""
    unique = list(dict.fromkeys(terms(query)))
    return [term for term in unique if term not in STOP_WORDS] or unique


def is_unspaced(text: str) -> bool:
    """Return whether a text has characters of a script without spaces, which is kept as pairs of characters."""
    return _UNSPACED.search(text) is not None


def any_of(chosen: Sequence[str]) -> str:
    """Return the FTS5 expression that matches rows with any of the terms."""
    return "(" + " OR ".join(map(_quoted, chosen)) + ")"


def all_of(chosen: Sequence[str]) -> str:
    """Return the FTS5 expression that matches rows with all of the terms."""
    return "(" + " AND ".join(map(_quoted, chosen)) + ")"


def _quoted(term: str) -> str:
    # As an FTS5 string no character of the term can be read as an operator.
    return '"' + term.replace('"', '""') + '"'


class _KnownTerms(dict[str, str]):
    """The terms of each identifier that was met; quicker to ask than a function with a cache."""

    def __missing__(self, identifier: str) -> str:
        if len(self) >= _CACHED_IDENTIFIERS:
            self.clear()
        found = self[identifier] = _identifier_terms(identifier)
        return found


_KNOWN_TERMS = _KnownTerms()


def _identifier_terms(identifier: str) -> str:
    unspaced = not identifier.isascii() and is_unspaced(identifier)
    if len(identifier) > MAX_IDENTIFIER_LENGTH and not unspaced:
        return ""
    parts = split_identifier(identifier)
    if len(parts) > 1 and not unspaced:
        parts = (*parts, identifier.replace("_", "").lower())
    return " ".join(parts)


def _shape(character: str) -> str:
    """Stand-in of a character for `_PART`, of the same length: what matters is case, digit or script."""
    if character.isascii():
        return character
    if _UNSPACED.match(character):
        return "\0"
    if character.isdecimal():
        return "0"
    return "A" if character.isupper() else "a"


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]
