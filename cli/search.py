"""The command `search`: ask, and show what answers.

What an answer looks like is left to `views`, `plain` and `documents`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli import documents, options, plain, session, streams
from cli.counting import number_of
from cli.errors import SEE_SKIPPED, ExitCode
from cli.highlighting import printable
from cli.left_out import left_out_note
from cli.progress import ProgressDisplay
from cli.words_first import WordsFirst
from codesearch import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codesearch import Correction, Filters, Match, SearchResults

EPILOG = """\
Examples:
  codesearch search "retry a failed upload"
  codesearch search "parse a date" src lib --lang python -x tests/ -k 5
  codesearch search HttpClient.send --kind function --snippet-lines 0
  codesearch search 'lang:go -path:tests/ "connection reset" when it hangs up'
  codesearch search "open the database" --json | jq '.results\\[].path'

Exit code: 0 found, 1 nothing found, 2 error, 130 stopped."""


@dataclass(frozen=True, slots=True)
class Output:
    """How an answer is written, as the options of those names say. Raises BadParameter for two forms at once."""

    snippet_lines: int | None  # None: the usual number in text, all in JSON
    files_only: bool
    as_json: bool
    as_json_lines: bool
    color: streams.Color
    quiet: bool

    def __post_init__(self) -> None:
        if sum((self.files_only, self.as_json, self.as_json_lines)) > 1:
            raise typer.BadParameter("take one of --files-only, --json and --jsonl.")

    @property
    def text_lines(self) -> int:
        """How many lines of code of a match are shown in text."""
        return options.DEFAULT_SNIPPET_LINES if self.snippet_lines is None else self.snippet_lines

    @property
    def may_come_twice(self) -> bool:
        """Whether a first answer may come before the full one: to a person who reads it, and to no program."""
        as_text = not (self.files_only or self.as_json or self.as_json_lines)
        return as_text and not self.quiet and sys.stdout.isatty()


def search(
    context: typer.Context,
    query: options.Query,
    paths: options.Paths = None,
    top_k: options.TopK = options.DEFAULT_TOP_K,
    mode: options.SearchMode = Mode.HYBRID,
    lexical: options.Lexical = False,
    languages: options.Languages = None,
    globs: options.Globs = None,
    excluded: options.Excluded = None,
    kinds: options.Kinds = None,
    rerank: options.Rerank = None,
    rerank_k: options.RerankK = options.DEFAULT_RERANK_K,
    explain: options.Explain = False,
    snippet_lines: options.SnippetLines = None,
    files_only: options.FilesOnly = False,
    as_json: options.AsJson = False,
    as_json_lines: options.AsJsonLines = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    no_refresh: options.NoRefresh = False,
    within: options.Within = None,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Find the functions that do what QUERY says.

    A folder is indexed the first time it is searched; later only what changed is read again.
    On a terminal an answer by words comes first where that takes long.
    """
    output = Output(snippet_lines, files_only, as_json, as_json_lines, color, quiet)
    filters = options.parse_filters(languages, globs, excluded, kinds)
    progress = ProgressDisplay(enabled=not quiet)
    first = WordsFirst(lambda found: show_matches(found.matches, words_of(found), output.text_lines, color), progress)
    try:
        with session.open_engine(context, library, model) as engine, progress:
            if not (no_refresh or lexical or mode is Mode.LEXICAL):
                session.announce_model_change(engine, paths or (), model)
            results = engine.search(
                query,
                tuple(paths or ()),
                top_k=top_k,
                mode=Mode.LEXICAL if lexical else mode,
                filters=filters,
                refresh=not no_refresh,
                rerank=rerank,
                rerank_k=rerank_k,
                explain=explain,
                progress=progress,
                words_first=first if output.may_come_twice else None,
                within=within,
            )
            left_out = "" if results.matches else left_out_note(engine, paths or ())
    except KeyboardInterrupt:
        first.stop()
        raise
    first.introduce_full_answer()
    nothing = left_out or nothing_found(results, results.asked.filters if results.asked else filters)
    write_answer(results, words_of(results), nothing, output, lambda: documents.search_document(results, snippet_lines))


def words_of(results: SearchResults) -> str:
    """Return the words that were searched for, to be marked in code."""
    return results.asked.words if results.asked else results.query


def write_answer(
    results: SearchResults,
    words: str,
    nothing: str,
    output: Output,
    document: Callable[[], documents.Document],
    lead: str = "",
) -> None:
    """Write what was found, in code with the words marked, or say why nothing was and end with exit code 1.

    `nothing` is that sentence; `document` makes what `--json` writes; `lead` begins the closing note.
    """
    if output.as_json:
        streams.write(documents.dumps(document()))
    elif output.as_json_lines:
        for match in results.matches:
            streams.write(documents.dumps(documents.match_document(match, output.snippet_lines), indent=None))
    elif output.files_only and results.matches:
        streams.write(plain.files_text(results.matches, Path.cwd()))
    elif results.matches:
        show_matches(results.matches, words, output.text_lines, output.color)
    if not results.matches:
        streams.note(f"{corrections_note(results.corrections)}{nothing}")
        raise typer.Exit(ExitCode.NOTHING_FOUND)
    if not output.quiet:
        apart = "\n" if output.text_lines and streams.wants_rich(output.color) else ""
        # What is missing for want of time is said to programs, too: they are those who asked for it.
        say = streams.note if results.coverage.out_of_time else streams.note_on_terminal
        say(f"{apart}{corrections_note(results.corrections)}{lead}{closing_note(results)}")


def show_matches(matches: Sequence[Match], words: str, snippet_lines: int, color: streams.Color) -> None:
    """Write matches, the words marked: coloured and laid out to the width for a person, else as plain text."""
    folder = Path.cwd()
    if not streams.wants_rich(color):
        streams.write(plain.matches_text(matches, snippet_lines, folder))
        return
    from cli import views

    console = streams.console_for(color)
    for number, match in enumerate(matches):
        if number and snippet_lines:
            console.print()
        for line in views.match_lines(match, words, snippet_lines, folder, console.width):
            console.print(line, soft_wrap=True)


def nothing_found(results: SearchResults, filters: Filters) -> str:
    """Return one sentence that says what to try instead."""
    if empty := nothing_to_search(results):
        return empty
    if results.asked and results.asked.phrases:
        phrases = " and ".join(f'"{phrase}"' for phrase in results.asked.phrases)
        narrowed = " that passes the filters" if filters else ""
        return f"nothing{narrowed} contains {phrases}; try without the quotes"
    if results.coverage.out_of_time:
        return "nothing found in what is indexed so far; search again to go on"
    if filters:
        return "nothing found; try without --lang, --path, --exclude or --kind, or with other words"
    if results.mode is Mode.LEXICAL:
        return "nothing found; try other words, or search by meaning: --mode hybrid"
    return "nothing found; try other words, or another folder"


def nothing_to_search(results: SearchResults) -> str:
    """Return why nothing could be found whatever is asked, and the way out; empty where something could."""
    coverage = results.coverage
    if not coverage.definitions and coverage.out_of_time:
        return "no code is read yet: the time was up; search again to go on"
    if not coverage.definitions and coverage.being_indexed:
        return "nothing is ready to be searched yet: another codesearch is indexing here; try again in a moment"
    if not coverage.definitions and coverage.stale and coverage.indexed_at is None:
        return "nothing is indexed here yet; index first: codesearch index"
    if not coverage.definitions:
        return f"no code that can be searched here; {SEE_SKIPPED}"
    if results.mode is Mode.DENSE and coverage.passages and not coverage.embedded_passages:
        return "nothing here is embedded with this model; index first: codesearch index"
    return ""


def corrections_note(corrections: Sequence[Correction]) -> str:
    """Return a line for each word of the query that is not there, with what was searched for instead."""
    lines = (f'no "{printable(one.written)}" here; searched for {_listed(one.searched_for)}\n' for one in corrections)
    return "".join(lines)


def _listed(words: Sequence[str]) -> str:
    *others, last = (f'"{printable(word)}"' for word in words)
    return f"{', '.join(others)} and {last}" if others else last


def closing_note(results: SearchResults) -> str:
    """Return how many of how many, how fast, and what the answer could not take into account."""
    coverage = results.coverage
    searched = number_of(coverage.definitions, "definition")
    note = f"{len(results.matches):,} of {searched} in {results.seconds:.2f} s"
    if not coverage.complete and results.mode is not Mode.LEXICAL:
        note += f"; {coverage.embedded_passages * 100 // coverage.passages}% of passages embedded"
    if coverage.being_indexed:
        note += "; another codesearch is indexing here: this is what it has so far"
    elif coverage.out_of_time:
        note += f"; {'not all files are read yet, ' if coverage.stale else ''}the time was up: search again to go on"
    elif coverage.stale:
        note += "; changes since the last index not looked at"
    return note
