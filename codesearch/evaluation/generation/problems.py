"""Programming problems with tests: reading them, having them solved, and running the solutions in the sandbox.

Two published formats are read, a JSON object a line, gzipped or not:

- HumanEval (Chen et al., 2021): {task_id, prompt, entry_point, test}; the prompt is the beginning of a function, which
  the writer goes on with, and the test defines `check`, to which the function is given.
- MBPP (Austin et al., 2021): {task_id, text, test_list}, with `test_setup_code` and `test_imports` where there are any
  (in the sanitised file `prompt` has the text); the tests are assertions. As in that paper the writer is shown them.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codesearch.codet5p.writer import Decoding, Task
from codesearch.errors import EvaluationFolderInvalid, ProblemsUnreadable
from codesearch.evaluation.generation.pass_at_k import pass_at_k
from codesearch.evaluation.generation.report import ProblemsReport
from codesearch.evaluation.json_lines import rows_of
from codesearch.evaluation.sandbox import Limits, run_program
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch.codet5p.writer import Writer
    from codesearch.evaluation.generation.report import ProblemSettings
    from codesearch.evaluation.sandbox import Outcome
    from store import ProgressCallback

_PASS_AT = (1, 10, 100)  # as published, as far as there are samples
_QUOTES = ('"""', "'''")
# What a function is followed by at the left margin; a bracket there may close what was opened in it.
_NEXT_AT_MARGIN = re.compile(r"\n(?=[^\s)\]}])")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: `text` is what is asked in prose, `begun` the code to go on with or "".

    `before` and `after` are the code around a solution: what it needs, and what tests it.
    """

    id: str
    text: str
    begun: str
    before: str
    after: str

    def program(self, written: str) -> str:
        """Return the program that runs to its end when `written` is a solution."""
        solution = self.begun + _NEXT_AT_MARGIN.split(written, maxsplit=1)[0] if self.begun else written
        return f"{self.before}{solution}\n\n{self.after}\n"


def read_problems(path: Path, limit: int | None = None) -> list[Problem]:
    """Return the problems of a file, the first `limit`. Raises ProblemsUnreadable."""
    try:
        problems = [_problem(path, number, row) for number, row in enumerate(rows_of(path), 1)]
    except EvaluationFolderInvalid as error:
        raise ProblemsUnreadable(path, error.detail) from error
    if not problems:
        raise ProblemsUnreadable(path, "it is empty")
    return problems[:limit]


def evaluate_problems(
    path: Path, writer: Writer, model: str, settings: ProblemSettings, progress: ProgressCallback | None = None
) -> ProblemsReport:
    """Return how many problems of a file are solved. Raises ProblemsUnreadable and SandboxUnavailable."""
    started = time.perf_counter()
    problems = read_problems(path, settings.limit)
    limits = Limits(seconds=settings.seconds)
    passed: list[int] = []
    outcomes: list[Outcome] = []
    for number, problem in enumerate(problems, 1):
        tried = [run_program(problem.program(text), limits) for text in solutions(problem, writer, settings)]
        passed.append(sum(outcome.passed for outcome in tried))
        outcomes += tried
        if progress:
            progress(Progress("solve", number, len(problems)))
    return ProblemsReport(
        file=path.name,
        model=model,
        problems=len(problems),
        settings=settings,
        pass_at={f"pass@{k}": _mean(passed, settings.samples, k) for k in _PASS_AT if k <= settings.samples},
        verdicts=dict(Counter(outcome.verdict.value for outcome in outcomes)),
        protections=tuple(sorted(set.intersection(*(set(outcome.protections) for outcome in outcomes)))),
        seconds=time.perf_counter() - started,
    )


def solutions(problem: Problem, writer: Writer, settings: ProblemSettings) -> list[str]:
    """Return what is written for a problem, `settings.samples` texts: one greedily, several drawn."""
    found = []
    for sample in range(settings.samples):
        drawn = settings.samples > 1
        decoding = Decoding(
            max_tokens=settings.max_tokens,
            temperature=settings.temperature if drawn else None,
            top_p=settings.top_p if drawn else 1.0,
            seed=settings.seed + sample if drawn else None,
        )
        found.append(writer.write(Task.CODE, (problem.text,), decoding, prefix=problem.begun)[0].text)
    return found


def _mean(passed: Sequence[int], tries: int, k: int) -> float:
    return round(100.0 * sum(pass_at_k(tries, count, k) for count in passed) / len(passed), 2)


def _problem(path: Path, number: int, row: dict[str, Any]) -> Problem:
    try:
        if "test_list" in row:
            return _mbpp(row)
        begun = str(row["prompt"])
        test = f"{row['test']}\n\ncheck({row['entry_point']})"
        return Problem(str(row["task_id"]), _asked(begun, str(row["entry_point"])), begun, "", test)
    except KeyError as error:
        raise ProblemsUnreadable(path, f"line {number} has no field {error}, only {', '.join(sorted(row))}") from error


def _mbpp(row: dict[str, Any]) -> Problem:
    text = str(row["text"] if "text" in row else row["prompt"])
    tests = [str(test) for test in row["test_list"]]
    before = "\n".join([*map(str, row.get("test_imports", ())), str(row.get("test_setup_code", ""))]).strip()
    return Problem(
        str(row["task_id"]), "\n".join([text, *tests]), "", f"{before}\n" if before else "", "\n".join(tests)
    )


def _asked(begun: str, name: str) -> str:
    """Return the docstring of the function `name` in the code that was begun, as one line; without one, the name."""
    body = begun[begun.rfind(f"def {name}") :]
    for quotes in _QUOTES:
        _, opening, rest = body.partition(quotes)
        if opening:
            return " ".join(rest.partition(quotes)[0].split())
    return name.replace("_", " ")
