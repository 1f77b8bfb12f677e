"""How a command gets its engine: the one seam where tests hand in another one.

Everything that a command does with the engine is in the command's own module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import typer

    from codesearch import CodeSearch

    EngineFactory = Callable[[Path | None, str], CodeSearch]

DEFAULT_MODEL = "auto"


def open_engine(context: typer.Context, library: Path | None = None, model: str = DEFAULT_MODEL) -> CodeSearch:
    """Return the engine on `library` (None: the usual folder) with `model`; the caller closes it.

    The factory is the context's object where one was given (`obj=` of the application), else `CodeSearch` itself.
    """
    factory = cast("EngineFactory | None", context.find_root().obj)
    if factory is None:
        from codesearch import CodeSearch

        factory = CodeSearch
    return factory(library, model)
