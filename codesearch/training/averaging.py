"""Between two checkpoints: the weights of one moved towards those of another.

A model that was trained on one thing and the model that it started from, mixed, often keep what either does well
(Wortsman et al., "Robust fine-tuning of zero-shot models", 2022). It only makes sense where one came from the other.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from codesearch.codet5p import find_model
from codesearch.codet5p.checkpoint import read_tensors, write_checkpoint
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.golden import write_golden
from codesearch.codet5p.tokenizer import DECODER_TOKENIZER_FILE, tokenizer_text
from codesearch.training.errors import CheckpointsDiffer

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from codesearch.codet5p.config import CheckpointConfig


def average_checkpoints(first: str, second: str, share: float, target: Path) -> CheckpointConfig:
    """Write to `target` the model `first` with each weight moved by `share` (0 to 1) towards that of `second`.

    Configuration and tokenizers are those of `first`; what `second` lacks, a decoder say, stays as it is. Raises
    CheckpointsDiffer when one tokenizer or tensor they share is not of the same kind, ValueError for another share,
    ModelNotFound, and the errors of reading a checkpoint.
    """
    import torch

    if not 0 <= share <= 1:
        raise ValueError(f"a share of {share} is not between 0 and 1")
    folders = find_model(first), find_model(second)
    configs = read_config(folders[0]), read_config(folders[1])
    own, other = (read_tensors(*one, torch.float32) for one in zip(folders, configs, strict=True))
    _check(folders, configs, own, other)
    mixed = {name: tensor.lerp(other[name], share) if name in other else tensor for name, tensor in own.items()}
    mixed = {name: tensor.half() for name, tensor in mixed.items()}  # golden values of what is kept
    config = dataclasses.replace(configs[0], name=target.name)
    written = tokenizer_text(folders[0], DECODER_TOKENIZER_FILE) if config.decoder_special else None
    write_checkpoint(target, config, mixed, tokenizer_text(folders[0]), written)
    write_golden(target, config, mixed)
    return config


def _check(
    folders: tuple[Path, Path],
    configs: tuple[CheckpointConfig, CheckpointConfig],
    own: dict[str, torch.Tensor],
    other: dict[str, torch.Tensor],
) -> None:
    if configs[0].encoder != configs[1].encoder or configs[0].pooling != configs[1].pooling:
        raise CheckpointsDiffer(*folders, "the encoders are not of one shape")
    if tokenizer_text(folders[0]) != tokenizer_text(folders[1]):
        raise CheckpointsDiffer(*folders, "the tokenizers are not the same")
    if all(config.decoder_special for config in configs):
        texts = [tokenizer_text(folder, DECODER_TOKENIZER_FILE) for folder in folders]
        if texts[0] != texts[1]:
            raise CheckpointsDiffer(*folders, "the tokenizers of the decoders are not the same")
    for name in own.keys() & other.keys():
        if own[name].shape != other[name].shape:
            raise CheckpointsDiffer(*folders, f"{name} is not of one shape")
