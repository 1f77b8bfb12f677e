"""The part of the public API that asks about code that is there: `similar`, `explain` and `complete`.

Finding what is meant is `reading`; the answers are those of `similar`, `explaining` and `completing`. Kept apart from
`engine`, whose class has these methods, because that one is about repositories and searching them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codesearch.errors import LineNotGiven
from codesearch.repositories import coverage_of
from codesearch.results import CompletedCode, ExplainedDefinition, Mode, SearchResults, SimilarDefinitions
from store import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch.models import Models
    from codesearch.repositories import Repositories
    from store import ProgressCallback, Repository


class _Engine(Protocol):
    """What these methods need of the class that has them."""

    _repositories: Repositories
    _models: Models

    def index(self, path: Path, *, progress: ProgressCallback | None = None, lexical_only: bool = False) -> object: ...


class DefinitionQuestions:
    """Methods of `CodeSearch` whose first argument says where: `FILE:LINE` as grep and editors print it, or a name."""

    def similar(
        self: _Engine,
        where: str,
        paths: Sequence[Path] = (),
        *,
        top_k: int = 10,
        filters: Filters | None = None,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
    ) -> SimilarDefinitions:
        """Return the definitions below `paths` (default: the current folder) that are most like the one at `where`.

        Indexes as `search` does. Raises what `search` raises, and LineNotGiven, LineMissing, NoDefinitionHere,
        FileNotSearched, SymbolUnknown and SymbolAmbiguous.
        """
        from codesearch.reading import as_match, locate
        from codesearch.similar import similar_to

        refresher = _refresher(self, progress) if refresh else None
        located = locate(where, paths or (Path.cwd(),), self._repositories, refresher)
        started = time.perf_counter()
        matches = similar_to(located, self._models.encoder, filters or Filters(), top_k)
        models = [(repository, self._models.encoder(repository).fingerprint) for repository, _ in located.parts]
        coverage = coverage_of(models, stale=not refresh)
        results = SearchResults(where, Mode.DENSE, tuple(matches), coverage, time.perf_counter() - started)
        return SimilarDefinitions(as_match(located.meant), results)

    def explain(
        self: _Engine,
        where: str,
        paths: Sequence[Path] = (),
        *,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
    ) -> ExplainedDefinition:
        """Return what the model's decoder says of the definition at `where`, in one line.

        A name is looked for below `paths` (default: the current folder). Nothing is embedded for it. Raises
        CapabilityMissing when the model has no decoder for it, and what `similar` raises.
        """
        from codesearch.codet5p import Task
        from codesearch.explaining import explain
        from codesearch.reading import locate, read_spot

        spot = read_spot(where)
        known = _known(self, spot.path if spot else (*paths, Path.cwd())[0])
        self._models.writer(known, Task.SUMMARY)  # or fail before indexing
        refresher = _refresher(self, progress, lexical_only=True) if refresh else None
        located = locate(where, () if spot else paths or (Path.cwd(),), self._repositories, refresher)
        writer = self._models.writer(located.home, Task.SUMMARY)
        return explain(located.meant, writer, self._models.name_for(located.home))

    def complete(
        self: _Engine,
        where: str,
        paths: Sequence[Path] = (),
        *,
        lines: int = 1,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
    ) -> CompletedCode:
        """Return how the code goes on after the line `where` (`FILE:LINE`): its rest, up to `lines` lines.

        The decoder continues the definition that the line is in, beside the code of one below `paths` (default: the
        file's repository) that is like it. Raises LineNotGiven for a name, CapabilityMissing when the model has no
        decoder, and what `similar` raises, but for the errors of names.
        """
        from codesearch.codet5p import Task
        from codesearch.completing import Question, complete
        from codesearch.reading import home_of, read_spot

        spot = read_spot(where)
        if spot is None:
            raise LineNotGiven(Path(where))
        self._models.writer(_known(self, spot.path), Task.COMPLETION)
        home = home_of(spot.path, self._repositories, create=refresh)
        parts = tuple(self._repositories.parts(paths, create=refresh)) or ((home, ()),)
        if refresh:
            for root in dict.fromkeys([home.root, *(repository.root for repository, _ in parts)]):
                self.index(root, progress=progress)
        question = Question(spot, home, parts, lines)
        writer = self._models.writer(home, Task.COMPLETION)
        return complete(question, self._models.encoder, writer, self._models.name_for(home))


def _refresher(
    engine: _Engine, progress: ProgressCallback | None, *, lexical_only: bool = False
) -> Callable[[Repository], object]:
    if not lexical_only:
        return lambda repository: engine.index(repository.root, progress=progress)
    from indexer import index_repository  # by words, without waiting for summaries of other definitions

    return lambda repository: index_repository(repository, None, progress)


def _known(engine: _Engine, path: Path) -> Repository | None:
    """Return the repository of a path, if it is in the library. Raises PathMissing."""
    return engine._repositories.find(path)
