"""The engine behind the public API: it wires the library, the indexer, the model and the search together.

Every step is somewhere else: what is kept in `store`, which functions there are in `indexer`, how candidates are found
and fused in `search`, what a model is in `codet5p`. Heavy things (database, model) are opened when first needed.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import platformdirs

from codesearch.definition_questions import DefinitionQuestions
from codesearch.evaluations import Evaluations
from codesearch.focus import focus_of
from codesearch.generation.question import GenerationQuestion
from codesearch.models import AUTOMATIC_MODEL, Models
from codesearch.phrases import filters_of
from codesearch.query_syntax import parse_query
from codesearch.refreshing import bring_up_to_date
from codesearch.repositories import Repositories, coverage_of, status_of
from codesearch.results import (
    RERANKED,
    Match,
    Mode,
    ModelChange,
    RepositoryStatus,
    SearchResults,
    SkippedFile,
)
from store import RepositoryBusy, likely_model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from codesearch.codet5p import ModelStatus, VerificationReport
    from codesearch.fusion import FusedCandidate
    from codesearch.query_syntax import ParsedQuery
    from codesearch.repositories import Part
    from codesearch.reranking import Reranker
    from indexer import IndexReport
    from store import Filters, ProgressCallback, Repository, StoredDefinition

LIBRARY_VARIABLE = "CODESEARCH_LIBRARY"

# Whether a matching head reads the best candidates unless a search says otherwise; not before it measures better.
RERANK_BY_DEFAULT = False


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, and what is to be said of the answer."""

    query: str
    asked: ParsedQuery
    top_k: int
    explain: bool
    stale: bool
    being_indexed: bool = False
    out_of_time: bool = False


class CodeSearch(DefinitionQuestions, GenerationQuestion, Evaluations):
    """Semantic code search over the repositories on this machine.

    `library` is the folder where indexes are kept; without one it is that of the variable CODESEARCH_LIBRARY, else the
    platform's data folder. `model` is the name of a model, a folder with a checkpoint, or "auto": the model that a
    repository was indexed with, and the bundled one for a new repository.

    What it can be asked about code that is there (`similar`, `explain`, `complete`) is `DefinitionQuestions`, and about
    code that is not (`generate`) `GenerationQuestion`. A CodeSearch keeps its database and model open; use it as a
    context manager, or call `close`.
    """

    def __init__(self, library: Path | None = None, model: str = AUTOMATIC_MODEL) -> None:
        self.library_folder = library or default_library_folder()
        self._repositories = Repositories(self.library_folder)
        self._models = Models(model, self.library_folder / "runtimes")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the library."""
        self._repositories.close()

    def index(
        self,
        path: Path,
        *,
        progress: ProgressCallback | None = None,
        lexical_only: bool = False,
        summaries: bool | None = None,
    ) -> IndexReport:
        """Bring the index of the repository that `path` belongs to up to date; only what changed is worked on.

        A folder that lies in no known repository becomes one. With `lexical_only` nothing is embedded. With `summaries`
        the model's decoder writes a line for every function without documentation, now and whenever one changes; False
        takes them out again, None leaves it as it was. Raises PathMissing, RepositoryBusy, CapabilityMissing (with
        `summaries` and no decoder), and the errors of the library and the model.
        """
        from indexer import index_repository

        # or fail before anything is changed
        summariser = self._models.summariser(self._repositories.find(path)) if summaries else None
        repository = self._repositories.known_or_new(path)
        encoder = None if lexical_only else self._models.encoder(repository)
        with repository.writing():
            if summaries is None:
                summariser = self._models.summariser_if_wanted(repository)
            elif not summaries:
                repository.summaries.end()
            return index_repository(repository, encoder, progress, summariser=summariser)

    def search(  # noqa: PLR0913 - keyword-only, each one a habit of its own
        self,
        query: str,
        paths: Sequence[Path] = (),
        *,
        top_k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters | None = None,
        refresh: bool = True,
        rerank: bool | None = None,
        rerank_k: int = RERANKED,
        explain: bool = False,
        progress: ProgressCallback | None = None,
        words_first: Callable[[SearchResults], None] | None = None,
        within: float | None = None,
    ) -> SearchResults:
        """Return the definitions below `paths` (default: the current folder) that answer the query, best first.

        What is not indexed is indexed first and what changed is brought up to date, unless `refresh` is false: then
        the index is searched as it is. With `rerank` the model's matching head reads the best `rerank_k` candidates
        and orders them anew (see `reranking`); None leaves that to `RERANK_BY_DEFAULT`. Filters and phrases inside the
        query count (see `query_syntax`). With `explain` each match says why it was found. `words_first` is called with
        an answer by words when `WORDS_FIRST_FROM` passages or more must be embedded before the answer asked for.
        Indexing ends after about `within` seconds (None: when it is done): then what there is answers, and the next
        search goes on. While another process is indexing the same repository, what it has done so far is searched.

        Raises EmptyQuery, OnlyFilters, LanguageUnknown, KindUnknown, PathMissing, NotIndexed (with `refresh=False`),
        CapabilityMissing (with `rerank=True` and no such head), and the errors of the library and the model.
        """
        asked = parse_query(query, filters)
        paths = paths or (Path.cwd(),)
        if mode != Mode.LEXICAL:
            self._models.prepare(partial(likely_model, self.library_folder, paths[0]))
        places = self._repositories.parts(paths, create=refresh)
        reranker = self._reranker(rerank, rerank_k, mode, places[0][0])
        question = _Question(query, asked, top_k, explain, stale=not refresh)
        if refresh:
            lexical = partial(self._answer, question, places, Mode.LEXICAL)
            between = (lambda: words_first(lexical())) if words_first else None
            models = None if mode == Mode.LEXICAL else self._models
            try:
                done = bring_up_to_date(places, models, progress, between, within)
                question = replace(question, stale=not done.read, out_of_time=not (done.read and done.embedded))
            except RepositoryBusy:
                question = replace(question, stale=True, being_indexed=True)
        return self._answer(question, places, mode, reranker)

    def _answer(
        self, question: _Question, places: Sequence[Part], mode: Mode, reranker: Reranker | None = None
    ) -> SearchResults:
        """Return the answer from what the library holds."""
        from codesearch.search import CANDIDATES, Place, find
        from codesearch.spelling import RespeltQuery, respell

        started = time.perf_counter()
        asked, top_k = question.asked, question.top_k
        searched = [
            Place(
                repository,
                filters_of(asked, repository, below),
                None if mode == Mode.LEXICAL else self._models.encoder(repository),
            )
            for repository, below in places
        ]
        respelt = RespeltQuery(asked) if mode == Mode.DENSE else respell(asked, searched)
        asked = respelt.asked
        limit = CANDIDATES if question.explain else top_k  # a score is explained beside all that were ranked with it
        found = find(asked.words, searched, mode, reranker, respelt.more_words, limit)
        matches = tuple(_match(asked.words, candidate, stored) for candidate, stored in found[:top_k])
        if question.explain:
            from codesearch.why_found import why_found

            reasons = why_found(asked.words, searched, mode, reranker, found, top_k)
            matches = tuple(replace(match, explanation=why) for match, why in zip(matches, reasons, strict=True))
        models = [None if place.encoder is None else place.encoder.fingerprint for place in searched]
        parts = zip((place.repository for place in searched), models, strict=True)
        coverage = coverage_of(
            parts,
            stale=question.stale,
            being_indexed=question.being_indexed,
            out_of_time=question.out_of_time,
        )
        seconds = time.perf_counter() - started
        return SearchResults(question.query, mode, matches, coverage, seconds, asked, respelt.corrections)

    def _reranker(self, wanted: bool | None, k: int, mode: Mode, repository: Repository) -> Reranker | None:
        """Return the reranker of one search: one head for all that it searches, so that its scores compare."""
        if wanted is None and RERANK_BY_DEFAULT and mode != Mode.LEXICAL:
            matcher = self._models.matcher_if_any(repository)
        else:
            matcher = self._models.matcher(repository) if wanted else None
        if matcher is None:
            return None
        from codesearch.reranking import Reranker

        return Reranker(matcher, k)

    def status(self, path: Path | None = None) -> list[RepositoryStatus]:
        """Return what the library holds of the repository of `path`, or of every repository.

        The folder of a repository may be gone. Raises PathMissing, and NotIndexed when `path` is in no repository.
        """
        if path is None:
            return [status_of(repository) for repository in self._repositories.library.repositories()]
        return [status_of(self._repositories.remembered(path))]

    def skipped_files(self, path: Path) -> list[SkippedFile]:
        """Return the files of the repository of `path` that are not searched, with the reason of each."""
        return [SkippedFile(file, reason) for file, reason in self._repositories.known(path).skipped_files().items()]

    def skip_reason(self, path: Path) -> str:
        """Return why a file or a folder is not searched; "" where it is. Raises PathMissing and NotIndexed."""
        from codesearch.reading import skip_reason

        repository = self._repositories.known(path)
        return skip_reason(repository, path.resolve().relative_to(repository.root).as_posix())

    def clear(self, path: Path | None = None) -> list[Path]:
        """Remove the repository of `path`, or every repository, from the library; return their roots.

        The folder of a repository may be gone. The source files themselves are never touched.
        """
        known = self._repositories.library.repositories() if path is None else [self._repositories.remembered(path)]
        roots = [repository.root for repository in known]
        return [root for root in roots if self._repositories.library.remove(root)]

    def model_change(self, path: Path) -> ModelChange | None:
        """Return what indexing `path` would replace, if its embeddings are of another model than the one to be used."""
        repository = self._repositories.find(path)
        if repository is None or not repository.model:
            return None
        wanted = self._models.encoder(repository).fingerprint
        if repository.model == wanted:
            return None
        return ModelChange(repository.root, repository.model, wanted, repository.totals().passages)

    def models(self) -> list[ModelStatus]:
        """Return the models that this program knows, with whether and where each is on this machine."""
        from codesearch.codet5p import list_models

        return list_models()

    def verify_model(self, name: str) -> VerificationReport:
        """Compute the golden values of a model on this machine and compare. Raises ModelNotFound."""
        from codesearch.codet5p.verify import verify

        return verify(name)


def default_library_folder() -> Path:
    """Return the folder where indexes are kept when none is given."""
    configured = os.environ.get(LIBRARY_VARIABLE)
    return Path(configured).expanduser() if configured else platformdirs.user_data_path("codesearch", appauthor=False)


def _match(query: str, candidate: FusedCandidate, stored: StoredDefinition) -> Match:
    definition = stored.definition
    passage = candidate.focus_lines or (definition.start_line, definition.end_line)
    return Match(
        root=stored.root,
        path=stored.path,
        language=stored.language,
        definition=definition,
        score=candidate.score,
        lexical_rank=candidate.lexical_rank,
        dense_rank=candidate.dense_rank,
        similarity=candidate.similarity,
        focus_lines=focus_of(query, definition, passage),
        matching=candidate.matching,
    )
