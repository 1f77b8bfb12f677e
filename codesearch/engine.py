"""The engine behind the public API: it wires the library, the indexer, the model and the search together.

Every step is somewhere else: what is kept in `store`, which functions there are in `indexer`, how candidates are found
and fused in `search`, what a model is in `codet5p`. Heavy things (database, model) are opened when first needed.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import platformdirs

from codesearch.errors import EmptyQuery, NotIndexed, PathMissing
from codesearch.results import Coverage, Match, Mode, ModelChange, RepositoryStatus, SearchResults, SkippedFile
from codesearch.search import Place, find
from indexer import IndexReport, index_repository
from store import Filters, Library, ProgressCallback, Repository, StoredDefinition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from codesearch.codet5p import LoadedEncoder, ModelStatus, VerificationReport
    from codesearch.evaluation.report import EvaluationReport, MatchingReport
    from codesearch.fusion import FusedCandidate

LIBRARY_VARIABLE = "CODESEARCH_LIBRARY"
AUTOMATIC_MODEL = "auto"


class CodeSearch:
    """Semantic code search over the repositories on this machine.

    `library` is the folder where indexes are kept; without one it is that of the variable CODESEARCH_LIBRARY, else the
    platform's data folder. `model` is the name of a model, a folder with a checkpoint, or "auto": the model that a
    repository was indexed with, and the bundled one for a new repository.

    A CodeSearch keeps its database and model open; use it as a context manager, or call `close`.
    """

    def __init__(self, library: Path | None = None, model: str = AUTOMATIC_MODEL) -> None:
        self.library_folder = library or default_library_folder()
        self._model = model
        self._opened_library: Library | None = None
        self._encoders: dict[str, LoadedEncoder] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the library."""
        if self._opened_library is not None:
            self._opened_library.close()
            self._opened_library = None

    def index(self, path: Path, *, progress: ProgressCallback | None = None, lexical_only: bool = False) -> IndexReport:
        """Bring the index of the repository that `path` belongs to up to date; only what changed is worked on.

        A folder that lies in no known repository becomes one. With `lexical_only` nothing is embedded.
        Raises PathMissing, RepositoryBusy, and the errors of the library and the model.
        """
        repository = self._repository(path) or self._library.repository(_root_for(path))
        encoder = None if lexical_only else self._encoder_for(repository)
        return index_repository(repository, encoder, progress)

    def search(  # noqa: PLR0913 - keyword-only, each one a habit of its own
        self,
        query: str,
        paths: Sequence[Path] = (),
        *,
        top_k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters | None = None,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
    ) -> SearchResults:
        """Return the definitions below `paths` (default: the current folder) that answer the query, best first.

        What is not indexed is indexed first and what changed is brought up to date, unless `refresh` is false: then
        the index is searched as it is. Raises EmptyQuery, PathMissing, NotIndexed (with `refresh=False`), and the
        errors of the library and the model.
        """
        if not any(character.isalnum() for character in query):
            raise EmptyQuery
        places = self._places(paths or (Path.cwd(),), refresh)
        if refresh:
            for repository, _ in places:
                self.index(repository.root, progress=progress, lexical_only=mode == Mode.LEXICAL)
        started = time.perf_counter()
        searched = [
            Place(
                repository,
                replace(filters or Filters(), below=below),
                None if mode == Mode.LEXICAL else self._encoder_for(repository),
            )
            for repository, below in places
        ]
        matches = tuple(_match(candidate, stored) for candidate, stored in find(query, searched, mode)[:top_k])
        coverage = self._coverage([repository for repository, _ in places], stale=not refresh)
        return SearchResults(query, mode, matches, coverage, time.perf_counter() - started)

    def status(self, path: Path | None = None) -> list[RepositoryStatus]:
        """Return what the library holds of the repository of `path`, or of every repository.

        Raises PathMissing, and NotIndexed when `path` is in no repository.
        """
        if path is None:
            return [_status_of(repository) for repository in self._library.repositories()]
        return [_status_of(self._known_repository(path))]

    def skipped_files(self, path: Path) -> list[SkippedFile]:
        """Return the files of the repository of `path` that are not searched, with the reason of each."""
        return [SkippedFile(file, reason) for file, reason in self._known_repository(path).skipped_files().items()]

    def clear(self, path: Path | None = None) -> list[Path]:
        """Remove the repository of `path`, or every repository, from the library; return their roots.

        The source files themselves are never touched.
        """
        known = self._library.repositories() if path is None else [self._known_repository(path)]
        roots = [repository.root for repository in known]
        return [root for root in roots if self._library.remove(root)]

    def model_change(self, path: Path) -> ModelChange | None:
        """Return what indexing `path` would replace, if its embeddings are of another model than the one to be used."""
        repository = self._repository(path)
        if repository is None or not repository.model:
            return None
        wanted = self._encoder_for(repository).fingerprint
        if repository.model == wanted:
            return None
        return ModelChange(repository.root, repository.model, wanted, repository.totals().passages)

    def models(self) -> list[ModelStatus]:
        """Return the models that this program knows, with whether and where each is on this machine."""
        from codesearch.codet5p import list_models

        return list_models()

    def verify_model(self, name: str) -> VerificationReport:
        """Compute the golden values of a model on this machine and compare. Raises ModelNotFound."""
        from codesearch.codet5p import verify

        return verify(name)

    def evaluate(
        self,
        folder: Path,
        modes: Sequence[Mode] = tuple(Mode),
        *,
        progress: ProgressCallback | None = None,
        limit: int | None = None,
        code_field: str = "code",
    ) -> EvaluationReport:
        """Measure the search on a judged set (see `evaluation.judged_set`): MRR, NDCG and recall at 10.

        The documents are embedded once and kept below the library's folder. Raises EvaluationFolderInvalid.
        """
        from codesearch.evaluation.judged_set import read_judged_set
        from codesearch.evaluation.retrieval import evaluate_retrieval

        judged = read_judged_set(folder, code_field, limit)
        with Library.open(self.library_folder / "evaluation") as library:
            repository = library.repository(folder.resolve() / code_field)
            return evaluate_retrieval(judged, repository, self._encoder(self._model), modes, progress)

    def evaluate_matching(
        self,
        folder: Path,
        *,
        progress: ProgressCallback | None = None,
        limit: int | None = None,
        code_field: str = "code",
    ) -> MatchingReport:
        """Measure the model's matching head on judged pairs (see `evaluation.judged_pairs`); without one, the cosine.

        Nothing is kept. Loads torch where there is a head. Raises EvaluationFolderInvalid.
        """
        from codesearch.codet5p import load_matcher
        from codesearch.codet5p.errors import CapabilityMissing
        from codesearch.evaluation.judged_pairs import read_judged_pairs
        from codesearch.evaluation.matching import evaluate_matching

        judged = read_judged_pairs(folder, code_field, limit)
        try:
            matcher = load_matcher(self._model)
        except CapabilityMissing:
            matcher = None
        return evaluate_matching(judged, self._encoder(self._model), matcher, progress)

    @property
    def _library(self) -> Library:
        if self._opened_library is None:
            self._opened_library = Library.open(self.library_folder)
        return self._opened_library

    def _repository(self, path: Path) -> Repository | None:
        """Return the repository that `path` belongs to, if it is in the library. Raises PathMissing."""
        if not path.exists():
            raise PathMissing(path)
        return self._library.find(path)

    def _known_repository(self, path: Path) -> Repository:
        repository = self._repository(path)
        if repository is None:
            raise NotIndexed(path)
        return repository

    def _places(self, paths: Sequence[Path], create: bool) -> list[tuple[Repository, tuple[str, ...]]]:
        """Return each repository that the paths belong to, with what of it is searched; () stands for all of it."""
        places: dict[Path, tuple[Repository, list[str]]] = {}
        for path in paths:
            if create:
                repository = self._repository(path) or self._library.repository(_root_for(path))
            else:
                repository = self._known_repository(path)
            below = path.resolve().relative_to(repository.root).as_posix()
            places.setdefault(repository.root, (repository, []))[1].append(below)
        return [(repository, () if "." in below else tuple(below)) for repository, below in places.values()]

    def _coverage(self, repositories: Sequence[Repository], stale: bool) -> Coverage:
        totals = [repository.totals() for repository in repositories]
        return Coverage(
            definitions=sum(one.definitions for one in totals),
            passages=sum(one.passages for one in totals),
            embedded_passages=sum(one.embedded for one in totals),
            indexed_at=min((one.indexed_at for one in totals if one.indexed_at), default=None),
            stale=stale,
        )

    def _encoder_for(self, repository: Repository) -> LoadedEncoder:
        """Return the encoder asked for, else the one that the repository was indexed with."""
        from codesearch.codet5p import name_in_fingerprint

        if self._model == AUTOMATIC_MODEL and repository.model:
            return self._encoder(name_in_fingerprint(repository.model))
        return self._encoder(self._model)

    def _encoder(self, name: str) -> LoadedEncoder:
        if name not in self._encoders:
            from codesearch.codet5p import load_encoder

            self._encoders[name] = load_encoder(name, cache_folder=self.library_folder / "runtimes")
        return self._encoders[name]


def default_library_folder() -> Path:
    """Return the folder where indexes are kept when none is given."""
    configured = os.environ.get(LIBRARY_VARIABLE)
    return Path(configured).expanduser() if configured else platformdirs.user_data_path("codesearch", appauthor=False)


def _match(candidate: FusedCandidate, stored: StoredDefinition) -> Match:
    definition = stored.definition
    return Match(
        root=stored.root,
        path=stored.path,
        language=stored.language,
        definition=definition,
        score=candidate.score,
        lexical_rank=candidate.lexical_rank,
        dense_rank=candidate.dense_rank,
        similarity=candidate.similarity,
        focus_lines=candidate.focus_lines or (definition.start_line, definition.end_line),
    )


def _status_of(repository: Repository) -> RepositoryStatus:
    statistics = repository.statistics()
    return RepositoryStatus(
        root=repository.root,
        files=statistics.files,
        skipped=statistics.skipped,
        definitions={kind.value: count for kind, count in statistics.definitions.items()},
        passages=statistics.passages,
        embedded_passages=statistics.embedded,
        model=repository.model,
        indexed_at=statistics.indexed_at,
    )


def _root_for(path: Path) -> Path:
    """Return the folder that becomes a repository: the folder itself, or the folder that holds the file."""
    resolved = path.resolve()
    return resolved if resolved.is_dir() else resolved.parent
