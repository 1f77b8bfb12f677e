"""The part of the public API that measures: the search, the matching head, what the decoder writes.

How each is measured is in `evaluation`. Kept apart from `engine`, whose class has these methods, because that one is
about repositories and searching them.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Protocol, cast

from codesearch.models import AUTOMATIC_MODEL, Models
from codesearch.repositories import Repositories
from codesearch.results import Mode, RerankedMode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch.engine import CodeSearch
    from codesearch.evaluation.generation.report import (
        GenerationReport,
        ProblemSettings,
        ProblemsReport,
        WritingSettings,
    )
    from codesearch.evaluation.report import EvaluationReport, MatchingReport, RepositoriesReport
    from store import ProgressCallback

KEPT = "evaluation"  # the folder below the library's where what is embedded for an evaluation is kept

WITH_SUMMARIES = " with summaries"  # in the name of the documents that have them


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
        summaries: bool = False,
    ) -> EvaluationReport:
        """Measure the search on a judged set (see `evaluation.judged_set`): MRR, NDCG and recall at 10.

        The documents are embedded once and kept below the library's folder. Of a set in a published format (see
        `evaluation.published_formats`) the modes dense and dense+replace rank as its paper does, and keep nothing.
        The mode lexical alone needs no model. With `summaries` documents without documentation are searched with what
        the decoder writes of them, those of a published set like others. Raises EvaluationFolderInvalid, and
        CapabilityMissing for summaries without a decoder and a mode that is reranked without a matching head.
        """
        from codesearch.evaluation.judged_set import read_judged_set
        from codesearch.evaluation.published_formats import read_published_set
        from codesearch.evaluation.published_ranking import Scorers, evaluate_published, is_published
        from codesearch.evaluation.retrieval import Measured, evaluate_retrieval, joined
        from store import Library

        published = read_published_set(folder, limit)
        judged = published.as_judged() if published else read_judged_set(folder, code_field, limit)
        matcher = self._models.matcher() if any(isinstance(mode, RerankedMode) for mode in modes) else None
        summariser = self._models.summariser() if summaries else None
        alone = [mode for mode in modes if published and is_published(mode) and not summaries]
        others = [mode for mode in modes if mode not in alone]
        encoder = None if set(modes) <= {Mode.LEXICAL} else self._models.encoder()
        reports = []
        if published and alone and encoder:
            reports.append(evaluate_published(published, Scorers(encoder, matcher), alone, progress))
        if others:
            with Library.open(self.library_folder / KEPT) as library:
                # beside the documents without summaries, so that one can be measured after the other
                kept = library.repository(folder.resolve() / f"{code_field}{WITH_SUMMARIES if summaries else ''}")
                measured = Measured(encoder, matcher, summariser)
                reports.append(evaluate_retrieval(judged, kept, measured, others, progress))
        return joined(reports, [str(mode) for mode in modes])

    def evaluate_repositories(
        self: _Engine,
        folder: Path,
        checkouts: Path,
        modes: Sequence[Mode | RerankedMode] = tuple(Mode),
        *,
        only: Sequence[str] = (),
        cutoff: int = 10,
        progress: ProgressCallback | None = None,
    ) -> RepositoriesReport:
        """Measure the search by questions to real repositories (see `evaluation.question_files`) in `checkouts`.

        They are indexed below the library's folder, which keeps them, as by `index`; "auto" is the default model there,
        whatever they were indexed with before. `only` names repositories; metrics count the first `cutoff` places.
        Raises EvaluationFolderInvalid, CheckoutsMissing, CapabilityMissing for a mode that is reranked by a model
        without a matching head, ValueError for one whose order is replaced, and what `index` raises.
        """
        from codesearch.evaluation.question_files import read_questions
        from codesearch.evaluation.repositories import RepositoryTest, evaluate_repositories

        questions = read_questions(folder, only)
        engine, repositories = _engine_apart(self, self.library_folder / KEPT)
        with engine:
            test = RepositoryTest(engine, repositories, folder, questions, modes, cutoff)
            return evaluate_repositories(test, checkouts, progress)

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


def _engine_apart(engine: _Engine, library_folder: Path) -> tuple[CodeSearch, Repositories]:
    """Return the engine on a library of its own, with the same models, and the repositories of that library."""
    apart = cast("CodeSearch", copy(engine))
    apart.library_folder = library_folder
    apart._repositories = Repositories(library_folder)
    if engine._models.choice == AUTOMATIC_MODEL:
        from codesearch.codet5p import automatic_model

        apart._models = Models(automatic_model(), engine._models.runtimes)
    return apart, apart._repositories
