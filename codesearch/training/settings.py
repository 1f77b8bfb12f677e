"""A training run as it is written down: one TOML file, every number with a name, nothing read from anywhere else."""

from __future__ import annotations

import tomllib
from dataclasses import astuple, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from codesearch.training.errors import SettingsInvalid
from codesearch.training.objectives.joint import (
    COMPLETION,
    CONTINUATION,
    CONTRASTIVE,
    DENOISING,
    DISTILLATION,
    MATCHING,
    OBJECTIVES,
    RETRIEVED_CODE,
    WHOLE_SEQUENCE,
)
from codesearch.training.passages import PassageShares
from codesearch.training.queries import QueryStyle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTS = ("encoder", "decoder")

# These read what no other objective computes, so that each may read fewer pairs than the rest.
COUNTED = frozenset({MATCHING, DENOISING, CONTINUATION, WHOLE_SEQUENCE, RETRIEVED_CODE, COMPLETION})

RETRIEVING = frozenset({RETRIEVED_CODE, COMPLETION})  # what similar functions are looked for for

_OF_THE_ENCODER = frozenset({CONTRASTIVE, DISTILLATION})  # objectives that teach the decoder nothing
_LEAST_PAIRS = 2  # one alone has no negative
_LEAST_TOKENS = 3  # a token between two special ones

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
    side serve as negatives, `momentum` the momentum encoder's (None: the queue holds the encoder's own vectors). With
    `queued_negatives` the wrong candidates for "matching" come from the queues (CodeT5+, section 3.2), else from the
    batch; of two of them, one more similar by `negative_temperature` is drawn e times as often. With `mined_negatives`
    the wrong code for a text is what a search of the corpus finds first, as in `Settings.retrieval_corpus`.

    `soft_matching` is the share (0 to 1) of what "matching" is to answer that the encoder's cosine decides.
    `pairs_of` an objective is how many pairs of one pass it reads, the first ones, where that is not all of them: what
    costs ten times as much as another can be learned beside it. For objectives of `COUNTED`.
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
    queued_negatives: bool = field(default=False, repr=False)  # as for some of `Settings`
    # At the learned temperature of contrast, some 0.05, nearly always the very nearest is drawn, and a decoder may not
    # find out what matters: of 8 toy runs 6 learned to match so, and all 8 at 0.3. A decoder of copied layers, on real
    # code in batches of 32 with 8 of a source, learned nothing in 100 steps at 0.3; in batches of 48 drawn evenly (50)
    # it was right about two in three after 65 steps, which is to say no to all, and about 84 % after 110.
    negative_temperature: float = field(default=0.3, repr=False)
    soft_matching: float = field(default=0.0, repr=False)
    mined_negatives: bool = field(default=False, repr=False)
    pairs_of: Mapping[str, int] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole run. Token limits count special tokens; `neighbours` examples of one source come into a batch together.

    Such neighbours are what a search has to tell apart: functions of one repository. `teacher` is the name or folder
    of the model whose similarities the objective "distillation" learns. `log_every` steps the losses are read and
    logged, as their mean; on a GPU reading them stops it for a moment. `workers` processes make batches ahead; None is
    as many as a GPU's machine has cores for, and none on a CPU.

    `bare` is the share of the functions without documentation that is taken, asked for by name or by comment: weaker
    evidence of what they do. `unasked` is the share of the functions without written questions that an epoch has; those
    with are all in it.

    For the objectives that read the code of a similar function: it is found among the first `retrieval_corpus`
    examples, or with `retrieval_in_source` among those of the same source that the run sees, as in a search of one
    repository. The share `unretrieved` of the pairs goes without, and the encoder reads at most `source_tokens` of
    text and code.
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
    # Not in the text by which a saved run knows its settings: those that change what is learned are known by their own
    # names, where they do, see `Trainer`.
    teacher: str | None = field(default=None, repr=False)
    source_tokens: int = field(default=256, repr=False)
    retrieval_in_source: bool = field(default=False, repr=False)
    retrieval_corpus: int = field(default=50_000, repr=False)  # four minutes on two cores
    bare: float = field(default=0.12, repr=False)
    unasked: float = field(default=1.0, repr=False)
    unretrieved: float = field(default=0.15, repr=False)  # so that the decoder also writes without
    log_every: int = field(default=1, repr=False)
    workers: int | None = field(default=None, repr=False)


def retrieving(stage: Stage) -> frozenset[str]:
    """Return the objectives of a stage that read what is retrieved."""
    return RETRIEVING.intersection(stage.objectives) | ({MATCHING} if stage.mined_negatives else set())


def uses_retrieval(settings: Settings) -> bool:
    """Whether any stage reads the code of similar functions."""
    return any(map(retrieving, settings.stages))


def mines(settings: Settings) -> bool:
    """Whether any stage tells texts' codes from what a search finds for them."""
    return any(stage.mined_negatives for stage in settings.stages)


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
        _check(settings)
    except (TypeError, ValueError, AttributeError) as error:
        raise SettingsInvalid(file, str(error)) from error
    return settings


def _stage(table: dict[str, Any]) -> Stage:
    frozen = table.get("frozen", ())
    if isinstance(frozen, str):
        raise ValueError(f'frozen is a list: ["{frozen}"]')
    stage: Stage = _made(Stage, {**table, "frozen": tuple(frozen)})
    for kind, names, known in (("objective", stage.objectives, OBJECTIVES), ("part", stage.frozen, PARTS)):
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ValueError(f"unknown {kind} {', '.join(unknown)}; known are {', '.join(known)}")
    _check_stage(stage)
    _check_pairs(stage)
    return stage


def _check_stage(stage: Stage) -> None:
    """Raise ValueError for a stage that cannot be computed or learns nothing."""
    if stage.steps < 1 or stage.accumulation < 1 or stage.pairs // stage.accumulation < _LEAST_PAIRS:
        raise ValueError(f"stage {stage.name} needs at least one step of two pairs in each of its parts")
    if stage.pairs % stage.accumulation:
        raise ValueError(f"stage {stage.name}: {stage.pairs} pairs are not {stage.accumulation} equal parts")
    if not stage.objectives or min(stage.objectives.values()) <= 0:
        raise ValueError(f"stage {stage.name} needs objectives, each with a weight above 0")
    learning = set(PARTS) - set(stage.frozen)
    if not learning or ("encoder" in stage.frozen and _OF_THE_ENCODER.issuperset(stage.objectives)):
        raise ValueError(f"stage {stage.name} learns nothing: {', '.join(stage.frozen)} frozen")
    if stage.momentum is not None and not (0 <= stage.momentum < 1 and stage.queue):
        raise ValueError(f"stage {stage.name}: momentum is from 0 to 1, for a queue")
    if stage.negative_temperature <= 0:
        raise ValueError(f"stage {stage.name}: negative_temperature is above 0")
    if stage.mined_negatives and (stage.queued_negatives or MATCHING not in stage.objectives):
        raise ValueError(f"stage {stage.name}: mined_negatives are for {MATCHING}, without queued_negatives")
    if stage.soft_matching > 1:
        raise ValueError(f"stage {stage.name}: soft_matching is from 0 to 1")
    if stage.queued_negatives and not (stage.queue and {CONTRASTIVE, MATCHING}.issubset(stage.objectives)):
        raise ValueError(f"stage {stage.name}: queued_negatives are for {MATCHING}, from the queue of {CONTRASTIVE}")


def _check_pairs(stage: Stage) -> None:
    """Raise ValueError where objectives cannot read as many pairs as they are given."""
    for name, count in stage.pairs_of.items():
        if name not in COUNTED.intersection(stage.objectives):
            raise ValueError(f"stage {stage.name}: pairs_of is for its objectives of {', '.join(sorted(COUNTED))}")
        if type(count) is not int or not _LEAST_PAIRS <= count <= stage.pairs // stage.accumulation:
            raise ValueError(f"stage {stage.name}: {name} reads two pairs at least, and at most all of one pass")


def _check(settings: Settings) -> None:
    """Raise ValueError for values that contradict each other or make no sense."""
    if not settings.stages:
        raise ValueError("there is no [[stages]]")
    if settings.teacher is None and any(DISTILLATION in stage.objectives for stage in settings.stages):
        raise ValueError(f"the objective {DISTILLATION} needs a teacher")
    if settings.log_every < 1 or settings.save_every < 1 or settings.evaluate_every < 1:
        raise ValueError("log_every, save_every and evaluate_every are numbers of steps, at least 1")
    limits = ("query_tokens", "passage_tokens", "source_tokens", "decoder_tokens")
    if min(getattr(settings, name) for name in limits) < _LEAST_TOKENS:
        raise ValueError(f"{', '.join(limits[:-1])} and {limits[-1]} are at least {_LEAST_TOKENS}")
    positive = ("tokens_at_once", "neighbours", "temperature", "clip", "retrieval_corpus")
    if min(getattr(settings, name) for name in positive) <= 0:
        raise ValueError(f"{', '.join(positive[:-1])} and {positive[-1]} are above 0")
    if settings.workers is not None and (type(settings.workers) is not int or settings.workers < 0):
        raise ValueError(f"workers = {settings.workers!r} is no number of processes")
    if not any(settings.styles.values()) or min(settings.styles.values()) < 0:
        raise ValueError("the weights in [styles] are not below 0, one at least is above it")
    if QueryStyle.ASKED in settings.styles:
        raise ValueError("asked has no weight: functions that have questions are asked for by them")
    if max(*astuple(settings.shares), settings.bare, settings.unasked, settings.unretrieved) > 1:
        raise ValueError("bare, unasked, unretrieved and what is in [passages] are from 0 to 1")


def _made(kind: Any, table: dict[str, Any]) -> Any:  # noqa: ANN401 - any of the three dataclasses above
    known = {known.name: known.default for known in fields(kind)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ValueError(f"unknown key {', '.join(unknown)}")
    for name, value in table.items():
        whole = type(known[name]) is int or name == "steps"
        if whole and type(value) is not int:
            raise ValueError(f"{name} = {value!r} is no whole number")
        if type(known[name]) is bool and type(value) is not bool:
            raise ValueError(f"{name} = {value!r} is neither true nor false")
        if isinstance(known[name], float) and type(value) not in {int, float}:
            raise ValueError(f"{name} = {value!r} is no number")
        if (whole or isinstance(known[name], float)) and value < 0:
            raise ValueError(f"{name} = {value!r} is below 0")
    return kind(**table)
