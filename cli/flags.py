"""Options that take no value name none in the help, those too that typer adds: help and shell completion.

What our own options are called is in `options`.
"""

from __future__ import annotations

from typing import Any


class PlainFlags:
    """Part of a command or of a group of commands: of its flags the help shows the name and no kind of value."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 (typer's own signature)
        """Return the parameters, with that of the help."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]  # of what this is mixed into
        for parameter in parameters:
            if getattr(parameter, "is_flag", False) and parameter.metavar is None:
                parameter.metavar = ""
        return parameters
