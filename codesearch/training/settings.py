"""A training run as it is written down: one TOML file, every number with a name, nothing read from anywhere else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from codesearch.training.errors import SettingsInvalid
from codesearch.training.objectives.joint import DISTILLATION, OBJECTIVES
from codesearch.training.passages import PassageShares
from codesearch.training.queries import QueryStyle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTS = ("encoder", "decoder")

_STYLES = {
    QueryStyle.DOCUMENTATION: 0.2,
    QueryStyle.OPENING: 0.2,
    QueryStyle.WEB: 0.25,
    QueryStyle.PLACE: 0.05,
    QueryStyle.KEYWORDS: 0.1,
    QueryStyle.COMMIT: 0.05,
    QueryStyle.NAME: 0.1,
    QueryStyle.COMMENT: 0.05,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a run with its own objectives; each objective's loss counts with its weight.

    `steps` of `pairs` examples each, split into `accumulation` backward passes. The learning rates rise linearly over
    `warm_up` steps and fall linearly to zero; `frozen` parts have none. `queue` is how many former vectors of each
    side serve as negatives, `momentum` the momentum encoder's (None: the queue holds the encoder's own vectors).
    """

    name: str
    steps: int
    objectives: Mapping[str, float]
    pairs: int = 128
    accumulation: int = 1
    learning_rate: float = 5e-5
    decoder_learning_rate: float = 5e-4
    warm_up: int = 50
    frozen: tuple[str, ...] = ()
    queue: int = 0
    momentum: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole run. Token limits count special tokens; `neighbours` examples of one source come into a batch together.

    Such neighbours are what a search has to tell apart: functions of one repository. `teacher` is the name or folder
    of the model whose similarities the objective "distillation" learns. `log_every` steps the losses are read and
    logged, as their mean; on a GPU reading them stops it for a moment.
    """

    stages: tuple[Stage, ...]
    seed: int = 1
    query_tokens: int = 48
    passage_tokens: int = 128
    decoder_tokens: int = 128
    tokens_at_once: int = 8_192
    neighbours: int = 8
    temperature: float = 0.05
    weight_decay: float = 0.01
    clip: float = 1.0
    save_every: int = 200
    evaluate_every: int = 200
    styles: Mapping[QueryStyle, float] = field(default_factory=lambda: dict(_STYLES))
    shares: PassageShares = field(default_factory=PassageShares)
    # Not in the text by which a saved run knows its settings: the first is known by its own name, see `Trainer`, and
    # the second changes nothing in what is learned.
    teacher: str | None = field(default=None, repr=False)
    log_every: int = field(default=1, repr=False)


def read_settings(file: Path) -> Settings:
    """Read a TOML file: keys of `Settings`, `[styles]`, `[passages]`, and `[[stages]]` with `[stages.objectives]`.

    Raises SettingsInvalid for what cannot be read, an unknown key, or a value that makes no sense.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsInvalid(file, str(error)) from error
    try:
        stages = tuple(_stage(table) for table in document.pop("stages", ()))
        styles = {QueryStyle(name): float(weight) for name, weight in document.pop("styles", _STYLES).items()}
        shares = _made(PassageShares, document.pop("passages", {}))
        settings: Settings = _made(Settings, {**document, "stages": stages, "styles": styles, "shares": shares})
    except (TypeError, ValueError) as error:
        raise SettingsInvalid(file, str(error)) from error
    if not stages:
        raise SettingsInvalid(file, "there is no [[stages]]")
    if settings.teacher is None and any(DISTILLATION in stage.objectives for stage in stages):
        raise SettingsInvalid(file, f"the objective {DISTILLATION} needs a teacher")
    if settings.log_every < 1 or settings.save_every < 1 or settings.evaluate_every < 1:
        raise SettingsInvalid(file, "log_every, save_every and evaluate_every are numbers of steps, at least 1")
    return settings


def _stage(table: dict[str, Any]) -> Stage:
    stage: Stage = _made(Stage, {**table, "frozen": tuple(table.get("frozen", ()))})
    for kind, names, known in (("objective", stage.objectives, OBJECTIVES), ("part", stage.frozen, PARTS)):
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ValueError(f"unknown {kind} {', '.join(unknown)}; known are {', '.join(known)}")
    if stage.steps < 1 or stage.pairs < 2 or stage.accumulation < 1:  # noqa: PLR2004 - one pair has no negative
        raise ValueError(f"stage {stage.name} needs at least one step of two pairs")
    return stage


def _made(kind: Any, table: dict[str, Any]) -> Any:  # noqa: ANN401 - any of the three dataclasses above
    unknown = sorted(set(table) - {known.name for known in fields(kind)})
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}")
    return kind(**table)
