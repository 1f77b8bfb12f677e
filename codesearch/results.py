"""The value types of an answer: what a search found, and how much of the repository it could look at.

They are plain data for any client (terminal, JSON, another program); how candidates become an answer is `search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from codesearch.query_syntax import ParsedQuery
    from codesearch.why_found import WhyFound
    from store import Definition

# Candidates that a matching head reads: as many as CodeT5+'s script of retrieval with matching does.
RERANKED = 32


class Mode(StrEnum):
    """Which candidates a search considers."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class RerankedMode:
    """A mode whose best `candidates` a matching head reads, as an evaluation measures it.

    Its opinion is mixed with the order so far, or replaces it, as CodeT5+ has it. As text: "hybrid+rerank",
    "dense+replace".
    """

    mode: Mode
    replacing: bool = False
    candidates: int = RERANKED

    def __str__(self) -> str:
        return f"{self.mode}+{'replace' if self.replacing else 'rerank'}"


@dataclass(frozen=True, slots=True)
class Match:
    """One definition that answers the query, best first in `SearchResults.matches`.

    `score` orders the matches of one answer; it is between 0 and 1 and comparable only within that answer.
    `lexical_rank` and `dense_rank` count from 1 and are None where that side did not find the definition;
    `similarity` is the cosine of query and passage. `focus_lines` is the part of a long definition that matched best.
    `matching` is the logit of "matches" by the model's matching head, None where it has not read the definition.
    `explanation` is why it was found, where that was asked for.
    """

    root: Path
    path: str
    language: str
    definition: Definition
    score: float
    lexical_rank: int | None
    dense_rank: int | None
    similarity: float | None
    focus_lines: tuple[int, int]
    matching: float | None = None
    explanation: WhyFound | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was searched has vectors, and how fresh it is.

    `stale` means that the index was not brought up to date before the search (`refresh=False`), `being_indexed` that
    another process was doing that meanwhile, `out_of_time` that the search was given less time than it takes
    (`within`): the next one goes on.
    """

    definitions: int
    passages: int
    embedded_passages: int
    indexed_at: datetime | None
    stale: bool
    being_indexed: bool = False
    out_of_time: bool = False

    @property
    def complete(self) -> bool:
        """Whether every passage has its vector."""
        return self.embedded_passages >= self.passages


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the query that no definition has, as it was written, and the words that were searched for instead."""

    written: str
    searched_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The answer to one query. `seconds` is the search alone, without indexing.

    `asked` is the query as it was read, with the `corrections` made in its words.
    """

    query: str
    mode: Mode
    matches: tuple[Match, ...]
    coverage: Coverage
    seconds: float
    asked: ParsedQuery | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class SimilarDefinitions:
    """The definitions that are most like one; `results.query` is what was asked, `definition` what that is.

    A match's score is the mean, over the passages of the definition, of the cosine of the other's nearest passage, and
    of nearly equal code the share in common if that is more.
    """

    definition: Match
    results: SearchResults


@dataclass(frozen=True, slots=True)
class ExplainedDefinition:
    """What a model says of a definition in one line; empty when it could not say.

    `score` is the mean log-probability of a token of the summary, None without one.
    """

    definition: Match
    summary: str
    score: float | None
    model: str


@dataclass(frozen=True, slots=True)
class CompletedCode:
    """How code goes on after a line: `text` is the rest of it, and further lines if several were wanted.

    `new_line` tells that the line is complete, so that `text` begins on the next one. Empty when the model has nothing
    to add. `definition` is the one that the line is in, None at the top level; `sources` are what the model read
    besides; `score` is the mean log-probability of a token. It is `complete` unless the decoder had no room left before
    the last line was at its end.
    """

    path: Path
    line: int
    text: str
    new_line: bool
    score: float
    model: str
    definition: Match | None
    sources: tuple[Match, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """What the library holds of one repository.

    `files` and `skipped` count by language and by reason; `definitions` by kind; `model` is the name of the model
    that the embeddings are of, empty before the first. `being_indexed` tells that another process is at work on it at
    this moment, `gone` that its folder is no longer there. `summarised` definitions have a summary; `unsummarised` wait
    for one.
    """

    root: Path
    files: Mapping[str, int]
    skipped: Mapping[str, int]
    definitions: Mapping[str, int]
    passages: int
    embedded_passages: int
    model: str
    indexed_at: datetime | None
    being_indexed: bool = False
    gone: bool = False
    summarised: int = 0
    unsummarised: int = 0


@dataclass(frozen=True, slots=True)
class ModelChange:
    """A repository's embeddings are of the model `before`; to go on with `after`, all of them are made anew."""

    root: Path
    before: str
    after: str
    passages: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file or folder (its path ends with a slash) that is not searched, and why."""

    path: str
    reason: str
