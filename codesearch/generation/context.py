"""From matches to what a writer reads: each function once, whole, the best first, as many as there is room for.

Knows tokens only through the `Reader`; what is written is left to the writer, what is searched to the engine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from codesearch.generation.answer import Context
from indexer import bare_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codesearch.results import Match

SHINGLE = 5  # tokens; as in the training corpus: shorter ones are shared by unrelated code
NEAR = 0.8  # of the shingles in common; as in the training corpus, where at .7 functions of one pattern begin to go
SEPARATORS = 2  # tokens around the prompt: its begin and its end; each function has an end token of its own

_TOKEN = re.compile(r"\w+|[^\w\s]")

Shingles = frozenset[tuple[str, ...]]


class Reader(Protocol):
    """How much a writer reads, and how it counts."""

    @property
    def source_tokens(self) -> int:
        """The most that is read, special tokens included."""

    def tokens_in(self, text: str) -> int:
        """Return the number of tokens of a text, without special tokens."""


class Source(NamedTuple):
    """A match, and its code as a writer reads it."""

    match: Match
    code: str


def sources_of(matches: Iterable[Match]) -> list[Source]:
    """Return the matches with their code at the left margin and without documentation, as the model was trained."""
    return [Source(match, bare_code(_at_the_margin(match), match.language)) for match in matches]


def distinct(sources: Iterable[Source]) -> list[Source]:
    """Return the sources that are not nearly the same as one before them."""
    kept: list[Source] = []
    seen: list[Shingles] = []
    for source in sources:
        mine = shingles(source.code)
        if all(jaccard(mine, other) < NEAR for other in seen):
            kept.append(source)
            seen.append(mine)
    return kept


def shingles(code: str) -> Shingles:
    """Return the sets of `SHINGLE` tokens in a row; of shorter code all of it is one."""
    tokens = _TOKEN.findall(code)
    return frozenset(tuple(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def jaccard(one: Shingles, other: Shingles) -> float:
    """Return the share of the shingles of either that both have."""
    return len(one & other) / len(one | other)


def pack(prompt: str, sources: Sequence[Source], reader: Reader, limit: int) -> Context:
    """Return as many sources as fit, at most `limit`, in their order.

    One that does not fit whole gives way to those after it. If none fits, the best one is taken and its end is not
    read; if the prompt alone leaves no room, none is.
    """
    alone = SEPARATORS + reader.tokens_in(prompt)
    used, taken = alone, list[Source]()
    for source in sources:
        cost = reader.tokens_in(source.code) + 1
        if len(taken) < limit and used + cost <= reader.source_tokens:
            taken.append(source)
            used += cost
    cut = not taken and bool(sources) and limit > 0 and alone + 1 < reader.source_tokens
    if cut:
        taken, used = [sources[0]], reader.source_tokens
    return Context(
        prompt,
        tuple(source.match for source in taken),
        tuple(source.code for source in taken),
        min(used, reader.source_tokens),
        reader.source_tokens,
        cut,
    )


def _at_the_margin(match: Match) -> str:
    """Return the match's code moved to the left, as far as its first line stands to the right in its file.

    A definition's text starts at its first character, so that its own first line does not tell. Where the file cannot
    be read, or has changed meanwhile, the code stays as it is.
    """
    definition = match.definition
    try:
        with (match.root / match.path).open(encoding="utf-8", errors="replace") as lines:
            line = next((line for number, line in enumerate(lines, 1) if number == definition.start_line), "")
    except OSError:
        return definition.code
    stripped = line.lstrip(" \t")
    margin = line[: len(line) - len(stripped)]
    if not margin or stripped.rstrip("\r\n") != definition.code.split("\n", 1)[0].rstrip("\r"):
        return definition.code
    return definition.code.replace("\n" + margin, "\n")
