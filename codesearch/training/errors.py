"""What can go wrong in training, each error with the data that a sentence about it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from pathlib import Path


class SettingsInvalid(CodesearchError):
    """The file that describes a training run cannot be used; `reason` says where it is wrong."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(str(file), reason)
        self.file = file
        self.reason = reason


class CorpusEmpty(CodesearchError):
    """A folder holds no examples to train on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


class RunDiffers(CodesearchError):
    """A folder holds the state of another run: `what` (settings, corpus, starting checkpoint) is not the same."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(str(folder), what)
        self.folder = folder
        self.what = what


class TrainingDiverged(CodesearchError):
    """The loss is no number any more; the last saved state is from before that."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


class RunMissing(CodesearchError):
    """A folder holds no training run: nothing is logged there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


class CheckpointsDiffer(CodesearchError):
    """Two checkpoints cannot be averaged: `detail` says what is not the same."""

    def __init__(self, first: Path, second: Path, detail: str) -> None:
        super().__init__(str(first), str(second), detail)
        self.first = first
        self.second = second
        self.detail = detail


class CorpusUnreadable(CodesearchError):
    """A file of a corpus is damaged."""

    def __init__(self, folder: Path, detail: str) -> None:
        super().__init__(str(folder), detail)
        self.folder = folder
        self.detail = detail
