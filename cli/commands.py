"""Which commands there are, in one table; the module of a command is loaded when the command is run.

The overview of all commands needs their names and summaries alone, and loading all of them takes longer than drawing
it. What a command does is in the module of its name, what the commands of a group are in `groups`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Callable

# The summary of each command, in the order of the overview: the first line of its own help.
SUMMARIES = {
    "search": "Find the functions that do what QUERY says.",
    "similar": "Find code like the definition at FILE:LINE: copies, variants, what does the same elsewhere.",
    "explain": "Say in one line what the definition at FILE:LINE does, or the one of a name below PATH.",
    "complete": "Write the rest of the line FILE:LINE; of a line that is complete, the next one.",
    "generate": "Write code that does what PROMPT says, in the manner of the functions below PATH that do such things.",
    "index": "Index folders, or bring their index up to date.",
    "status": "Show what is indexed.",
    "clear": "Remove the index of a repository, of those whose folder is gone, or of all. The code is not touched.",
    "models": "List the models, or verify one.",
    "eval": "Measure the search (eval FOLDER), or what the decoder writes; compare runs that were kept.",
    "train": "Train a model: from your own repositories, from packages, from nothing.",
}
GROUPS = frozenset({"models", "eval", "train"})


class LazyCommand(TyperCommand):
    """The name and the summary of a command, which is loaded when it is given its arguments."""

    def __init__(self, name: str, summary: str, load: Callable[[str], Any]) -> None:
        super().__init__(name, help=summary)
        self._load = load

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401 (typer's own signature)
        """Return the context of the command itself, which is loaded now."""
        return self.loaded().make_context(info_name, args, parent, **extra)

    def loaded(self) -> Any:  # noqa: ANN401 (typer's commands have no public base)
        """Return the command itself."""
        return self._load(str(self.name))


def lazy_commands() -> dict[str, LazyCommand]:
    """Return every command by its name, none of them loaded."""
    return {
        name: LazyCommand(name, summary, load_group if name in GROUPS else load_command)
        for name, summary in SUMMARIES.items()
    }


def load_command(name: str) -> Any:  # noqa: ANN401 (typer's commands have no public base)
    """Return the command that is the function `name` of the module `name`, with the module's EPILOG."""
    from cli.boundary import GuardedCommand

    module = import_module(f"cli.{name}")
    single = typer.Typer(add_completion=False, rich_markup_mode="rich")
    single.command(name, cls=GuardedCommand, epilog=module.EPILOG)(getattr(module, name))
    return typer.main.get_command(single)


def load_group(name: str) -> Any:  # noqa: ANN401 (typer's commands have no public base)
    """Return the group of commands `name`."""
    from cli import groups

    return typer.main.get_command(groups.GROUPS[name])
