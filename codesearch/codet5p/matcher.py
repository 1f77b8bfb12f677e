"""Does this text describe this code? Chooses what a checkpoint's matching head runs on.

Importing this loads no runtime, and `load_matcher` torch and transformers only for a GPU. How scores are used
(measured, or added to cosines to order candidates again) is for the folder above.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from codesearch.codet5p.batches import distinct_texts
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.encoders import (
    AUTOMATIC,
    CPU,
    CUDA,
    DEVICES,
    default_cache_folder,
    nvidia_device_likely,
)
from codesearch.codet5p.errors import CapabilityMissing, DeviceUnavailable
from codesearch.codet5p.registry import automatic_model, find_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class Matcher(Protocol):
    """What every runtime of a matching head offers.

    A score is the raw logit of "matches", with no bounds. CodeT5+ orders candidates by this logit plus the cosine of
    their embeddings, unweighted (`code_retrieval/eval_match_retrieval.py` of its repository).
    """

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each of `codes` for one query, shape (len(codes),); the query is encoded once."""

    def pair_scores(self, texts: Sequence[str], codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of each pair, shape (pairs,). Raises ValueError when the lengths differ."""


class OwnerMatcher(ABC):
    """A matcher that scores codes against texts that are given once each."""

    def scores(self, query: str, codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the logit of "matches" of each of `codes`, shape (len(codes),), float32; see `Matcher`."""
        return self._scores([query], codes, [0] * len(codes))

    def pair_scores(self, texts: Sequence[str], codes: Sequence[str]) -> NDArray[np.float32]:
        """Return the logit of "matches" of each pair, shape (pairs,), float32; see `Matcher`."""
        distinct, owners = distinct_texts(texts, codes)
        return self._scores(distinct, codes, owners)

    @abstractmethod
    def _scores(self, texts: Sequence[str], codes: Sequence[str], owners: Sequence[int]) -> NDArray[np.float32]:
        """Score code i against text `owners[i]`."""


def load_matcher(model: str, device: str = AUTOMATIC, *, cache_folder: Path | None = None) -> Matcher:
    """Return the matching head of `model`: a name, a folder with a checkpoint, or "auto".

    `device` is "cpu" (8-bit integers, without torch), "cuda" (bfloat16) or "auto": the GPU where there is one.
    `cache_folder` keeps what is derived from checkpoints, by default `default_cache_folder`. Decoders of T5's and of
    BERT's kind run on either device. Raises CapabilityMissing when the checkpoint has no matching head, ModelNotFound,
    DeviceUnavailable ("cuda" asked for and not usable) and the errors of reading a checkpoint.
    """
    if device not in DEVICES:
        raise ValueError(f"device must be one of {DEVICES}")
    folder = find_model(automatic_model() if model == AUTOMATIC else model)
    config = read_config(folder)
    if not config.matching_head:
        raise CapabilityMissing(config.name, "matching head")
    if usable_device(device) == CUDA:
        from codesearch.codet5p.torch_matcher import TorchMatcher

        return TorchMatcher(folder)
    from codesearch.codet5p.cpu_matcher import CpuMatcher

    return CpuMatcher(folder, cache_folder or default_cache_folder())


def usable_device(device: str) -> str:
    """Return what to compute on, "cpu" or "cuda", where `device` may be "auto". Raises DeviceUnavailable."""
    if device == CPU or (device == AUTOMATIC and not nvidia_device_likely()):
        return CPU
    import torch

    if torch.cuda.is_available():
        return CUDA
    if device == CUDA:
        raise DeviceUnavailable(CUDA)
    return CPU
