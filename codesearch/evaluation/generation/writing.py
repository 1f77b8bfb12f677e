"""Measuring what a decoder writes: code for documentation, summaries of code, the next line.

The same functions are answered by retrieval alone, by writing alone and by writing with what was retrieved (the rows
of CodeT5+, section 5.6). Which functions these are is `functions`; what the figures mean is `report`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codesearch.codet5p.writer import Decoding, Task
from codesearch.evaluation.generation.agreement import edit_similarity, exact_match
from codesearch.evaluation.generation.bleu import corpus_bleu, smoothed_bleu, tokens_of
from codesearch.evaluation.generation.code_bleu import Pair, code_bleu
from codesearch.evaluation.generation.functions import begun_function
from codesearch.evaluation.generation.report import Row
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from codesearch.codet5p.writer import Writer
    from codesearch.evaluation.generation.functions import RetrievalPool
    from codesearch.evaluation.generation.report import WritingSettings
    from codesearch.training.corpus import Example
    from store import ProgressCallback

SUMMARY_TOKENS = 48  # as the command `explain` has; the longest tenth of documentation is longer
LINE_TOKENS = 48  # a line of 120 characters, and some


class Answer(NamedTuple):
    """What was written for a function, what was expected, and how long it took."""

    task: str
    row: str
    example: Example
    written: str
    expected: str
    seconds: float


Answers = dict[tuple[str, str], list[Answer]]


class Writing:
    """Has functions written. `retrieval` and `writer` are those that answer a user."""

    def __init__(self, writer: Writer, retrieval: RetrievalPool, settings: WritingSettings) -> None:
        self._writer = writer
        self._retrieval = retrieval
        self._settings = settings

    def answers(self, examples: Sequence[Example], progress: ProgressCallback | None = None) -> Iterator[Answer]:
        """Yield the answers to each function: its tasks in the order of the settings, the rows in that of `Row`."""
        makers: dict[str, Callable[[Example], Iterator[Answer]]] = {
            Task.CODE: self._code,
            Task.SUMMARY: self._summary,
            Task.COMPLETION: self._completion,
        }
        for number, example in enumerate(examples, 1):
            for task in self._settings.tasks:
                yield from makers[task](example)
            if progress:
                progress(Progress("write", number, len(examples)))

    def _code(self, example: Example) -> Iterator[Answer]:
        prompt = " ".join(example.documentation.split())
        decoding = Decoding(max_tokens=self._settings.max_tokens, beams=self._settings.beams)
        started = time.perf_counter()
        found = self._retrieval.for_text(example)
        retrieving = time.perf_counter() - started

        def answer(row: Row, text: str, seconds: float) -> Answer:
            return Answer(Task.CODE, row, example, text, example.code, seconds)

        yield answer(Row.RETRIEVAL, found.code if found else "", retrieving)
        yield answer(Row.GENERATION, *self._write(Task.CODE, (prompt,), decoding))
        parts = (prompt, found.code) if found else (prompt,)
        text, writing = self._write(Task.CODE, parts, decoding)
        yield answer(Row.AUGMENTED, text, retrieving + writing)

    def _summary(self, example: Example) -> Iterator[Answer]:
        decoding = Decoding(max_tokens=SUMMARY_TOKENS, beams=self._settings.beams)
        text, seconds = self._write(Task.SUMMARY, (example.code,), decoding)
        yield Answer(Task.SUMMARY, Row.GENERATION, example, text, example.documentation, seconds)

    def _completion(self, example: Example) -> Iterator[Answer]:
        begun = begun_function(example, self._settings.seed)
        if begun is None:
            return
        started = time.perf_counter()
        found = self._retrieval.for_code(begun.prefix, example)
        retrieving = time.perf_counter() - started
        for row, codes, before in (
            (Row.GENERATION, (), 0.0),
            (Row.AUGMENTED, (found.code,) if found else (), retrieving),
        ):
            decoding = Decoding(max_tokens=LINE_TOKENS)
            text, seconds = self._write(Task.COMPLETION, codes, decoding, begun.prefix)
            yield Answer(Task.COMPLETION, row, example, next_line(text), begun.line, before + seconds)

    def _write(self, task: Task, parts: Sequence[str], decoding: Decoding, prefix: str = "") -> tuple[str, float]:
        """Return the best text, and the seconds that it took."""
        started = time.perf_counter()
        written = self._writer.write(task, parts, decoding, prefix=prefix)
        return written[0].text, time.perf_counter() - started


def next_line(written: str) -> str:
    """Return the first line that is not blank, without the white space around it."""
    return next((line.strip() for line in written.split("\n") if line.strip()), "")


def figures_of(answers: Sequence[Answer]) -> dict[str, dict[str, dict[str, float]]]:
    """Return task -> row -> figures, see `GenerationReport`."""
    grouped: Answers = defaultdict(list)
    for answer in answers:
        grouped[answer.task, answer.row].append(answer)
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for (task, row), some in grouped.items():
        figures.setdefault(task, {})[row] = {
            **{name: round(value, 2) for name, value in _METRICS[task](some).items()},
            **_latency(some),
        }
    return figures


def _agreement(answers: Sequence[Answer]) -> dict[str, float]:
    exact = [100.0 * exact_match(one.written, one.expected) for one in answers]
    alike = [edit_similarity(one.written.strip(), one.expected.strip()) for one in answers]
    return {"exact_match": sum(exact) / len(exact), "edit_similarity": sum(alike) / len(alike)}


def _code_figures(answers: Sequence[Answer]) -> dict[str, float]:
    agreement = _agreement(answers)
    written = [tokens_of(one.written) for one in answers]
    expected = [tokens_of(one.expected) for one in answers]
    return {
        "exact_match": agreement["exact_match"],
        "bleu": corpus_bleu(written, expected),
        "code_bleu": code_bleu([Pair(one.written, one.expected, one.example.language) for one in answers]),
        "edit_similarity": agreement["edit_similarity"],
    }


def _summary_figures(answers: Sequence[Answer]) -> dict[str, float]:
    return {"smoothed_bleu": smoothed_bleu([one.written for one in answers], [one.expected for one in answers])}


def _latency(answers: Sequence[Answer]) -> dict[str, float]:
    median, slow = np.percentile([one.seconds for one in answers], (50, 95))
    return {"p50_ms": round(1000 * float(median), 1), "p95_ms": round(1000 * float(slow), 1)}


_METRICS: dict[str, Callable[[Sequence[Answer]], dict[str, float]]] = {
    Task.CODE: _code_figures,
    Task.SUMMARY: _summary_figures,
    Task.COMPLETION: _agreement,
}
