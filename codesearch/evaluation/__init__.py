"""How good is it? The search on judged sets and real repositories, the matching head, what the decoder writes.

`CodeSearch` has a method for each; what they are asked and say, beyond the reports in `codesearch`, is here, and what
can be done with reports that were kept:

    WritingSettings, GenerationReport   `CodeSearch.evaluate_generation`
    ProblemSettings, ProblemsReport     `CodeSearch.evaluate_problems`
    RepositoriesReport                  `CodeSearch.evaluate_repositories`
    keep_run, read_run, kept_runs       runs of the search, in files
    compare_runs, Comparison            two of them, query by query
    draw_history                        a metric over time

Importing this package loads nothing heavy; a name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codesearch.evaluation.comparison import FAVOURITE_METRICS, Comparison, QueryChange, compare_runs
    from codesearch.evaluation.generation.report import (
        GenerationReport,
        ProblemSettings,
        ProblemsReport,
        WritingSettings,
    )
    from codesearch.evaluation.history import draw_history
    from codesearch.evaluation.report import RepositoriesReport, RepositoryFigures
    from codesearch.evaluation.runs import Run, keep_run, kept_runs, read_run

__all__ = [
    "FAVOURITE_METRICS",
    "Comparison",
    "GenerationReport",
    "ProblemSettings",
    "ProblemsReport",
    "QueryChange",
    "RepositoriesReport",
    "RepositoryFigures",
    "Run",
    "WritingSettings",
    "compare_runs",
    "draw_history",
    "keep_run",
    "kept_runs",
    "read_run",
]

_HOMES = {
    "FAVOURITE_METRICS": ".comparison",
    "Comparison": ".comparison",
    "GenerationReport": ".generation.report",
    "ProblemSettings": ".generation.report",
    "ProblemsReport": ".generation.report",
    "QueryChange": ".comparison",
    "RepositoriesReport": ".report",
    "RepositoryFigures": ".report",
    "Run": ".runs",
    "WritingSettings": ".generation.report",
    "compare_runs": ".comparison",
    "draw_history": ".history",
    "keep_run": ".runs",
    "kept_runs": ".runs",
    "read_run": ".runs",
}

__getattr__ = lazy_names(__name__, _HOMES)
