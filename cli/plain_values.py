"""Values of options that are plainly right: taken as they are, past the check that typer makes of every value.

Recent versions of typer check defaults, too, and with pydantic, which takes a tenth of a search to load. What is not
plainly right goes typer's way, so that every error is typer's own. Which options there are is in `options`.
"""

from __future__ import annotations

import os
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSURE = object()  # what is left to typer

_MOST_DIGITS = 9  # of a number that is plainly one

# Wishes of an option that typer alone fulfils.
_SPECIAL = ("parser", "clamp", "exists", "writable", "resolve_path", "allow_dash", "path_type")


def take_plain_values(command: Any, ctx: Any) -> None:  # noqa: ANN401 (typer's commands have no public base)
    """Let every parameter of the command look at its value first; under a typer without such checks nothing changes."""
    for parameter in command.get_params(ctx):  # with that of the help
        described: Any = getattr(parameter, "type_descriptor", None)
        if described is None or "process_value" in vars(parameter):
            continue
        wishes = described.parameter_info
        if not any(getattr(wishes, special, None) for special in _SPECIAL):
            taken = partial(plain_value, described.annotation, wishes)
            parameter.process_value = partial(_process, parameter, taken, parameter.process_value)


def _process(parameter: Any, taken: Callable[[Any], Any], check: Callable[..., Any], ctx: Any, value: Any) -> Any:  # noqa: ANN401
    if value is None and not parameter.required:
        plain: Any = () if parameter.multiple or parameter.nargs == -1 else None
    else:
        plain = taken(value)
    if plain is _UNSURE:
        return check(ctx, value)
    return parameter.callback(ctx, parameter, plain) if parameter.callback else plain


def plain_value(annotation: Any, wishes: Any, value: Any) -> Any:  # noqa: ANN401 (any type of any option)
    """Return the value as the annotation's type, or `_UNSURE`; `wishes` are what the option says of its range."""
    if get_origin(annotation) is list and isinstance(value, (list, tuple)) and value:
        items = [plain_value(get_args(annotation)[0], wishes, item) for item in value]
        return _UNSURE if _UNSURE in items else items
    if annotation is str:
        return value if isinstance(value, str) else _UNSURE
    if annotation is Path:
        return Path(value) if isinstance(value, (str, Path)) and _is_plain_path(value, wishes) else _UNSURE
    if annotation in {int, float}:
        return _plain_number(annotation, wishes, value)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next((one for one in annotation if value in {one, one.value}), _UNSURE)
    return _UNSURE


def _is_plain_path(path: str | Path, wishes: Any) -> bool:  # noqa: ANN401
    readable = os.access(path, os.R_OK) or not os.path.exists(path)
    return bool(wishes.file_okay and wishes.dir_okay and readable)


def _plain_number(annotation: type[int] | type[float], wishes: Any, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS:
        value = annotation(value)
    if type(value) is not annotation:
        return _UNSURE
    in_range = (wishes.min is None or wishes.min <= value) and (wishes.max is None or value <= wishes.max)
    return value if in_range else _UNSURE
