"""The commands that have commands of their own: `models`, `eval` and `train`.

Loaded when one of them is run: see `commands`. What a command does is in its own module.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from cli import (
    evaluate,
    evaluate_generation,
    evaluate_repositories,
    evaluate_runs,
    models,
    train,
    training_data,
)
from cli.boundary import GuardedCommand
from cli.commands import SUMMARIES
from cli.flags import PlainFlags


class PlainGroup(PlainFlags, TyperGroup):
    """Commands of which one has to be named."""


class JudgedSetByDefault(PlainFlags, TyperGroup):
    """Evaluations, of which `search` is meant where none is named: a folder, or an option for it, comes first."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments; what begins with no command and is no cry for help belongs to `search`."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["search", *args]
        return super().parse_args(ctx, args)


class ListByDefault(PlainFlags, TyperGroup):
    """Commands of which `list` is meant where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's own signature)
        """Read the arguments; an option that is no cry for help belongs to `list`."""
        if ctx.resilient_parsing:  # a shell asks what the word could be that is being typed
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _group(name: str, cls: type[TyperGroup] = PlainGroup, epilog: str = "", *, helps: bool = True) -> typer.Typer:
    """Return a group without commands; with `helps` it shows its help when it is given none."""
    return typer.Typer(
        name=name,
        cls=cls,
        help=SUMMARIES[name],
        epilog=epilog or None,
        no_args_is_help=helps,
        rich_markup_mode="rich",
        add_completion=False,
    )


_models = _group("models", ListByDefault, models.EPILOG, helps=False)
_models.command("list", cls=GuardedCommand)(models.list_models)
_models.command("verify", cls=GuardedCommand, epilog=models.EPILOG)(models.verify)

_eval = _group("eval", JudgedSetByDefault, evaluate_generation.GROUP_EPILOG)
_eval.command("search", cls=GuardedCommand, epilog=evaluate.EPILOG)(evaluate.evaluate)
_eval.command("generation", cls=GuardedCommand, epilog=evaluate_generation.EPILOG)(evaluate_generation.generation)
_eval.command("problems", cls=GuardedCommand, epilog=evaluate_generation.PROBLEMS_EPILOG)(evaluate_generation.problems)

_eval.command("repositories", cls=GuardedCommand, epilog=evaluate_repositories.EPILOG)(
    evaluate_repositories.repositories
)
_eval.command("compare", cls=GuardedCommand, epilog=evaluate_runs.COMPARE_EPILOG)(evaluate_runs.compare)
_eval.command("history", cls=GuardedCommand, epilog=evaluate_runs.HISTORY_EPILOG)(evaluate_runs.history)

_train = _group("train")
_train.command("run", cls=GuardedCommand, epilog=train.RUN_EPILOG)(train.run)
_train.command("corpus", cls=GuardedCommand, epilog=training_data.CORPUS_EPILOG)(training_data.corpus)
_train.command("start", cls=GuardedCommand, epilog=training_data.START_EPILOG)(training_data.start)
_train.command("average", cls=GuardedCommand, epilog=train.AVERAGE_EPILOG)(train.average)
_train.command("curves", cls=GuardedCommand, epilog=train.CURVES_EPILOG)(train.curves)

GROUPS = {"models": _models, "eval": _eval, "train": _train}
