"""The part of the public API that asks for code that is not there yet: `CodeSearch.generate`.

How it is done is `recipe`; here it gets what the engine has: its search and its model.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codesearch.query_syntax import parse_query, without_filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.generation.answer import GeneratedAnswer, GenerationSettings, Watch
    from codesearch.generation.local import LocalAuthor
    from codesearch.models import Models
    from codesearch.repositories import Repositories
    from codesearch.results import Match, SearchResults
    from store import Filters, ProgressCallback


class _Engine(Protocol):
    """What this method needs of the class that has it."""

    _repositories: Repositories
    _models: Models

    def search(
        self,
        query: str,
        paths: Sequence[Path] = (),
        *,
        top_k: int = 10,
        filters: Filters | None = None,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
    ) -> SearchResults: ...


class GenerationQuestion:
    """The method of `CodeSearch` that writes."""

    def generate(  # noqa: PLR0913 - keyword-only, as in `search`
        self: _Engine,
        prompt: str,
        paths: Sequence[Path] = (),
        *,
        settings: GenerationSettings | None = None,
        filters: Filters | None = None,
        refresh: bool = True,
        progress: ProgressCallback | None = None,
        watch: Watch | None = None,
    ) -> GeneratedAnswer:
        """Return code for the prompt, by a writer that reads the functions below `paths` that are found for it.

        The model's decoder writes, or a server if `settings.generator` names one: only then is anything sent anywhere.
        `filters`, and those inside the prompt, say what is searched, and their languages in which one to write; the
        writer does not read them. Raises what `search` raises, and those of `generation.errors`; a model without a
        decoder is no error but an answer without a text.
        """
        from codesearch.generation import recipe
        from codesearch.generation.answer import GenerationSettings, Watch

        asked = parse_query(prompt, filters)
        prompt = without_filters(prompt)

        def search(count: int, functions: Filters) -> Sequence[Match]:
            query = prompt.replace('"', " ")  # in a search, quotes would insist on the phrase
            found = self.search(query, paths, top_k=count, filters=functions, refresh=refresh, progress=progress)
            return found.matches

        def local() -> LocalAuthor:
            from codesearch.codet5p import Task
            from codesearch.generation.local import LocalAuthor

            home = self._repositories.find((*paths, Path.cwd())[0])
            return LocalAuthor(self._models.writer(home, Task.CODE), self._models.name_for(home))

        request = recipe.Request(prompt, settings or GenerationSettings(), asked.filters)
        return recipe.generate(request, search, recipe.opener(request.settings, local), watch or Watch())
