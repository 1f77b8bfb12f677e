"""How a checkpoint learns: the objectives of its training, its data and its trainer.

The second part of the public API, `from codesearch import training`:

    build_corpus        functions of permissively licensed packages, or of one's own repositories
    make_starting_point a tokenizer and a checkpoint to start from
    train               a run, as a file of settings or a route of the package says
    average_checkpoints something between two checkpoints
    draw_curves         the curves of a run

Importing this package loads nothing heavy; a name is loaded when it is first used. What a trained network then does is
`codet5p`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codesearch.training.averaging import average_checkpoints
    from codesearch.training.corpus import CorpusReport, build_corpus, own_repository, read_questions, read_sources
    from codesearch.training.curves import Curves, draw_curves
    from codesearch.training.run import TrainingReport, route_names, train
    from codesearch.training.run_log import TrainingProgress
    from codesearch.training.starting_points import StartingPoint, make_starting_point

__all__ = [
    "CorpusReport",
    "Curves",
    "StartingPoint",
    "TrainingProgress",
    "TrainingReport",
    "average_checkpoints",
    "build_corpus",
    "draw_curves",
    "make_starting_point",
    "own_repository",
    "read_questions",
    "read_sources",
    "route_names",
    "train",
]

_HOMES = {
    "CorpusReport": ".corpus",
    "Curves": ".curves",
    "StartingPoint": ".starting_points",
    "TrainingProgress": ".run_log",
    "TrainingReport": ".run",
    "average_checkpoints": ".averaging",
    "build_corpus": ".corpus",
    "draw_curves": ".curves",
    "make_starting_point": ".starting_points",
    "own_repository": ".corpus",
    "read_questions": ".corpus",
    "read_sources": ".corpus",
    "route_names": ".run",
    "train": ".run",
}

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
