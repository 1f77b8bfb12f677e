"""The command `generate`: code for a prompt, after the functions of the repository that are found for it.

Code goes to stdout and to stdout nothing else, so that it can go into a file; what it was drawn from goes to stderr.
Where what was written is of no use, the functions that were found are the result. The words for all of this are in
`generated`.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import documents, generated, options, session, streams
from cli.errors import ExitCode
from cli.progress import ProgressDisplay
from cli.search import show_matches
from codesearch import generation

if TYPE_CHECKING:
    from collections.abc import Callable


EPILOG = """\
Examples:
  codesearch generate "retry an upload three times"
  codesearch generate "parse a date" src --lang python --beam 5 > date.py
  codesearch generate "read the settings" --generator http://localhost:8080/v1

Nothing is sent anywhere without --generator. A server's key is read from the
variable CODESEARCH_GENERATOR_KEY.

Exit code: 0 written, 1 nothing usable was written (the functions that were
found are shown instead), 2 error."""

WRITING = "Writing"
SERVER = "A server that writes"

Prompt = Annotated[
    str,
    typer.Argument(
        metavar="PROMPT",
        help="What the code is to do, in plain words. Also in it: lang:go path:src/ for what is read.",
        show_default=False,
    ),
]
Retrieve = Annotated[int, typer.Option("--retrieve", min=1, metavar="N", help="How many functions it may read.")]
NoRetrieval = Annotated[
    bool, typer.Option("--no-retrieval", metavar=options.FLAG, help="Write from the prompt alone, to compare.")
]
ShowContext = Annotated[
    bool,
    typer.Option(
        "--show-context", metavar=options.FLAG, help="Show all that the writer reads.", rich_help_panel=options.OUTPUT
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        "--max-tokens",
        min=1,
        metavar="N",
        help="The most that is written.",
        show_default="256; a server: 1024",
        rich_help_panel=WRITING,
    ),
]
Beams = Annotated[
    int,
    typer.Option(
        "--beam", min=1, max=64, metavar="N", help="Write N at once; take the best usable.", rich_help_panel=WRITING
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        "--temperature",
        min=0,
        metavar="T",
        help="Draw at random; 0: do not.",
        show_default=False,
        rich_help_panel=WRITING,
    ),
]
TopP = Annotated[
    float,
    typer.Option(
        "--top-p",
        min=0.01,
        max=1.0,
        metavar="P",
        help="Draw from the likeliest of this share.",
        rich_help_panel=WRITING,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", help="Draw the same again.", show_default=False, rich_help_panel=WRITING),
]
Generator = Annotated[
    str | None,
    typer.Option(
        "--generator",
        metavar="URL",
        help="Send prompt and functions to this OpenAI-compatible server.",
        show_default=False,
        rich_help_panel=SERVER,
    ),
]
GeneratorModel = Annotated[
    str | None,
    typer.Option(
        "--generator-model", metavar="NAME", help="Which of its models.", show_default=False, rich_help_panel=SERVER
    ),
]


def generate(
    context: typer.Context,
    prompt: Prompt,
    paths: options.Paths = None,
    retrieve: Retrieve = generation.DEFAULT_RETRIEVE,
    no_retrieval: NoRetrieval = False,
    languages: options.Languages = None,
    globs: options.Globs = None,
    excluded: options.Excluded = None,
    max_tokens: MaxTokens = None,
    beams: Beams = 1,
    temperature: Temperature = None,
    top_p: TopP = 1.0,
    seed: Seed = None,
    generator: Generator = None,
    generator_model: GeneratorModel = None,
    show_context: ShowContext = False,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    no_refresh: options.NoRefresh = False,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Write code that does what PROMPT says, in the manner of the functions below PATH that do such things.

    Their code is put before the model. What it writes must parse.
    """
    settings = generation.GenerationSettings(
        0 if no_retrieval else retrieve, max_tokens, beams, temperature, top_p, seed, generator, generator_model
    )
    _check(settings)
    filters = options.parse_filters(languages, globs, excluded)
    streamed = _streams_text(settings, as_json)
    with session.open_engine(context, library, model) as engine, contextlib.ExitStack() as bars:
        progress = bars.enter_context(ProgressDisplay(enabled=not quiet))
        if not (no_refresh or no_retrieval):
            session.announce_model_change(engine, paths or (), model)
        watch = generation.Watch(_announcer(bars, generator, quiet=quiet, show_context=show_context), streamed)
        answer = engine.generate(
            prompt,
            tuple(paths or ()),
            settings=settings,
            filters=filters,
            refresh=not no_refresh,
            progress=progress,
            watch=watch,
        )
    _report(answer, settings, color, quiet=quiet, as_json=as_json, streamed=streamed is not None)
    if not answer.usable:
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def _check(settings: generation.GenerationSettings) -> None:
    """Raise BadParameter for settings that contradict each other."""
    if settings.beams > 1 and settings.temperature:
        raise typer.BadParameter("take one of --beam and --temperature.")
    if settings.beams > 1 and settings.generator is not None:
        raise typer.BadParameter("--beam is for the model on this machine, not for --generator.")
    if not settings.temperature and (settings.top_p < 1 or settings.seed is not None):
        raise typer.BadParameter("--top-p and --seed are for drawing at random: give --temperature too.")
    if settings.generator_model is not None and settings.generator is None:
        raise typer.BadParameter("--generator-model names a model of a server: give --generator too.")


def _streams_text(settings: generation.GenerationSettings, as_json: bool) -> Callable[[str], None] | None:
    """Return what shows the text while it is written: to a person; elsewhere it is written when it is checked."""
    if as_json or settings.beams > 1 or not sys.stdout.isatty():
        return None
    from cli.highlighting import printable_piece

    def show(piece: str) -> None:
        sys.stdout.write(printable_piece(piece))
        sys.stdout.flush()

    return show


def _announcer(
    bars: contextlib.ExitStack, host: str | None, *, quiet: bool, show_context: bool
) -> Callable[[generation.Context, str], None]:
    """Return what is done when the search is over and nothing is written yet: say what is sent, show what is read."""

    def announce(context: generation.Context, writer: str) -> None:
        bars.close()
        if show_context:
            for line in generated.context_lines(context, Path.cwd()):
                streams.note(line)
        if host is not None and not quiet:
            streams.note(generated.sending_line(context, writer))

    return announce


def _report(
    answer: generation.GeneratedAnswer,
    settings: generation.GenerationSettings,
    color: streams.Color,
    *,
    quiet: bool,
    as_json: bool,
    streamed: bool,
) -> None:
    """Write what came of it, in the form that is wanted."""
    if streamed and answer.text and not answer.text.endswith("\n"):
        streams.write("")
    streams.flush()
    for line in generated.citation_lines(answer) if settings.generator and answer.usable and not quiet else ():
        streams.note(line)
    if as_json:
        streams.write(documents.dumps(documents.generated_document(answer)))
    elif answer.usable:
        _show(answer, color, quiet=quiet, streamed=streamed)
    else:
        streams.note(generated.not_usable_line(answer, settings.max_tokens, shown=streamed and bool(answer.text)))
        if answer.found:
            show_matches(answer.found, answer.prompt, options.DEFAULT_SNIPPET_LINES, color)
    if answer.usable and not quiet and (cut := generated.cut_line(answer, settings.max_tokens)):
        streams.note(cut)


def _show(answer: generation.GeneratedAnswer, color: streams.Color, *, quiet: bool, streamed: bool) -> None:
    """Write the code unless it was streamed, and on stderr what it was drawn from."""
    if not streamed and streams.wants_rich(color):
        from cli.highlighting import coloured_lines

        console = streams.console_for(color)
        for coloured in coloured_lines(answer.code.split("\n"), answer.language, ""):
            console.print(coloured, soft_wrap=True)
    elif not streamed:
        streams.write(answer.code)
    streams.flush()
    if not quiet:
        streams.note_on_terminal("")
        if answer.remarks and not streamed:
            streams.note(answer.remarks)
        for line in generated.source_lines(answer, Path.cwd(), numbered=bool(answer.citations)):
            streams.note(line)
