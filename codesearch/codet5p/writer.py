"""What a decoder writes for users: code for a description, a summary of code, the rest of code that was begun.

Says what can be asked and chooses what it runs on; importing this loads no runtime, `load_writer` loads torch and
transformers, and only for a checkpoint with a decoder. What is put before the decoder (which code was retrieved, what
of it has room) and what is done with what it writes are for the folder above.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.encoders import AUTOMATIC, DEVICES
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.matcher import usable_device
from codesearch.codet5p.registry import automatic_model, decoder_fingerprint, find_model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Task(StrEnum):
    """What is written. A checkpoint that was trained for it has a token that the writing begins with."""

    CODE = "code"  # [CDEC]: code for a description
    SUMMARY = "summary"  # [TDEC]: a description of code
    COMPLETION = "completion"  # [CDEC] and the code that was begun: how it goes on


_WRITERS = {
    Task.CODE: "decoder that writes code well enough",
    Task.SUMMARY: "decoder that sums up code well enough",
    Task.COMPLETION: "decoder that completes code well enough",
}


@dataclass(frozen=True, slots=True)
class Decoding:
    """How what is written is chosen.

    At most `max_tokens` tokens are written, the end token counted. With `temperature` None or 0 each token is the
    likeliest, or, with several `beams`, the sequence is; else tokens are drawn, of those that together have the
    probability `top_p`, and equal `seed`s draw alike on the same machine. Raises ValueError for what cannot be.
    """

    max_tokens: int = 128
    beams: int = 1
    temperature: float | None = None
    top_p: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or self.beams < 1:
            raise ValueError("max_tokens and beams are at least 1")
        if (self.temperature or 0) < 0 or not 0 < self.top_p <= 1:
            raise ValueError("the temperature is not negative, and top_p is above 0 and at most 1")
        if self.samples and self.beams > 1:
            raise ValueError("either beams or a temperature")

    @property
    def samples(self) -> bool:
        """Whether tokens are drawn."""
        return bool(self.temperature)


class Written(NamedTuple):
    """One text, without special tokens, and the mean log-probability of its tokens, its end counted.

    `cut_at` is how many tokens were written where there was no room for more, None for a text that came to its end.
    """

    text: str
    score: float
    cut_at: int | None = None

    @property
    def complete(self) -> bool:
        """Whether the decoder came to an end."""
        return self.cut_at is None


class Writer(Protocol):
    """What every runtime of a decoder offers."""

    @property
    def source_tokens(self) -> int:
        """How many tokens the encoder reads, special tokens included."""

    def tokens_in(self, text: str) -> int:
        """Return how many tokens the encoder's vocabulary has for `text`, special tokens not counted."""

    def write(
        self,
        task: Task,
        parts: Sequence[str],
        decoding: Decoding,
        *,
        prefix: str = "",
        on_text: Callable[[str], None] | None = None,
    ) -> list[Written]:
        """Return what is written: `beams` texts with beams, the best first, else one.

        The encoder reads `parts`, such as a prompt and retrieved code, as `<s> part </s> part </s>`, cut at
        `source_tokens`. What is written begins with `prefix` in any case; of a long prefix the last tokens that leave
        room for `max_tokens` are read. The texts are what follows it, without it. `on_text` gets the first text piece
        by piece as it is written, whole characters only. Raises ValueError for `on_text` with beams.
        """

    def write_many(self, task: Task, sources: Sequence[str], max_tokens: int) -> list[Written]:
        """Return what `write` does for each source alone, greedily, in their order; many are written side by side."""


@dataclass(frozen=True, slots=True)
class FoundWriter:
    """A decoder that is on this machine: the `fingerprint` changes when what it writes does."""

    name: str
    folder: Path
    fingerprint: str


def find_writer(model: str, task: Task | None = None) -> FoundWriter:
    """Return the decoder of `model`, without loading it; takes and raises what `load_writer` does, but for devices.

    With a `task` it raises CapabilityMissing, too, when the checkpoint says that it is not for that.
    """
    name = automatic_model() if model == AUTOMATIC else model
    folder = find_model(name)
    config = read_config(folder)
    if config.decoder is None:
        raise CapabilityMissing(config.name, "decoder")
    if task is not None and config.writes is not None and task not in config.writes:
        raise CapabilityMissing(config.name, _WRITERS[task])
    return FoundWriter(name, folder, decoder_fingerprint(name, folder))


def load_writer(model: str, device: str = AUTOMATIC) -> Writer:
    """Return the decoder of `model`: a name, a folder with a checkpoint, or "auto".

    `device` is "cpu" (float32), "cuda" (bfloat16) or "auto": the GPU where there is one. Raises CapabilityMissing when
    the checkpoint has no decoder, ModelNotFound, DeviceUnavailable ("cuda" asked for and not usable) and the errors of
    reading a checkpoint.
    """
    if device not in DEVICES:
        raise ValueError(f"device must be one of {DEVICES}")
    found = find_writer(model)
    chosen = usable_device(device)
    from codesearch.codet5p.torch_writer import TorchWriter

    return TorchWriter(found.folder, chosen)
