"""What people call languages and kinds of definitions: short names, groups, and the nearest known name to a slip.

One table for the options of a command line and for filters inside a query. Which languages there are is the business
of `indexer`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from codesearch.errors import KindUnknown, LanguageUnknown
from store import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

KIND_NAMES = tuple(kind.value for kind in Kind)

# What `function` and `type` stand for; every other kind stands for itself.
KIND_GROUPS: dict[str, frozenset[Kind]] = {
    "function": frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR}),
    "type": frozenset({Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.TYPE, Kind.MODULE}),
}

LANGUAGE_ALIASES = {
    "c#": "csharp",
    "c++": "cpp",
    "cs": "csharp",
    "ex": "elixir",
    "golang": "go",
    "hs": "haskell",
    "jl": "julia",
    "js": "javascript",
    "jsx": "javascript",
    "kt": "kotlin",
    "ml": "ocaml",
    "objective-c": "objc",
    "objectivec": "objc",
    "pl": "perl",
    "ps1": "powershell",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
}

# Dialects that nobody thinks of as languages of their own.
LANGUAGE_GROUPS: dict[str, frozenset[str]] = {
    "ocaml": frozenset({"ocaml", "ocaml_interface"}),
    "typescript": frozenset({"typescript", "tsx"}),
}

_NEAREST = 3  # names that an error proposes
_USUAL = 12  # languages that it proposes when none is near: the first in the indexer's table are the usual ones


def languages_named(values: Iterable[str]) -> frozenset[str]:
    """Return the languages that the values (single or comma-separated, short names too) name, with their dialects.

    Raises LanguageUnknown.
    """
    names = split_commas(values)
    if not names:
        return frozenset()
    from indexer import known_languages  # loads tree-sitter

    known = known_languages()
    languages: set[str] = set()
    for name in names:
        language = LANGUAGE_ALIASES.get(name, name)
        if language not in known:
            raise LanguageUnknown(name, _nearest(name, (*known, *LANGUAGE_ALIASES)) or known[:_USUAL])
        languages |= LANGUAGE_GROUPS.get(language, {language})
    return frozenset(languages)


def kinds_named(values: Iterable[str]) -> frozenset[Kind]:
    """Return the kinds that the values (single or comma-separated, or groups) name. Raises KindUnknown."""
    kinds: set[Kind] = set()
    for name in split_commas(values):
        if name in KIND_GROUPS:
            kinds |= KIND_GROUPS[name]
        elif name in KIND_NAMES:
            kinds.add(Kind(name))
        else:
            raise KindUnknown(name, _nearest(name, KIND_NAMES) or KIND_NAMES)
    return frozenset(kinds)


def split_commas(values: Iterable[str]) -> list[str]:
    """Return the comma-separated parts of all values in lower case, without blanks and empty parts."""
    return [part.strip().lower() for value in values for part in value.split(",") if part.strip()]


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(get_close_matches(name, list(known), n=_NEAREST))
