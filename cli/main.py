"""The console script `codesearch`: the application with its commands, and the one boundary where errors end.

What a command does is in the module of its name; what is said of an error is in `errors`.
"""

from __future__ import annotations

import traceback
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli import (
    clear,
    complete,
    evaluate,
    evaluate_generation,
    evaluate_repositories,
    evaluate_runs,
    explain,
    generate,
    index,
    models,
    options,
    search,
    similar,
    status,
    streams,
    train,
    training_data,
)
from cli.errors import ExitCode, explanation_of, sentence_of, unexpected_sentence
from codesearch import CodesearchError, __version__

DEBUG_VARIABLE = "CODESEARCH_DEBUG"

EPILOG = """\
Start with:
  codesearch search "where do we retry failed uploads"
  codesearch "where do we retry failed uploads"      (the same)

Nothing leaves this machine. Indexes are kept outside of your repositories."""


class GuardedCommand(TyperCommand):
    """A command whose every end is an orderly one: a sentence on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 (typer's own signature)
        """Run the command; what it raises becomes a sentence and `typer.Exit`."""
        debug = bool(ctx.find_root().params.get("debug"))
        try:
            value = super().invoke(ctx)
            streams.flush()
        except BrokenPipeError:
            streams.close_quietly()
            raise typer.Exit(ExitCode.FOUND) from None
        except KeyboardInterrupt:
            streams.note("stopped; what was done is kept; run again to go on")
            raise typer.Exit(ExitCode.STOPPED) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except CodesearchError as error:
            _trace(debug)
            streams.error(sentence_of(error))
            raise typer.Exit(explanation_of(error).exit_code) from None
        except Exception as error:  # noqa: BLE001 (the boundary: a person must not see a traceback)
            _trace(debug)
            streams.error(unexpected_sentence(error))
            raise typer.Exit(ExitCode.ERROR) from None
        return value


class SearchByDefault(TyperGroup):
    """The commands; a first word that holds a blank can be no command, so it is a query."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (typer's own signature)
        """Return the command that the arguments name, `search` for a query of several words."""
        word = args[0]
        if len(word.split()) > 1:
            args = ["search", *args]
        elif word not in self.commands and not get_close_matches(word, self.commands):
            ctx.fail(f"No such command {word!r}. To search for it: codesearch search {word}")
        return super().resolve_command(ctx, args)


class JudgedSetByDefault(TyperGroup):
    """Evaluations, of which `search` is meant where none is named: a folder, or an option for it, comes first."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments; what begins with no command and is no cry for help belongs to `search`."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["search", *args]
        return super().parse_args(ctx, args)


class ListByDefault(TyperGroup):
    """Commands of which `list` is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments; an option that is no cry for help belongs to `list`."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _trace(debug: bool) -> None:
    if debug:
        traceback.print_exc()


def _print_version(wanted: bool) -> None:
    if wanted:
        streams.write(f"codesearch {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version",
        metavar=options.FLAG,
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
        metavar=options.FLAG,
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


_models = typer.Typer(cls=ListByDefault, help="List the models, or verify one.", epilog=models.EPILOG)
_models.command("list", cls=GuardedCommand)(models.list_models)
_models.command("verify", cls=GuardedCommand, epilog=models.EPILOG)(models.verify)

_eval = typer.Typer(cls=JudgedSetByDefault, help=evaluate_generation.HELP, epilog=evaluate_generation.GROUP_EPILOG)
_eval.command("search", cls=GuardedCommand, epilog=evaluate.EPILOG)(evaluate.evaluate)
_eval.command("generation", cls=GuardedCommand, epilog=evaluate_generation.EPILOG)(evaluate_generation.generation)
_eval.command("problems", cls=GuardedCommand, epilog=evaluate_generation.PROBLEMS_EPILOG)(evaluate_generation.problems)

_eval.command("repositories", cls=GuardedCommand, epilog=evaluate_repositories.EPILOG)(
    evaluate_repositories.repositories
)
_eval.command("compare", cls=GuardedCommand, epilog=evaluate_runs.COMPARE_EPILOG)(evaluate_runs.compare)
_eval.command("history", cls=GuardedCommand, epilog=evaluate_runs.HISTORY_EPILOG)(evaluate_runs.history)

_train = typer.Typer(help="Train a model: from your own repositories, from packages, from nothing.")
_train.command("run", cls=GuardedCommand, epilog=train.RUN_EPILOG)(train.run)
_train.command("corpus", cls=GuardedCommand, epilog=training_data.CORPUS_EPILOG)(training_data.corpus)
_train.command("start", cls=GuardedCommand, epilog=training_data.START_EPILOG)(training_data.start)
_train.command("average", cls=GuardedCommand, epilog=train.AVERAGE_EPILOG)(train.average)
_train.command("curves", cls=GuardedCommand, epilog=train.CURVES_EPILOG)(train.curves)

app.command("search", cls=GuardedCommand, epilog=search.EPILOG)(search.search)
app.command("similar", cls=GuardedCommand, epilog=similar.EPILOG)(similar.similar)
app.command("explain", cls=GuardedCommand, epilog=explain.EPILOG)(explain.explain)
app.command("complete", cls=GuardedCommand, epilog=complete.EPILOG)(complete.complete)
app.command("generate", cls=GuardedCommand, epilog=generate.EPILOG)(generate.generate)
app.command("index", cls=GuardedCommand, epilog=index.EPILOG)(index.index)
app.command("status", cls=GuardedCommand, epilog=status.EPILOG)(status.status)
app.add_typer(_models, name="models")
app.add_typer(_eval, name="eval", no_args_is_help=True)
app.add_typer(_train, name="train", no_args_is_help=True)
app.command("clear", cls=GuardedCommand, epilog=clear.EPILOG)(clear.clear)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    app(prog_name="codesearch")
