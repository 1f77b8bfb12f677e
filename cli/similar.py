"""The command `similar`: code like the definition at a line, shown as `search` shows what it found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer  # noqa: TC002 (typer reads the signature)

from cli import documents, options, plain, session, streams
from cli.progress import ProgressDisplay
from cli.search import Output, nothing_to_search, write_answer

if TYPE_CHECKING:
    from codesearch import Filters, SearchResults

EPILOG = """\
Examples:
  codesearch similar src/http/client.py:88
  codesearch similar HttpClient.send lib tests -k 5
  codesearch similar upload.go:12 --lang go --path internal/ --snippet-lines 0
  codesearch similar upload.go:12 ../other-project

A copy comes first, whatever it is called and wherever it is. It needs no
decoder.
Exit code: 0 found, 1 nothing found, 2 error."""


def similar(
    context: typer.Context,
    where: options.Where,
    paths: options.Paths = None,
    top_k: options.TopK = options.DEFAULT_TOP_K,
    languages: options.Languages = None,
    globs: options.Globs = None,
    excluded: options.Excluded = None,
    kinds: options.Kinds = None,
    snippet_lines: options.SnippetLines = None,
    files_only: options.FilesOnly = False,
    as_json: options.AsJson = False,
    as_json_lines: options.AsJsonLines = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    no_refresh: options.NoRefresh = False,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Find code like the definition at FILE:LINE: copies, variants, what does the same elsewhere.

    The definition itself, what it is in and what is in it are left out.
    """
    output = Output(snippet_lines, files_only, as_json, as_json_lines, color, quiet)
    filters = options.parse_filters(languages, globs, excluded, kinds)
    with session.open_engine(context, library, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        if not no_refresh:
            session.announce_model_change(engine, paths or (), model)
        found = engine.similar(
            where, tuple(paths or ()), top_k=top_k, filters=filters, refresh=not no_refresh, progress=progress
        )
    lead = f"like {plain.place_text(found.definition, Path.cwd())}: "
    # No word of FILE:LINE is one to be marked in code.
    nothing = nothing_similar(found.results, filters)
    write_answer(found.results, "", nothing, output, lambda: documents.similar_document(found, snippet_lines), lead)


def nothing_similar(results: SearchResults, filters: Filters) -> str:
    """Return one sentence that says what to try instead. Of all that is searched the nearest is shown: none is none."""
    if empty := nothing_to_search(results):
        return empty
    if filters:
        return "nothing to compare it with; try without --lang, --path, --exclude or --kind"
    return (
        "nothing to compare it with: no other definition is here; "
        "name more folders: codesearch similar FILE:LINE FOLDER..."
    )
