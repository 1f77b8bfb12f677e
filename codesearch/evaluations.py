"""The part of the public API that measures: the search, the matching head, what the decoder writes.

How each is measured is in `evaluation`. Kept apart from `engine`, whose class has these methods, because that one is
about repositories and searching them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codesearch.results import Mode, RerankedMode
from store import Library, ProgressCallback

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch.evaluation.generation.report import (
        GenerationReport,
        ProblemSettings,
        ProblemsReport,
        WritingSettings,
    )
    from codesearch.evaluation.report import EvaluationReport, MatchingReport
    from codesearch.models import Models

KEPT = "evaluation"  # the folder below the library's where what is embedded for an evaluation is kept


class _Engine(Protocol):
    """What these methods need of the class that has them."""

    library_folder: Path
    _models: Models


class Evaluations:
    """Methods of `CodeSearch` that measure."""

    def evaluate(
        self: _Engine,
        folder: Path,
        modes: Sequence[Mode | RerankedMode] = tuple(Mode),
        *,
        progress: ProgressCallback | None = None,
        limit: int | None = None,
        code_field: str = "code",
    ) -> EvaluationReport:
        """Measure the search on a judged set (see `evaluation.judged_set`): MRR, NDCG and recall at 10.

        The documents are embedded once and kept below the library's folder. Raises EvaluationFolderInvalid, and
        CapabilityMissing for a mode that is reranked by a model without a matching head.
        """
        from codesearch.evaluation.judged_set import read_judged_set
        from codesearch.evaluation.retrieval import evaluate_retrieval

        judged = read_judged_set(folder, code_field, limit)
        matcher = self._models.matcher() if any(isinstance(mode, RerankedMode) for mode in modes) else None
        with Library.open(self.library_folder / KEPT) as library:
            repository = library.repository(folder.resolve() / code_field)
            return evaluate_retrieval(judged, repository, self._models.encoder(), matcher, modes, progress)

    def evaluate_matching(
        self: _Engine,
        folder: Path,
        *,
        progress: ProgressCallback | None = None,
        limit: int | None = None,
        code_field: str = "code",
    ) -> MatchingReport:
        """Measure the model's matching head on judged pairs (see `evaluation.judged_pairs`); without one, the cosine.

        Nothing is kept but the graphs of the model. Raises EvaluationFolderInvalid.
        """
        from codesearch.evaluation.judged_pairs import read_judged_pairs
        from codesearch.evaluation.matching import evaluate_matching

        judged = read_judged_pairs(folder, code_field, limit)
        return evaluate_matching(judged, self._models.encoder(), self._models.matcher_if_any(), progress)

    def evaluate_generation(
        self: _Engine,
        corpus: Path,
        settings: WritingSettings | None = None,
        *,
        progress: ProgressCallback | None = None,
        written: Path | None = None,
    ) -> GenerationReport:
        """Measure what the decoder writes for a corpus's held-out functions, with and without retrieval.

        Every answer goes to the file `written`, where one is named. The vectors of what can be retrieved are kept below
        the library's folder. Raises HeldOutMissing and CapabilityMissing.
        """
        from codesearch.evaluation.generation.evaluate import Answering, evaluate_generation
        from codesearch.evaluation.generation.report import WritingSettings

        folder = self.library_folder / KEPT
        answering = Answering(self._models.encoder(), self._models.writer(), folder)
        return evaluate_generation(corpus, answering, settings or WritingSettings(), progress, written)

    def evaluate_problems(
        self: _Engine, path: Path, settings: ProblemSettings | None = None, *, progress: ProgressCallback | None = None
    ) -> ProblemsReport:
        """Measure how many problems (a file as of HumanEval or MBPP) the decoder solves, running what it writes.

        Raises ProblemsUnreadable, CapabilityMissing and SandboxUnavailable; see `evaluation.sandbox` for the risk.
        """
        from codesearch.evaluation.generation.problems import evaluate_problems
        from codesearch.evaluation.generation.report import ProblemSettings

        model = self._models.encoder().fingerprint
        return evaluate_problems(path, self._models.writer(), model, settings or ProblemSettings(), progress)
