"""What a query says besides its words: filters (`lang:go`, `path:src/`, `-path:tests/`, `kind:type`) and "phrases".

Reads text and nothing else. Who wants the definitions that hold a phrase asks `phrases`; which names languages and
kinds have, `filter_names`; which identifiers stand in the words, `ranking.question`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from codesearch.errors import EmptyQuery, OnlyFilters
from codesearch.filter_names import kinds_named, languages_named
from store import Filters

# A filter or a phrase is a word of its own: `f(path:str)`, `std::path`, `path::join` and `print("x")` are text. A
# value may be quoted, for paths with blanks.
_SYNTAX = re.compile(
    r"""(?<!\S)
        (?: (?P<key>-?path|language|lang|kind) : (?: "(?P<quoted>[^"\n]+)"(?!\S) | (?P<plain>[^\s":]\S*) )
          | "(?P<phrase>[^"\n]*[^"\s][^"\n]*)" (?=[\s.,;?!)]|$) )
    """,
    re.VERBOSE,
)

_ENDS_A_SENTENCE = ".,;?!"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as it is read.

    `words` is what is asked in words, the words of phrases among them; every one of `phrases` must stand literally,
    in any case, in what is found; `filters` are those of the query together with those that it was asked with.
    """

    words: str
    phrases: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)


def parse_query(text: str, filters: Filters | None = None) -> ParsedQuery:
    """Return what a query says.

    A filter counts as the option of its name does: several names of one filter, and those in `filters`, add up.
    Raises EmptyQuery for a query without letters and digits, OnlyFilters where filters are all it has, LanguageUnknown
    and KindUnknown.
    """
    given: dict[str, list[str]] = {"lang": [], "kind": [], "path": [], "-path": []}
    phrases: list[str] = []

    def words_of(match: re.Match[str]) -> str:
        if match["phrase"] is not None:
            phrases.append(match["phrase"])
            return match["phrase"]
        given[{"language": "lang"}.get(match["key"], match["key"])].append(match["quoted"] or match["plain"])
        return " "

    words = _SYNTAX.sub(words_of, text).strip()
    limited = _united(filters or Filters(), given)
    if not any(character.isalnum() for character in words):
        raise OnlyFilters(text) if any(given.values()) else EmptyQuery
    return ParsedQuery(words, tuple(dict.fromkeys(phrases)), limited)


def without_filters(text: str) -> str:
    """Return a query as it was asked but for its filters; phrases keep their quotes."""
    kept, end = [], 0
    for match in _SYNTAX.finditer(text):
        if match["key"] is not None:
            kept.append(text[end : match.start()])
            end = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip(" \t"))
    return ("".join(kept) + text[end:]).strip()


def _united(filters: Filters, given: dict[str, list[str]]) -> Filters:
    return Filters(
        languages=filters.languages | languages_named(_names(given["lang"])),
        paths=(*filters.paths, *_globs(given["path"])),
        kinds=filters.kinds | kinds_named(_names(given["kind"])),
        below=filters.below,
        not_paths=(*filters.not_paths, *_globs(given["-path"])),
        definitions=filters.definitions,
    )


def _names(values: list[str]) -> list[str]:
    return [value.rstrip(_ENDS_A_SENTENCE) for value in values]


def _globs(values: list[str]) -> list[str]:
    """Return the comma-separated globs; a comma inside brackets is one of the characters that they list."""
    return [glob.strip() for value in values for glob in re.split(r",(?![^\[]*\])", value) if glob.strip()]
