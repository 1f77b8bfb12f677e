"""What is asked of an evaluation of writing, and what it says. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Row(StrEnum):
    """How an answer came about."""

    RETRIEVAL = "retrieval"  # the code of the function that was retrieved, as it stands
    GENERATION = "generation"  # written, nothing being retrieved
    AUGMENTED = "augmented"  # written, with the retrieved code before the writer


@dataclass(frozen=True, slots=True)
class WritingSettings:
    """What is written for which held-out functions.

    `tasks` are names of `codet5p.writer.Task`. `limit` functions are drawn by `seed`, of `languages` where it names
    any; `retrieval_limit` functions of the training part can be retrieved (None: all of them). Code is written with
    `beams` (CodeT5+ uses 5) and at most `max_tokens`.
    """

    tasks: tuple[str, ...] = ("code", "summary", "completion")
    limit: int = 500
    retrieval_limit: int | None = 20_000
    languages: frozenset[str] = frozenset()
    seed: int = 0
    beams: int = 1
    max_tokens: int = 256


@dataclass(frozen=True, slots=True)
class GenerationReport:
    """Figures of what was written for `functions` held-out functions, `retrievable` others being there to retrieve.

    `tasks` maps a task to a `Row` to its figures, 0 to 100: "exact_match", "bleu", "code_bleu" and "edit_similarity" of
    code, "smoothed_bleu" of a summary, "exact_match" and "edit_similarity" of a completed line; with "p50_ms" and
    "p95_ms", milliseconds a function, retrieval included. `by_language` maps each language to the same, of code alone.
    """

    corpus: str
    model: str
    functions: int
    retrievable: int
    settings: WritingSettings
    tasks: dict[str, dict[str, dict[str, float]]]
    by_language: dict[str, dict[str, dict[str, float]]]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ProblemSettings:
    """How often each problem is tried, and how.

    With one of `samples` the likeliest program is written, else programs are drawn with `temperature` and `top_p` by
    `seed`. A program runs for at most `seconds`. `limit` keeps the first problems.
    """

    samples: int = 1
    temperature: float = 0.2
    top_p: float = 0.95
    seed: int = 0
    limit: int | None = None
    max_tokens: int = 256
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class ProblemsReport:
    """How many problems are solved, by tests.

    `pass_at` maps "pass@1", and with more samples "pass@10" and "pass@100", to the mean over problems, 0 to 100.
    `verdicts` counts programs by how they ended; `protections` are those of the sandbox's kernel that all of them had.
    """

    file: str
    model: str
    problems: int
    settings: ProblemSettings
    pass_at: dict[str, float]
    verdicts: dict[str, int]
    protections: tuple[str, ...]
    seconds: float = 0.0
