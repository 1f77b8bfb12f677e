"""What can be wrong with a checkpoint. Each error carries data; `cli/errors.py` makes the sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ModelNotFound(CodesearchError):
    """No complete checkpoint of this name is on this machine."""

    def __init__(self, name: str, searched: Sequence[Path]) -> None:
        super().__init__(name, tuple(searched))
        self.name = name
        self.searched = tuple(searched)


class CheckpointUnsupported(CodesearchError):
    """The checkpoint's kind (`field`: "model_type", "format" or "version") is none of those that we can build."""

    def __init__(self, path: Path, field: str, found: object, supported: Sequence[object]) -> None:
        super().__init__(path, field, found, tuple(supported))
        self.path = path
        self.field = field
        self.found = found
        self.supported = tuple(supported)


class CheckpointInvalid(CodesearchError):
    """A field of the configuration is absent (`found` is None), or has a value that cannot be right."""

    def __init__(self, path: Path, field: str, found: object) -> None:
        super().__init__(path, field, found)
        self.path = path
        self.field = field
        self.found = found


class CheckpointFileMissing(CodesearchError):
    """The folder lacks a file that a checkpoint needs; any one of `names` would do."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        super().__init__(folder, tuple(names))
        self.folder = folder
        self.names = tuple(names)


class CheckpointUnreadable(CodesearchError):
    """A file of the checkpoint is damaged or is not what its name says."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class TensorsMismatch(CodesearchError):
    """The weights are not those of the configuration.

    `reshaped` holds (name, expected shape, found shape); `untied` the copies of the embedding table that differ.
    """

    def __init__(
        self,
        path: Path,
        missing: Sequence[str] = (),
        unexpected: Sequence[str] = (),
        reshaped: Sequence[tuple[str, tuple[int, ...], tuple[int, ...]]] = (),
        untied: Sequence[str] = (),
    ) -> None:
        super().__init__(path, tuple(missing), tuple(unexpected), tuple(reshaped), tuple(untied))
        self.path = path
        self.missing = tuple(missing)
        self.unexpected = tuple(unexpected)
        self.reshaped = tuple(reshaped)
        self.untied = tuple(untied)


class CapabilityMissing(CodesearchError):
    """The checkpoint has no such part: `capability` is "matching head" or "decoder"."""

    def __init__(self, name: str, capability: str) -> None:
        super().__init__(name, capability)
        self.name = name
        self.capability = capability


class DeviceUnavailable(CodesearchError):
    """The device asked for is not there, or torch cannot use it."""

    def __init__(self, device: str) -> None:
        super().__init__(device)
        self.device = device
