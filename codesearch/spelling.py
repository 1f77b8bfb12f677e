"""Words of a query that stand nowhere in what is searched, and the words that are searched for instead.

Knows where in a query a word may be replaced: nowhere in a phrase, and in an identifier part by part. Which words a
repository has, and what is near to one, its vocabulary knows; which words are right though it has them not,
`known_words`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codesearch.known_words import is_known_word
from codesearch.results import Correction
from codesearch.search import without_language_names
from store import split_identifier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from codesearch.query_syntax import ParsedQuery
    from codesearch.search import Place
    from store import KnownWord

# NDCG@10 of files, lexical and hybrid, over 19 real repositories with 379 questions: .858 and .870 as they are, none
# of which is changed; with a mistake in one word of each .742 and .808 as written, .846 and .861 as respelt (.858 if
# the model reads what was written). Of 1,055 misspelt words 90 % become the word that was meant, 3 % another; an answer
# takes 0.4 ms more without a mistake, and 5 ms more with one.

# Each word that is not there costs some milliseconds in a large repository. A query with more of them is in another
# language, or about something else; the first ones may still be mistakes.
MOST_CORRECTED = 4

# Words that a beginning stands for: with more it would bring what nobody asked for.
MOST_BEGUN = 3

_IDENTIFIER = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class RespeltQuery:
    """A query whose words are those that are searched for; `more_words` are for the search by words alone."""

    asked: ParsedQuery
    corrections: tuple[Correction, ...] = ()
    more_words: tuple[str, ...] = ()


def respell(asked: ParsedQuery, places: Sequence[Place]) -> RespeltQuery:
    """Return the query with each word that no place has replaced by the nearest that there is.

    Of an identifier parts are replaced, so that `parse_confg` becomes `parse_config`. A query of one word that nothing
    is near to may be the beginning of some.
    """
    missing = _missing_everywhere(without_language_names(asked.words), places)
    for identifier in _IDENTIFIER.findall(" ".join(asked.phrases)):
        missing -= set(split_identifier(identifier))
    if not missing:
        return RespeltQuery(asked)
    words = unicodedata.normalize("NFKC", asked.words)
    identifiers = dict.fromkeys(_IDENTIFIER.findall(words))
    doubtful = [one for one in identifiers if not missing.isdisjoint(split_identifier(one))][:MOST_CORRECTED]
    meant = {one: _as_meant(one, missing, places) for one in doubtful}
    if doubtful == [words.strip()] and not meant[doubtful[0]]:
        meant = {doubtful[0]: _beginning_with(doubtful[0], places)}
    corrections = tuple(Correction(written, instead) for written, instead in meant.items() if instead)
    if not corrections:
        return RespeltQuery(asked)
    instead = {one.written: one.searched_for[0] for one in corrections}
    respelt = _IDENTIFIER.sub(lambda match: instead.get(match.group(), match.group()), words)
    more = tuple(word for one in corrections for word in one.searched_for[1:])
    return RespeltQuery(replace(asked, words=respelt), corrections, more)


def _missing_everywhere(words: str, places: Sequence[Place]) -> set[str]:
    """Return the terms that stand in no definition of any of the repositories, whatever the filters."""
    missing: set[str] | None = None
    for place in places:
        if missing != set():
            here = set(place.repository.vocabulary.missing(words))
            missing = here if missing is None else missing & here
    return missing or set()


def _as_meant(identifier: str, missing: Collection[str], places: Sequence[Place]) -> tuple[str, ...]:
    """Return the identifier as it may have been meant, if anything is near to what is missing of it."""
    doubtful = [part for part in split_identifier(identifier) if part in missing and not is_known_word(part)]
    near = {part: _near(part, places) for part in doubtful}
    meant = {part: known.word for part, known in near.items() if known}
    return (_with_parts(identifier, meant),) if meant else ()


def _near(term: str, places: Sequence[Place]) -> KnownWord | None:
    return next(iter(_best(place.repository.vocabulary.near(term) for place in places)), None)


def _beginning_with(identifier: str, places: Sequence[Place]) -> tuple[str, ...]:
    found = _best(place.repository.vocabulary.beginning_with(_whole(identifier)) for place in places)
    return tuple(known.word for known in found[:MOST_BEGUN])


def _best(found: Iterable[Sequence[KnownWord]]) -> list[KnownWord]:
    """Return the words that several repositories propose, the nearest first, then the commonest."""
    together: dict[str, KnownWord] = {}
    for one in (known for words in found for known in words):
        before = together.get(one.word, replace(one, definitions=0))
        together[one.word] = replace(
            one, definitions=before.definitions + one.definitions, mistakes=min(before.mistakes, one.mistakes)
        )
    return sorted(together.values(), key=lambda one: (one.mistakes, -one.definitions, one.word))


def _whole(identifier: str) -> str:
    return identifier.replace("_", "").lower()


def _with_parts(identifier: str, meant: dict[str, str]) -> str:
    """Return the identifier with parts replaced, written as these were: small, capitalised or all in capitals."""
    written: list[str] = []
    end = 0
    for part in split_identifier(identifier):
        start = identifier.lower().find(part, end)
        if part not in meant or start < 0:
            continue
        as_it_was = identifier[start : start + len(part)]
        new = meant[part].upper() if as_it_was.isupper() else meant[part]
        new = new.capitalize() if as_it_was.istitle() else new
        written.extend((identifier[end:start], new))
        end = start + len(part)
    return "".join((*written, identifier[end:]))
