"""Chooses what a checkpoint's encoder runs on.

All runtimes of a checkpoint share one fingerprint: their vectors may be compared, so that an index made on a GPU
answers on a laptop and the other way round. Measured on all-MiniLM-L6-v2 over the 6,267 functions and 500 queries of
CoSQA's development set: cosine between int8 and float32 mean .9981, smallest .9966; MRR .541 with float32 on both
sides, .540 with int8 on both, .542 with int8 queries against float32 functions, .535 the other way round. The last is
why queries are encoded on the CPU everywhere; starting without torch is the other reason.

Without a sign of an NVIDIA device neither torch nor transformers is loaded, and importing this loads no runtime.
"""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.errors import DeviceUnavailable
from codesearch.codet5p.registry import automatic_model, find_model, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

AUTOMATIC = "auto"
CPU = "cpu"
CUDA = "cuda"
DEVICES = (AUTOMATIC, CPU, CUDA)

# What loading torch, transformers and the weights onto a GPU takes. Once this much has been spent on the CPU the GPU
# is loaded: whatever is still to come, that costs at most twice the best choice (renting skis).
GPU_START_SECONDS = 5.0

_DRIVER = Path("/proc/driver/nvidia/version")


class LoadedEncoder(Protocol):
    """What every runtime offers: `indexer.encoder`, and queries."""

    @property
    def fingerprint(self) -> str:
        """Identifies the checkpoint: embeddings of equal fingerprints may be compared."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,), float32."""


@dataclass(frozen=True, slots=True)
class FoundEncoder:
    """An encoder that is on this machine: what of a `LoadedEncoder` is known before it is loaded, and from where."""

    name: str
    folder: Path
    fingerprint: str
    dimension: int


class QueryOnCpuEncoder:
    """Queries, and the first passages, on the CPU; a GPU from when it is worth its start.

    `load_gpu` returns the GPU's encoder, or None where there is none after all; it is called once, when passages have
    taken `start_seconds` on the CPU.
    """

    def __init__(
        self,
        cpu: LoadedEncoder,
        load_gpu: Callable[[], LoadedEncoder | None],
        start_seconds: float = GPU_START_SECONDS,
    ) -> None:
        self._cpu, self._load_gpu = cpu, load_gpu
        self._passages = cpu
        self._seconds_left = start_seconds
        self._decided = False
        self._deciding = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Identifies the checkpoint."""
        return self._cpu.fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._cpu.dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,)."""
        return self._cpu.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
        with self._deciding:
            if self._seconds_left <= 0 and not self._decided:
                self._decided = True
                self._passages = self._load_gpu() or self._cpu
        if self._decided:
            return self._passages.encode_passages(texts)
        started = time.perf_counter()
        vectors = self._cpu.encode_passages(texts)
        self._seconds_left -= time.perf_counter() - started
        return vectors


def find_encoder(model: str) -> FoundEncoder:
    """Return the encoder of `model`: a name, a folder with a checkpoint, or "auto".

    Loads no runtime and reads few of the weights. Raises ModelNotFound and the errors of reading a configuration.
    """
    name = automatic_model() if model == AUTOMATIC else model
    folder = find_model(name)
    return FoundEncoder(name, folder, fingerprint(name, folder), read_config(folder).dimension)


def load_encoder(
    model: str | FoundEncoder, *, cache_folder: Path | None = None, device: str = AUTOMATIC
) -> LoadedEncoder:
    """Return an encoder of `model`: what `find_encoder` takes or what it returns.

    `cache_folder` keeps what is derived from checkpoints, by default `default_cache_folder`. `device` is "cpu", "cuda"
    or "auto": with an NVIDIA device, queries on the CPU and long work on the GPU. Raises ModelNotFound,
    DeviceUnavailable ("cuda" asked for and not usable) and the errors of reading a checkpoint.
    """
    if device not in DEVICES:
        raise ValueError(f"device must be one of {DEVICES}")
    found = find_encoder(model) if isinstance(model, str) else model
    if device == CUDA:
        encoder = _on_gpu(found)
        if encoder is None:
            raise DeviceUnavailable(CUDA)
        return encoder
    from codesearch.codet5p.cpu_encoder import CpuEncoder

    cpu = CpuEncoder(found.name, found.folder, cache_folder or default_cache_folder())
    if device == AUTOMATIC and nvidia_device_likely():
        return QueryOnCpuEncoder(cpu, lambda: _on_gpu(found))
    return cpu


def default_cache_folder() -> Path:
    """Return the platform's folder for what is derived from checkpoints and may be deleted at any time."""
    import platformdirs

    return platformdirs.user_cache_path("codesearch", appauthor=False) / "runtimes"


def nvidia_device_likely() -> bool:
    """Whether it is worth loading torch to look for a GPU: a driver or its tool is there."""
    return _DRIVER.is_file() or shutil.which("nvidia-smi") is not None


def _on_gpu(found: FoundEncoder) -> LoadedEncoder | None:
    import torch

    if not torch.cuda.is_available():
        return None
    from codesearch.codet5p.gpu_encoder import TorchEncoder

    return TorchEncoder(found.name, found.folder)
