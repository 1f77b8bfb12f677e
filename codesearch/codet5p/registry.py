"""Which models there are, and where each one is on this machine.

A model is found by name: `bundled` inside this package, the CodeT5+ checkpoints in the Hugging Face hub's cache
(`models--Salesforce--NAME/snapshots/REVISION`), anything else as a folder. Nothing here reads the network or a weight,
except `fingerprint`, which reads samples of the weights.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.codet5p.checkpoint import DECODER_FILE, weight_files
from codesearch.codet5p.config_files import OWN_FILE, PUBLISHED_FILE, config_fields, read_config
from codesearch.codet5p.errors import CheckpointFileMissing, CheckpointUnreadable, ModelNotFound
from codesearch.codet5p.tokenizer import (
    ADDED_TOKENS_FILE,
    DECODER_TOKENIZER_FILE,
    MERGES_FILE,
    TOKENIZER_FILE,
    VOCABULARY_FILE,
)
from store import CodesearchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codesearch.codet5p.config import CheckpointConfig

BUNDLED = "bundled"
FULL_QUALITY = "codet5p-220m-bimodal"
PUBLISHER = "Salesforce"

_BUNDLED_FOLDER = Path(__file__).parents[1] / "checkpoints" / BUNDLED
_TOKENIZER_FILES = (TOKENIZER_FILE, VOCABULARY_FILE, MERGES_FILE, ADDED_TOKENS_FILE)  # of the encoder
_SAMPLES = 512  # stretches of the weights that a fingerprint reads, spread evenly over each file
_SAMPLE_BYTES = 2048
_DIGEST_BYTES = 16
_HUB_NAME = re.compile(r"(\w[\w.-]*/)?\w[\w.-]*")  # NAME or PUBLISHER/NAME


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model that this program knows. `location` is its folder, or where it would be; `default` is what auto means."""

    name: str
    description: str
    present: bool
    location: str
    dimension: int
    default: bool


@dataclass(frozen=True, slots=True)
class _KnownModel:
    name: str
    description: str
    dimension: int


_KNOWN = (
    _KnownModel(BUNDLED, "compact encoder, and a decoder that sums up code; inside this package", 384),
    _KnownModel(FULL_QUALITY, "CodeT5+ 220M: encoder, matching head, decoder; the full quality", 256),
    _KnownModel("codet5p-110m-embedding", "CodeT5+ 110M: the encoder of the 220M alone", 256),
    _KnownModel("codet5p-220m", "CodeT5+ 220M before matching and contrast; for generation and fine-tuning", 768),
    _KnownModel("codet5p-770m", "CodeT5+ 770M before matching and contrast; for generation and fine-tuning", 1024),
)


def list_models() -> list[ModelStatus]:
    """Return the known models, the bundled one first."""
    default = automatic_model()
    statuses = []
    for known in _KNOWN:
        places = list(_places(known.name))
        found = next((place for place in places if is_complete(place)), None)
        location = str(found or places[0])
        statuses.append(
            ModelStatus(
                known.name, known.description, found is not None, location, known.dimension, known.name == default
            )
        )
    return statuses


def automatic_model() -> str:
    """Return what the model "auto" stands for: the full-quality one where its weights and a GPU are, else `bundled`.

    Loads torch only where the weights are.
    """
    if not any(is_complete(place) for place in _places(FULL_QUALITY)):
        return BUNDLED
    import torch

    return FULL_QUALITY if torch.cuda.is_available() else BUNDLED


def find_model(name: str) -> Path:
    """Return the folder of the model `name`: a known name, `PUBLISHER/NAME` in the hub's cache, or a folder.

    Raises ModelNotFound with every place that was looked at, also where the files are there but not all of them.
    """
    places = list(_places(name))
    for place in places:
        if is_complete(place):
            return place
    raise ModelNotFound(name, places)


def is_complete(folder: Path) -> bool:
    """Whether `folder` holds a configuration, every weight file and every tokenizer; none of them is checked."""
    if not any((folder / file).is_file() for file in (OWN_FILE, PUBLISHED_FILE)):
        return False
    try:
        weight_files(folder)
    except (CheckpointFileMissing, CheckpointUnreadable):
        return False
    if not (folder / DECODER_TOKENIZER_FILE).is_file() and _needs_decoder_tokenizer(folder):
        return False
    pair = all((folder / file).is_file() for file in (VOCABULARY_FILE, MERGES_FILE))
    return pair or (folder / TOKENIZER_FILE).is_file()


def _needs_decoder_tokenizer(folder: Path) -> bool:
    try:
        return read_config(folder).decoder_special is not None
    except CodesearchError:  # whoever loads the checkpoint says what is wrong with it
        return False


def hub_cache() -> Path:
    """Return the Hugging Face hub's cache folder, from the environment variables that the hub's own client reads."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    if os.environ.get("HF_HOME"):
        return Path(os.environ["HF_HOME"]).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def fingerprint(name: str, folder: Path) -> str:
    """Return `NAME@HASH`, which changes when what makes embeddings changes: configuration, tokenizer or weights.

    A decoder in a file of its own changes nothing: embeddings stay as good as they were. Of the weights it reads
    sizes, the beginning (a safetensors header names every tensor, shape and type) and 512 evenly spread stretches of
    2 KiB: any training changes all of a checkpoint, a damaged or cut file changes its size or its end. It is meant to
    tell checkpoints apart quickly, not to withstand forgery. A runtime that computes otherwise (another precision)
    must add its own mark to the end.
    """
    config = dataclasses.replace(read_config(folder).encoder_part, name="")  # a renamed folder keeps its embeddings
    files = [file for file in weight_files(folder) if file.name != DECODER_FILE]
    return f"{name}@{_digest(config, folder, _TOKENIZER_FILES, files)}"


def decoder_fingerprint(name: str, folder: Path) -> str:
    """Return `NAME@HASH`, which changes when anything of a checkpoint changes, its decoder and heads included.

    Computed as `fingerprint`, for what is derived from the whole checkpoint.
    """
    config = dataclasses.replace(read_config(folder), name="")
    return f"{name}@{_digest(config, folder, (*_TOKENIZER_FILES, DECODER_TOKENIZER_FILE), weight_files(folder))}"


def _digest(config: CheckpointConfig, folder: Path, tokenizers: Iterable[str], weights: Iterable[Path]) -> str:
    digest = hashlib.blake2b(json.dumps(config_fields(config)).encode(), digest_size=_DIGEST_BYTES)
    for name in tokenizers:
        if (folder / name).is_file():
            digest.update(hashlib.blake2b((folder / name).read_bytes()).digest())
    for file in weights:
        _update_with_samples(digest, file)
    return digest.hexdigest()


def _update_with_samples(digest: hashlib.blake2b, file: Path) -> None:
    size = file.stat().st_size
    digest.update(size.to_bytes(8, "little"))
    last = max(size - _SAMPLE_BYTES, 0)
    with file.open("rb", buffering=0) as opened:
        for sample in range(_SAMPLES):
            opened.seek(last * sample // (_SAMPLES - 1))
            digest.update(opened.read(_SAMPLE_BYTES))


def _places(name: str) -> Iterator[Path]:
    """Yield the folders where the model `name` may be, the best first."""
    known = {model.name for model in _KNOWN}
    if name == BUNDLED:
        yield _BUNDLED_FOLDER
        return
    if name not in known:
        yield Path(name).expanduser()
    if not _HUB_NAME.fullmatch(name):
        return
    publisher, _, model = name.rpartition("/")
    repository = hub_cache() / f"models--{publisher or PUBLISHER}--{model}"
    snapshots = repository / "snapshots"
    main = repository / "refs" / "main"
    if main.is_file():
        yield snapshots / main.read_text(encoding="utf-8").strip()
    if snapshots.is_dir():  # other branches, such as those that hold a safetensors copy
        yield from sorted(snapshots.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    yield repository
