"""Phrases as a filter: which definitions of a repository may be found because they hold what was quoted.

What is quoted is read by `query_syntax`, and looked for by `store`; how the definitions rank is the business of
`search`, which ranks these as it ranks all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesearch.query_syntax import ParsedQuery
    from store import Filters, Repository


def filters_of(asked: ParsedQuery, repository: Repository, below: tuple[str, ...]) -> Filters:
    """Return what a search in a part of a repository is limited to, phrases included.

    All texts that the other filters leave are read for a phrase, so that the rarest is found: 100 MB (75,000
    definitions) take some tenths of a second.
    """
    filters = replace(asked.filters, below=below)
    if not asked.phrases:
        return filters
    return replace(filters, definitions=frozenset(repository.containing(asked.phrases, filters)))
