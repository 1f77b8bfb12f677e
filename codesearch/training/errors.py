"""What can go wrong in training, each error with the data that a sentence about it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class SettingsInvalid(Exception):
    """The file that describes a training run cannot be used; `reason` says where it is wrong."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(str(file), reason)
        self.file = file
        self.reason = reason


class CorpusEmpty(Exception):
    """A folder holds no examples to train on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


class RunDiffers(Exception):
    """A folder holds the state of another run: `what` (settings, corpus, starting checkpoint) is not the same."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(str(folder), what)
        self.folder = folder
        self.what = what


class TrainingDiverged(Exception):
    """The loss is no number any more; the last saved state is from before that."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step
