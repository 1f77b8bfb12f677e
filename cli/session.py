"""How a command gets its engine: the one seam where tests hand in another one.

Everything that a command does with the engine is in the command's own module.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from cli import streams
from cli.counting import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def announce_model_change(engine: CodeSearch, paths: Sequence[Path], model: str) -> None:
    """Say on stderr which embeddings are about to be made anew, if `model` is named and is not that of the index."""
    if model == DEFAULT_MODEL:
        return
    for path in paths or (Path.cwd(),):
        change = engine.model_change(path)
        if change is not None:
            anew = "is embedded anew" if change.passages == 1 else "are embedded anew"
            streams.note(f"{change.root}: {number_of(change.passages, 'passage', anew)}, with the model {model}")
