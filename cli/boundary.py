"""The one boundary where errors end: a command's every end is an orderly one.

What is said of an error is in `errors`; which commands there are in `commands`.
"""

from __future__ import annotations

import traceback
from typing import Any

import typer
from typer.core import TyperCommand

from cli import streams
from cli.errors import ExitCode, explanation_of, sentence_of, unexpected_sentence
from cli.flags import PlainFlags
from cli.plain_values import take_plain_values
from codesearch import CodesearchError

LEAVES_OUT = "-path:"  # the filter in a query that begins as options do


class GuardedCommand(PlainFlags, TyperCommand):
    """A command whose every end is an orderly one: a sentence on stderr and an exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments."""
        take_plain_values(self, ctx)
        return super().parse_args(ctx, [_as_query(one) for one in args])

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
            streams.close_quietly()  # what could not be written cannot be later either
            raise typer.Exit(ExitCode.ERROR) from None
        return value


def _as_query(argument: str) -> str:
    """Return an argument so that it is not taken for an option when it is a query that begins with a filter."""
    return f" {argument}" if argument.startswith(LEAVES_OUT) else argument


def _trace(debug: bool) -> None:
    if debug:
        traceback.print_exc()
