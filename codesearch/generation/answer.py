"""The value types of generation: what is asked, what the writer reads, and the answer.

Plain data for any client; how an answer comes about is `recipe`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from codesearch.results import Match

# The published model is best by BLEU with 1 or 2 retrieved functions and by CodeBLEU and exact match with 5 (CodeT5+,
# appendix: BLEU 33.83 with 1, 33.10 with 3, 32.42 with 5; exact match 11.66, 12.29, 13.02): 3 is between.
DEFAULT_RETRIEVE = 3


class Reason(StrEnum):
    """Why what was written cannot be used."""

    NO_DECODER = "no decoder"  # the model cannot write at all
    EMPTY = "empty"
    REPEATS = "repeats"  # it goes round in a circle
    NO_DEFINITION = "no definition"  # nothing in it can be called
    DOES_NOT_PARSE = "does not parse"


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """How to write.

    At most `retrieve` functions are put before the writer; with 0 nothing is searched. `max_tokens` is the longest
    that is written, in the writer's tokens (None: what suits the writer). With several `beams` the best that is usable
    is taken; with a `temperature` it is drawn at random, from the likeliest tokens that together have probability
    `top_p`, by `seed`. `generator` is the address of an OpenAI-compatible server that writes instead of the model on
    this machine, `generator_model` the name of a model there: only then is anything sent anywhere.
    """

    retrieve: int = DEFAULT_RETRIEVE
    max_tokens: int | None = None
    beams: int = 1
    temperature: float | None = None
    top_p: float = 1.0
    seed: int | None = None
    generator: str | None = None
    generator_model: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What the writer reads besides the prompt: the `codes` of `sources`, without documentation, best first.

    `tokens` of the `room` are used, the prompt and all separators included. `cut`: the only source is longer than the
    room, and its end is not read.
    """

    prompt: str
    sources: tuple[Match, ...]
    codes: tuple[str, ...]
    tokens: int
    room: int
    cut: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The prompt and the codes, in the order in which they are read."""
        return (self.prompt, *self.codes)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: `on_context` is called with the context and the author's name before anything is written or sent.

    `on_text` gets what is written piece by piece, before it is checked.
    """

    on_context: Callable[[Context, str], None] | None = None
    on_text: Callable[[str], None] | None = None


class Draft(NamedTuple):
    """A text as it was written. `cut_at` is the number of tokens after which there was no room, None at its own end."""

    text: str
    cut_at: int | None = None


@dataclass(frozen=True, slots=True)
class GeneratedAnswer:
    """What came of a `prompt`, which is here without the filters that it was asked with.

    `text` is what was written, as it came, None where nothing could write; `code` is the code in it, in `language`
    (empty where it is not known). It is `usable` unless there is a `reason`. `found` are the functions that the search
    brought, each of its kind once; `context` is what the writer read of them. `writer` is the model's name or the
    server's host. Of a server, `remarks` are what it says besides the code, `citations` the numbers of sources, from 1,
    that it names, and `false_citations` such numbers that no source has. `cut_at` is the number of tokens after which
    the text was cut, None for one that came to its end. Seconds: the search with indexing, and the writing.
    """

    prompt: str
    text: str | None
    code: str
    language: str
    reason: Reason | None
    found: tuple[Match, ...]
    context: Context
    writer: str
    citations: tuple[int, ...] = ()
    false_citations: tuple[int, ...] = ()
    remarks: str = ""
    cut_at: int | None = None
    seconds_searching: float = 0.0
    seconds_writing: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether the code parses, defines something and is not degenerate."""
        return self.reason is None

    @property
    def complete(self) -> bool:
        """Whether the text came to its end."""
        return self.cut_at is None

    @property
    def sources(self) -> tuple[Match, ...]:
        """The functions that the writer read."""
        return self.context.sources
