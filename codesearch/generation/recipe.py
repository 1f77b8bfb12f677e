"""From a prompt to code, on one page: retrieve, pack, write, check.

The search comes from the engine, who writes is `local` or `endpoint`, and what either is told of `context`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from codesearch.codet5p.errors import CapabilityMissing
from codesearch.generation.answer import Context, Draft, GeneratedAnswer, GenerationSettings, Reason, Watch
from codesearch.generation.citations import Citations, citations_in, code_in, prose_in
from codesearch.generation.context import Reader, Source, distinct, pack, sources_of
from codesearch.generation.usable import Verdict, judge
from store import Filters, Kind

if TYPE_CHECKING:
    from codesearch.results import Match

# Matches that are looked at for each function that is wanted: the others may be near-duplicates or too long.
MATCHES_PER_SOURCE = 4

FUNCTIONS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})


class Author(Reader, Protocol):
    """Who writes."""

    @property
    def name(self) -> str:
        """The model's name, or the server's host."""

    def write(
        self,
        context: Context,
        languages: Iterable[str],
        settings: GenerationSettings,
        on_text: Callable[[str], None] | None = None,
    ) -> list[Draft]:
        """Return what is written, the best first; `on_text` gets the pieces of a single one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: `filters` say what is searched, and their languages in which one to write."""

    prompt: str
    settings: GenerationSettings
    filters: Filters


Search = Callable[[int, Filters], Sequence["Match"]]
"""Returns so many matches of the prompt, functions alone by the filters."""


def opener(settings: GenerationSettings, local: Callable[[], Author]) -> Callable[[], Author]:
    """Return what brings the author: the server if the settings name one, else `local`.

    Raises GeneratorAddressInvalid.
    """
    if settings.generator is None:
        return local
    from codesearch.generation.endpoint import Endpoint

    endpoint = Endpoint.at(settings.generator, settings.generator_model)
    return lambda: endpoint


def generate(request: Request, search: Search, open_author: Callable[[], Author], watch: Watch) -> GeneratedAnswer:
    """Return what the author writes for the prompt and the functions that were found for it.

    A model without a decoder gives an answer without a text. Raises what `search` and the author raise.
    """
    started = time.perf_counter()
    sources = _retrieve(request, search)
    searched = time.perf_counter()
    found = tuple(source.match for source in sources[: request.settings.retrieve])
    try:
        author = open_author()
    except CapabilityMissing as error:
        nothing = Context(request.prompt, (), (), 0, 0)
        return GeneratedAnswer(
            prompt=request.prompt,
            text=None,
            code="",
            language="",
            reason=Reason.NO_DECODER,
            found=found,
            context=nothing,
            writer=error.name,
            seconds_searching=searched - started,
        )
    context = pack(request.prompt, sources, author, request.settings.retrieve)
    if watch.on_context is not None:
        watch.on_context(context, author.name)
    languages = _languages(request.filters, context)
    drafts = author.write(context, languages, request.settings, watch.on_text)
    (text, cut_at), verdict = _best(drafts, languages)
    citations = citations_in(text, len(context.sources)) if request.settings.generator else Citations((), ())
    return GeneratedAnswer(
        prompt=request.prompt,
        text=text,
        code=code_in(text),
        language=verdict.language,
        reason=verdict.reason,
        found=found,
        context=context,
        writer=author.name,
        citations=citations.valid,
        false_citations=citations.invalid,
        remarks=prose_in(text),
        cut_at=cut_at,
        seconds_searching=searched - started,
        seconds_writing=time.perf_counter() - searched,
    )


def _retrieve(request: Request, search: Search) -> list[Source]:
    wanted = request.settings.retrieve
    if not wanted:
        return []
    filters = replace(request.filters, kinds=(FUNCTIONS & request.filters.kinds) or FUNCTIONS)
    return distinct(sources_of(search(wanted * MATCHES_PER_SOURCE, filters)))


def _languages(filters: Filters, context: Context) -> frozenset[str]:
    """Return the languages to write in: those asked for, else that of the best function."""
    if filters.languages:
        return filters.languages
    return frozenset(match.language for match in context.sources[:1])


def _best(drafts: Sequence[Draft], languages: frozenset[str]) -> tuple[Draft, Verdict]:
    """Return the first text that is usable, else the first, with what is to be said of it."""
    judged = [(draft, judge(code_in(draft.text), languages)) for draft in drafts]
    return next((one for one in judged if one[1].reason is None), judged[0])
