"""A decoder that begins as some of its encoder's own layers, so that it can read from the first step on.

Rothe, Narayan and Severyn, "Leveraging Pre-trained Checkpoints for Sequence Generation Tasks" (2020), and BLIP: self-
attention, feed-forward and norms are copies of a layer's; cross-attention, for which an encoder has nothing, is a copy
of the same layer's self-attention. Positions are copied too. The table of another tokenizer's tokens is `initial`'s.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.errors import CheckpointInvalid
from codesearch.codet5p.tensors import DECODER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import torch

    from codesearch.codet5p.config import SpecialTokens, StackConfig

_LAYER = "encoder.layer."
_ATTENTION = "attention."
_POSITIONS = ("embeddings.position_embeddings.", "embeddings.token_type_embeddings.", "embeddings.LayerNorm.")


def copied_stack(folder: Path, encoder: StackConfig, layers: Sequence[int], rows: int) -> StackConfig:
    """Return the shape of a decoder of copies of `layers` of the `encoder` in `folder`, with a table of `rows` tokens.

    Raises CheckpointInvalid when the encoder is no BERT or lacks one of the layers, ValueError without layers.
    """
    if encoder.architecture is not Architecture.BERT:
        raise CheckpointInvalid(folder, "encoder.architecture", encoder.architecture.value)
    if not layers:
        raise ValueError("a decoder has at least one layer")
    if not all(0 <= layer < encoder.layers for layer in layers):
        raise CheckpointInvalid(folder, "encoder.layers", encoder.layers)
    return dataclasses.replace(encoder, vocabulary_size=rows, layers=len(layers))


def copied_tensors(encoder: Mapping[str, torch.Tensor], layers: Sequence[int]) -> dict[str, torch.Tensor]:
    """Return the first tensors of such a decoder under their checkpoint names, all but its table of tokens.

    `encoder` holds the tensors of a BERT encoder. Nothing is shared with it.
    """
    copies = {DECODER + name: tensor for name, tensor in encoder.items() if name.startswith(_POSITIONS)}
    for place, layer in enumerate(layers):
        source, target = f"{_LAYER}{layer}.", f"{DECODER}{_LAYER}{place}."
        parts = {name.removeprefix(source): tensor for name, tensor in encoder.items() if name.startswith(source)}
        copies |= {target + part: tensor for part, tensor in parts.items()}
        copies |= {f"{target}cross{part}": tensor for part, tensor in parts.items() if part.startswith(_ATTENTION)}
    return {name: tensor.clone() for name, tensor in copies.items()}


def counterparts(written: SpecialTokens, read: SpecialTokens) -> dict[int, int]:
    """Return which of the encoder's special tokens each special token of the decoder begins as.

    Whatever begins a text begins as `[CLS]`: the copied layers have always had it there, and attend to it.
    """
    starts = (written.decoder_start, written.bos, written.match, written.text_start, written.code_start)
    begins = {token: read.bos for token in starts if token is not None}
    return {**begins, written.eos: read.eos, written.unknown: read.unknown, written.mask: read.mask}
