"""The console script `codesearch`: the application, the options that all commands share, and which command is meant.

Which commands there are is in `commands`; the boundary where errors end is `boundary`.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli import streams
from cli.commands import lazy_commands
from cli.flags import PlainFlags
from cli.plain_values import take_plain_values

# A command makes most of its objects once, while it loads what it needs, and keeps them: 100,000 for a search. To look
# for garbage among them once took 40 ms; with Python's threshold of 700 new objects it took a fifth of a search.
GARBAGE_THRESHOLD = 1_000_000

# Threads of the linear algebra below NumPy and FAISS wait for work by spinning, from the moment they are loaded: 60 ms
# of a core on which the model could be loaded. This many powers of two of ticks, instead of 26, and they sleep.
SPINNING = ("OPENBLAS_THREAD_TIMEOUT", "4")

DEBUG_VARIABLE = "CODESEARCH_DEBUG"

EPILOG = """\
Start with:
  codesearch search "where do we retry failed uploads"
  codesearch "where do we retry failed uploads"      (the same)

Nothing leaves this machine, unless you name a server (generate --generator).
Indexes are kept outside of your repositories."""


class SearchByDefault(PlainFlags, TyperGroup):
    """The commands; a first word that holds a blank can be no command, so it is a query."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (typer's own signature)
        super().__init__(**settings)
        self.commands.update(lazy_commands())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments up to the command's name."""
        take_plain_values(self, ctx)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (typer's own signature)
        """Return the command that the arguments name, `search` for a query of several words."""
        word = args[0]
        if len(word.split()) > 1:
            args = ["search", *args]
        elif word not in self.commands:
            from difflib import get_close_matches

            if not get_close_matches(word, self.commands):
                ctx.fail(f"No such command {word!r}. To search for it: codesearch search {word}")
        return super().resolve_command(ctx, args)


def _print_version(wanted: bool) -> None:
    if wanted:
        from codesearch import __version__

        streams.write(f"codesearch {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version",
        metavar="",
        help="Show the version.",
        callback=_print_version,
        is_eager=True,
        show_default=False,
    ),
]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        envvar=DEBUG_VARIABLE,
        metavar="",
        help="Show the traceback of an error.",
        show_default=False,
    ),
]

app = typer.Typer(
    name="codesearch",
    cls=SearchByDefault,
    help="Ask a repository a question in plain words; get the functions that do it.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def _codesearch(version: Version = False, debug: Debug = False) -> None:  # noqa: ARG001 (typer reads the signature)
    streams.make_robust()


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    os.environ.setdefault(*SPINNING)
    streams.open_closed()
    codes: list[int] = []
    atexit.register(_end_at_once, codes)  # the first to be registered is the last to be called
    codes.append(_run())
    sys.exit(codes[0])


def _run() -> int:
    """Run the command line; return its exit code, also where help or version cannot be written."""
    try:
        try:
            app(prog_name="codesearch")
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # typer has made an error of it
                raise end.__context__ from None
            streams.flush()
            return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:
        streams.close_quietly()
    except OSError as error:
        from cli.errors import ExitCode, unexpected_sentence

        streams.error(unexpected_sentence(error))
        streams.close_quietly()
        return ExitCode.ERROR
    return 0


def _end_at_once(codes: list[int]) -> None:
    """End the process after all that ends in order has ended; to take every module apart would be 30 ms of waiting."""
    if codes:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):  # a full disk, a closed stream: Python says it in its own way
            return
        os._exit(codes[0])
