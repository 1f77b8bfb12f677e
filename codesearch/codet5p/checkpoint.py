"""Reads and writes the tensors of a checkpoint, and refuses any that do not fit its configuration.

Files: `model.safetensors`, a sharded `model.safetensors.index.json`, or `pytorch_model.bin`, with or without the tied
copies of the embedding table. Our own format keeps the encoder in `model.safetensors` and a decoder with its heads
beside it in `decoder.safetensors`, so that a better decoder leaves the encoder, and every index made with it, as it is.
Only `pytorch_model.bin` needs torch. Names and shapes are `tensors`; what is done with the tensors is `network`.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointUnreadable, TensorsMismatch
from codesearch.codet5p.tensors import expected_shapes, tied_copies
from codesearch.codet5p.tokenizer import DECODER_TOKENIZER_FILE, TOKENIZER_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

    from codesearch.codet5p.config import CheckpointConfig

SAFETENSORS_FILE = "model.safetensors"
SAFETENSORS_INDEX = "model.safetensors.index.json"
PICKLE_FILE = "pytorch_model.bin"
DECODER_FILE = "decoder.safetensors"
WEIGHT_FILES = (SAFETENSORS_FILE, SAFETENSORS_INDEX, PICKLE_FILE)

# Old T5 files hold a bias table that cross-attention never uses; old BERT files hold a range of integers.
_IGNORED = frozenset(
    {"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", "embeddings.position_ids"}
)


class _Tensor(Protocol):
    @property
    def shape(self) -> Any: ...  # noqa: ANN401 - torch.Size or a tuple


T = TypeVar("T", bound=_Tensor)


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file's header says of a tensor."""

    shape: tuple[int, ...]


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that hold the weights: one, several shards, or the encoder's and the decoder's, in this order.

    Raises CheckpointFileMissing and CheckpointUnreadable (a damaged index).
    """
    single, index, pickled = (folder / name for name in WEIGHT_FILES)
    if single.is_file():
        return tuple(file for file in (single, folder / DECODER_FILE) if file.is_file())
    if index.is_file():
        try:
            shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointUnreadable(index, str(error)) from error
        for shard in shards:
            if not (folder / shard).is_file():
                raise CheckpointFileMissing(folder, (shard,))
        return tuple(folder / shard for shard in shards)
    if pickled.is_file():
        return (pickled,)
    raise CheckpointFileMissing(folder, WEIGHT_FILES)


def read_tensors_numpy(folder: Path, config: CheckpointConfig | None = None) -> dict[str, NDArray[np.float32]]:
    """Return name -> float32 array for exactly the names of `tensors.expected_shapes`.

    Torch is loaded only where the weights are a `pytorch_model.bin` or bfloat16, which numpy lacks. Raises the errors
    of `read_config` and `weight_files`, CheckpointUnreadable and TensorsMismatch.
    """
    config = config or read_config(folder)
    files = weight_files(folder)
    if _needs_torch(files):
        import torch

        return {name: tensor.numpy() for name, tensor in read_tensors(folder, config, torch.float32).items()}
    from safetensors.numpy import load_file

    found = _canonical(folder, config, _read_shards(files, load_file), np.array_equal)
    return {name: np.asarray(array, dtype=np.float32) for name, array in found.items()}


def read_encoder_tensors(folder: Path, config: CheckpointConfig | None = None) -> dict[str, NDArray[np.float32]]:
    """Return name -> float32 array for the encoder and its projection alone: what embedding a text needs.

    Every name and shape in the files is checked, but of safetensors no other tensor is read, so that a decoder in the
    file costs a reader of the encoder nothing. Raises as `read_tensors_numpy`, except for untied copies.
    """
    config = config or read_config(folder)
    wanted = expected_shapes(config.encoder_part)
    files = weight_files(folder)
    if _needs_torch(files):
        every = read_tensors_numpy(folder, config)
        return {name: every[name] for name in wanted}
    headers = _read_shards(files, _headers)
    _canonical(folder, config, headers, lambda *_: True)
    copies = {source: copy for copy, source in tied_copies(config).items() if copy in headers}
    stored = {name if name in headers else copies[name]: name for name in wanted}
    found = _read_shards(files, partial(_load_named, names=stored))
    return {stored[name]: np.asarray(array, dtype=np.float32) for name, array in found.items()}


def read_tensors(folder: Path, config: CheckpointConfig, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Return name -> tensor on the CPU, in `dtype`, for exactly the names of `tensors.expected_shapes`.

    Raises as `read_tensors_numpy`.
    """
    import torch
    from safetensors.torch import load_file

    files = weight_files(folder)
    pickled = files[0].name == PICKLE_FILE
    found = _read_pickle(files[0]) if pickled else _read_shards(files, load_file)
    return {name: tensor.to(dtype) for name, tensor in _canonical(folder, config, found, torch.equal).items()}


def write_checkpoint(
    folder: Path,
    config: CheckpointConfig,
    tensors: Mapping[str, Any],
    tokenizer: str,
    decoder_tokenizer: str | None = None,
) -> None:
    """Write a checkpoint of our own format; weights become half precision.

    `tensors` are numpy arrays or torch tensors under the names of `tensors.expected_shapes`; `tokenizer` is the text of
    `tokenizer.json`, `decoder_tokenizer` that of `decoder_tokenizer.json`, which goes with `config.decoder_special`
    (ValueError for one without the other). Raises TensorsMismatch when a name or shape is wrong. The encoder's weights
    are written last, under a temporary name, so that an interrupted write never looks complete.
    """
    if (decoder_tokenizer is None) != (config.decoder_special is None):
        raise ValueError("a decoder's own tokenizer and its special tokens go together")
    arrays = {name: _as_half(tensor) for name, tensor in tensors.items()}
    _check_shapes(folder, config, arrays)
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, config)
    (folder / TOKENIZER_FILE).write_text(tokenizer, encoding="utf-8")
    (folder / DECODER_TOKENIZER_FILE).unlink(missing_ok=True)
    if decoder_tokenizer is not None:
        (folder / DECODER_TOKENIZER_FILE).write_text(decoder_tokenizer, encoding="utf-8")
    of_encoder = expected_shapes(config.encoder_part)
    (folder / DECODER_FILE).unlink(missing_ok=True)
    if config.decoder is not None:
        _write(folder / DECODER_FILE, {name: array for name, array in arrays.items() if name not in of_encoder})
    _write(folder / SAFETENSORS_FILE, {name: arrays[name] for name in of_encoder})


def _write(file: Path, arrays: Mapping[str, NDArray[np.float16]]) -> None:
    from safetensors.numpy import save

    partial = file.with_name(f"{file.name}.partial")
    partial.write_bytes(save(dict(arrays), metadata={"format": "pt"}))  # the library's `save_file` hides it from others
    partial.replace(file)


def _as_half(tensor: Any) -> NDArray[np.float16]:  # noqa: ANN401 - a numpy array or a torch tensor
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu().float().numpy()
    return np.ascontiguousarray(tensor, dtype=np.float16)


def _read_shards(files: tuple[Path, ...], load_file: Callable[[Path], dict[str, T]]) -> dict[str, T]:
    from safetensors import SafetensorError

    found: dict[str, T] = {}
    for file in files:
        try:
            found |= load_file(file)
        except (SafetensorError, OSError) as error:
            raise CheckpointUnreadable(file, str(error)) from error
    return found


def _read_pickle(file: Path) -> dict[str, torch.Tensor]:
    """Load without running anything from the file; files from before torch 1.6 are not zips and cannot be mapped."""
    import torch

    try:
        found = torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise CheckpointUnreadable(file, str(error)) from error
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise CheckpointUnreadable(file, "not a dictionary of tensors")
    return found


def _headers(file: Path) -> dict[str, _Header]:
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        return {name: _Header(tuple(opened.get_slice(name).get_shape())) for name in opened.keys()}  # noqa: SIM118


def _load_named(file: Path, names: Container[str]) -> dict[str, NDArray[Any]]:
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        return {name: opened.get_tensor(name) for name in opened.keys() if name in names}  # noqa: SIM118


def _needs_torch(files: tuple[Path, ...]) -> bool:
    return files[0].name == PICKLE_FILE or any(_holds_bfloat16(file) for file in files)


def _holds_bfloat16(file: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            return any(opened.get_slice(name).get_dtype() == "BF16" for name in opened.keys())  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointUnreadable(file, str(error)) from error


def _canonical(
    folder: Path, config: CheckpointConfig, found: dict[str, T], equal: Callable[[T, T], Any]
) -> dict[str, T]:
    """Fold the tied copies into their source and check every name and shape."""
    found = {name: tensor for name, tensor in found.items() if name not in _IGNORED}
    untied = []
    for copy, source in tied_copies(config).items():
        if copy not in found:
            continue
        tensor = found.pop(copy)
        if not equal(found.setdefault(source, tensor), tensor):
            untied.append(copy)
    if untied:
        raise TensorsMismatch(folder, untied=untied)
    _check_shapes(folder, config, found)
    return found


def _check_shapes(folder: Path, config: CheckpointConfig, found: Mapping[str, _Tensor]) -> None:
    expected = expected_shapes(config)
    missing = sorted(expected.keys() - found.keys())
    unexpected = sorted(found.keys() - expected.keys())
    reshaped = [
        (name, shape, tuple(found[name].shape))
        for name, shape in expected.items()
        if name in found and tuple(found[name].shape) != shape
    ]
    if missing or unexpected or reshaped:
        raise TensorsMismatch(folder, missing, unexpected, reshaped)
