"""The front door of a training run: settings, corpus and starting checkpoint by name, a device, and the run itself.

Steps and saving are `trainer`'s, pictures `curves`'. What is here decides what a run is made of and says what came of
it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.codet5p import find_model
from codesearch.codet5p.errors import DeviceUnavailable
from codesearch.training.corpus.records import UNREADABLE, read_examples
from codesearch.training.curves import Curves, draw_curves
from codesearch.training.errors import CorpusEmpty, CorpusUnreadable, SettingsInvalid
from codesearch.training.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from codesearch.training.corpus.records import Example
    from codesearch.training.run_log import TrainingProgress

AUTOMATIC_DEVICE = "auto"
_ROUTES = Path(__file__).with_name("routes")


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What came of a run: `steps` of `of_steps` are done, all of them when it is `finished`.

    `checkpoint` is the folder of what was learned up to there. `mrr` is of the last evaluation, None without one;
    `seconds` and `examples` (those to learn from) are of this call.
    """

    checkpoint: Path
    finished: bool
    steps: int
    of_steps: int
    mrr: float | None
    examples: int
    device: str
    seconds: float
    curves: Curves


def train(  # noqa: PLR0913 - keyword-only from the fifth on
    settings: str,
    corpus: Path,
    start: str,
    output: Path,
    *,
    device: str = AUTOMATIC_DEVICE,
    report: Callable[[TrainingProgress], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> TrainingReport:
    """Train from the checkpoint `start` as the file or route `settings` says, in the folder `output`.

    `start` is any name or folder of the registry; `device` is "auto" (a GPU where there is one), "cpu" or "cuda".
    A run that is there already, made of the same things, is gone on with. `report` is called with each logged step;
    as soon as `stop` says so, the run is saved where it is. Afterwards `output` holds `checkpoint/`, `log.jsonl`,
    `curves.json`, `curves.png` and `state.pt`.

    Raises SettingsInvalid, CorpusEmpty, CorpusUnreadable, ModelNotFound, DeviceUnavailable, RunDiffers,
    TrainingDiverged, and the errors of reading a checkpoint.
    """
    from codesearch.training.trainer import Trainer

    started = time.monotonic()
    chosen = read_settings(settings_file(settings))
    folder = find_model(start)
    where = choose_device(device)
    examples, held_out = read_corpus(corpus)
    trainer = Trainer(chosen, folder, output, examples, held_out, where)
    checkpoint = trainer.run(report, stop)
    return TrainingReport(
        checkpoint=checkpoint,
        finished=not trainer.stopped,
        steps=trainer.step,
        of_steps=sum(stage.steps for stage in chosen.stages),
        mrr=trainer.mrr,
        examples=len(examples),
        device=where,
        seconds=time.monotonic() - started,
        curves=draw_curves(output),
    )


def route_names() -> tuple[str, ...]:
    """Return the names of the settings that come with the package."""
    return tuple(sorted(file.stem.replace("_", "-") for file in _ROUTES.glob("*.toml")))


def settings_file(name: str) -> Path:
    """Return the file of a route, "from-scratch" say, or the path itself; raises SettingsInvalid for neither."""
    given = Path(name).expanduser()
    if name in route_names():
        return _ROUTES / f"{name.replace('-', '_')}.toml"
    if not given.is_file():
        raise SettingsInvalid(given, f"there is no such file, nor a route of that name ({', '.join(route_names())})")
    return given


def read_corpus(folder: Path) -> tuple[list[Example], list[Example]]:
    """Return what to learn from and what is held out; a corpus may hold nothing out.

    Raises CorpusEmpty when nothing there has documentation, and CorpusUnreadable.
    """
    try:
        examples = list(read_examples(folder))
        held_out = _held_out(folder)
    except FileNotFoundError as error:
        raise CorpusEmpty(folder) from error
    except UNREADABLE as error:
        raise CorpusUnreadable(folder, f"{type(error).__name__}: {error}") from error
    if not any(example.documentation for example in examples):
        raise CorpusEmpty(folder)
    return examples, held_out


def _held_out(folder: Path) -> list[Example]:
    try:
        return list(read_examples(folder, held_out=True))
    except FileNotFoundError:
        return []


def choose_device(device: str) -> str:
    """Return "cpu" or "cuda" (or "cuda:1") for what was asked; raises DeviceUnavailable."""
    import torch

    if device == "cpu":
        return device
    available = torch.cuda.is_available()
    if device == AUTOMATIC_DEVICE:
        device = "cuda" if available else "cpu"
    elif not available or not device.startswith("cuda"):
        raise DeviceUnavailable(device)
    if device != "cpu":
        torch.set_float32_matmul_precision("high")  # TF32 for what autocast leaves in float32
    return device
