"""Asking questions about real repositories, as a user would: index a checkout, search it, see where the answers stand.

Everything goes through the engine's own `index` and `search`. Which results are right is decided by `truth`, what that
is worth by `hit_metrics`; how questions are read is in `question_files`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codesearch.errors import CheckoutsMissing, FileNotSearched, LineMissing, NoDefinitionHere, PathMissing
from codesearch.evaluation.checkouts import revision_of
from codesearch.evaluation.figures import Row, intervals_of, latency_of, means_by_group, means_of, values_of
from codesearch.evaluation.hit_metrics import hit_metrics
from codesearch.evaluation.intervals import strata_of
from codesearch.evaluation.report import AskedQuery, RepositoriesReport, RepositoryFigures
from codesearch.evaluation.truth import hits_of
from codesearch.reading import Spot, definition_at
from codesearch.results import RERANKED, Mode, RerankedMode
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch.engine import CodeSearch
    from codesearch.evaluation.question_files import Question, RepositoryQuestions
    from codesearch.evaluation.report import Figures
    from codesearch.evaluation.truth import RelevantPlace
    from codesearch.repositories import Repositories
    from store import ProgressCallback, Repository

CUTOFF = 10

# Results of a search that are looked at: of many functions in few files, this many are needed to see ten files.
RESULTS = 100

_NOWHERE = (FileNotSearched, LineMissing, NoDefinitionHere, PathMissing)


@dataclass(frozen=True, slots=True)
class RepositoryTest:
    """What is asked of which engine: `repositories` are those that the engine searches, `questions` are in `folder`."""

    engine: CodeSearch
    repositories: Repositories
    folder: Path
    questions: Sequence[RepositoryQuestions]
    modes: Sequence[Mode | RerankedMode]
    cutoff: int = CUTOFF

    def __post_init__(self) -> None:
        if any(isinstance(mode, RerankedMode) and mode.replacing for mode in self.modes):
            raise ValueError("a search does not let a matching head replace its order")

    @property
    def lexical_only(self) -> bool:
        """Whether nothing needs to be embedded."""
        return all(mode == Mode.LEXICAL for mode in self.modes)


@dataclass(slots=True)
class _Answers:
    """What has been measured so far; rows and seconds by mode, in the order of `asked`."""

    asked: list[AskedQuery] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    repositories: list[RepositoryFigures] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    other_revisions: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)


def evaluate_repositories(
    test: RepositoryTest, checkouts: Path, progress: ProgressCallback | None = None
) -> RepositoriesReport:
    """Return the figures of the questions; repositories that `checkouts` does not have are left out and named.

    Raises CheckoutsMissing when there is not a single one, and the errors of `index` and `search`.
    """
    started = time.perf_counter()
    present = [one for one in test.questions if (checkouts / one.name / one.searched).is_dir()]
    missing = [one.name for one in test.questions if one not in present]
    if not present:
        raise CheckoutsMissing(checkouts, tuple(missing))
    answers = _Answers()
    total = sum(len(one.questions) for one in present)
    for one in present:
        _ask_repository(test, one, (checkouts / one.name).resolve(), answers, progress)
        if progress:
            progress(Progress("ask", len(answers.asked), total))
    report = _report(test, answers)
    return replace(report, missing=missing, seconds=time.perf_counter() - started)


def _report(test: RepositoryTest, answers: _Answers) -> RepositoriesReport:
    strata = strata_of([query.repository for query in answers.asked])
    categories = [[query.category] for query in answers.asked]
    languages = [[one.language] for one in answers.repositories]
    rows = answers.rows
    return RepositoriesReport(
        set=test.folder.resolve().name,
        queries=len(answers.asked),
        model="" if test.lexical_only else ", ".join(sorted(answers.models)),
        modes={mode: means_of(its, strata) for mode, its in rows.items()},
        intervals={mode: intervals_of(its, strata) for mode, its in rows.items()},
        latency={mode: latency_of(its) for mode, its in answers.seconds.items()},
        by_category={mode: means_by_group(its, categories) for mode, its in rows.items()},
        by_language={
            mode: means_by_group([one.modes[mode] for one in answers.repositories], languages) for mode in rows
        },
        repositories=answers.repositories,
        other_revisions=answers.other_revisions,
        unresolved=answers.unresolved,
        asked=answers.asked,
        values={mode: values_of(its) for mode, its in rows.items()},
    )


def _ask_repository(
    test: RepositoryTest,
    asked: RepositoryQuestions,
    checkout: Path,
    answers: _Answers,
    progress: ProgressCallback | None,
) -> None:
    """Index one repository and ask it everything, in each mode; add what comes of it to the answers."""
    root = checkout / asked.searched
    indexed = test.engine.index(root, progress=progress, lexical_only=test.lexical_only)
    repository = test.repositories.known(root)
    questions = [_resolved(question, repository, checkout, answers.unresolved) for question in asked.questions]
    modes: dict[str, Figures] = {}
    latency: dict[str, Figures] = {}
    for mode in test.modes:
        _ask(test, questions[0], mode, checkout, root)  # loads what is loaded once: no question's own time
        asking = [_ask(test, question, mode, checkout, root) for question in questions]
        rows, seconds = [row for row, _ in asking], [took for _, took in asking]
        modes[str(mode)], latency[str(mode)] = means_of(rows), latency_of(seconds)
        answers.rows[str(mode)] += rows
        answers.seconds[str(mode)] += seconds
    answers.models.add(repository.model)
    if asked.revision and revision_of(checkout) not in (None, asked.revision):
        answers.other_revisions.append(asked.name)
    answers.asked += [
        AskedQuery(f"{asked.name}:{number}", question.text, asked.name, question.category, asked.language)
        for number, question in enumerate(questions, 1)
    ]
    answers.repositories.append(
        RepositoryFigures(
            name=asked.name,
            language=asked.language,
            queries=len(questions),
            files=indexed.added + indexed.changed + indexed.unchanged,
            indexed_files=indexed.added + indexed.changed,
            definitions=repository.totals().definitions,
            passages=repository.totals().passages,
            index_seconds=round(indexed.seconds, 3),
            modes=modes,
            latency=latency,
        )
    )


def _ask(
    test: RepositoryTest, question: Question, mode: Mode | RerankedMode, checkout: Path, root: Path
) -> tuple[Row, float]:
    """Return the metrics of one question in one mode, and how long the search took, in seconds."""
    reranked, searched = (mode, mode.mode) if isinstance(mode, RerankedMode) else (None, mode)
    found = test.engine.search(
        question.text,
        [root],
        top_k=RESULTS,
        mode=searched,
        refresh=False,
        rerank=reranked is not None,
        rerank_k=reranked.candidates if reranked else RERANKED,
    )
    results = [
        ((match.root / match.path).relative_to(checkout).as_posix(), match.definition) for match in found.matches
    ]
    return hit_metrics(hits_of(results, question.places), len(question.places), test.cutoff), found.seconds


def _resolved(question: Question, repository: Repository, checkout: Path, unresolved: list[str]) -> Question:
    """Return the question with the definitions that its lines are in; lines in none are added to `unresolved`."""
    if all(place.line is None for place in question.places):
        return question
    places = [_resolved_place(place, repository, checkout) for place in question.places]
    unresolved += [f"{checkout.name}/{place}" for place in places if place.line is not None and place.lines is None]
    return replace(question, places=tuple(places))


def _resolved_place(place: RelevantPlace, repository: Repository, checkout: Path) -> RelevantPlace:
    path = (checkout / place.path).resolve()
    if place.line is None or not path.is_file() or not path.is_relative_to(repository.root):
        return place
    try:
        meant = definition_at(repository, Spot(path, place.line, place.line)).definition
    except _NOWHERE:
        return place
    return replace(place, lines=(meant.start_line, meant.end_line))
