"""The two evaluations of writing, from a folder or file to a report.

The parts are `functions` and `writing`, and `problems`.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

from codesearch.codet5p.writer import Task
from codesearch.evaluation.generation.functions import RetrievalPool, held_out_functions, retrievable_functions
from codesearch.evaluation.generation.report import GenerationReport
from codesearch.evaluation.generation.writing import Answer, Writing, figures_of

if TYPE_CHECKING:
    from pathlib import Path

    from codesearch.codet5p import LoadedEncoder
    from codesearch.codet5p.writer import Writer
    from codesearch.evaluation.generation.report import WritingSettings
    from store import ProgressCallback

KEPT_VECTORS = "retrievable"  # the folder of vectors below that of evaluations


class Answering(NamedTuple):
    """What answers in an evaluation: an encoder, a decoder, and the folder where vectors are kept."""

    encoder: LoadedEncoder
    writer: Writer
    folder: Path


def evaluate_generation(
    corpus: Path,
    answering: Answering,
    settings: WritingSettings,
    progress: ProgressCallback | None = None,
    written: Path | None = None,
) -> GenerationReport:
    """Return the figures of what is written for a corpus's held-out functions; `written` gets every answer, as JSONL.

    A line of `written` is {task, row, source, path, name, language, written, expected, seconds}. Raises HeldOutMissing.
    """
    started = time.perf_counter()
    examples = held_out_functions(corpus, settings)
    retrieves = any(task != Task.SUMMARY for task in settings.tasks)
    others = retrievable_functions(corpus, settings) if retrieves else []
    pool = RetrievalPool(others, answering.encoder, answering.folder / KEPT_VECTORS, progress)
    answers = list(Writing(answering.writer, pool, settings).answers(examples, progress))
    if written is not None:
        written.write_text("".join(map(_line, answers)), encoding="utf-8")
    code = [one for one in answers if one.task == Task.CODE]
    languages = sorted({one.example.language for one in code})
    return GenerationReport(
        corpus=corpus.resolve().name,
        model=answering.encoder.fingerprint,
        functions=len(examples),
        retrievable=len(others),
        settings=settings,
        tasks=figures_of(answers),
        by_language={
            language: figures_of([one for one in code if one.example.language == language])[Task.CODE]
            for language in languages
        },
        seconds=time.perf_counter() - started,
    )


def _line(answer: Answer) -> str:
    example = answer.example
    fields = {
        "task": answer.task,
        "row": answer.row,
        "source": example.source,
        "path": example.path,
        "name": example.qualified_name,
        "language": example.language,
        "documentation": example.documentation,
        "written": answer.written,
        "expected": answer.expected,
        "seconds": round(answer.seconds, 3),
    }
    return json.dumps(fields) + "\n"
