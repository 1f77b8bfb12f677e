"""What a checkpoint is made of: the shapes of its stacks, its pooling and heads, its special tokens and its limits.

A value type and nothing else: reading it from files is `config_files`, tensors are `checkpoint`, arithmetic is
`network`. Every runtime (torch, ONNX) is built from these fields alone, so that another encoder or another
encoder/decoder pair is one more checkpoint and not one more code path.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum


class Architecture(StrEnum):
    """How a stack computes."""

    T5 = "t5"  # RMSNorm before each sub-layer, relative position bias, unscaled attention, ReLU, no biases
    BERT = "bert"  # LayerNorm after each sub-layer, absolute positions, scaled attention, exact GELU, biases


class Pooling(StrEnum):
    """How the states of a sequence become one vector, before the projection."""

    FIRST = "first"  # the state of the first token (CodeT5+: `<s>`)
    MEAN = "mean"  # the mean of the states under the attention mask


@dataclass(frozen=True, slots=True)
class StackConfig:
    """The shape of one encoder or decoder.

    `relative_buckets` and `relative_max_distance` are T5's, `positions` and `token_types` BERT's; the other
    architecture ignores them. Only token type 0 is ever used.
    """

    architecture: Architecture
    vocabulary_size: int
    hidden_size: int
    feed_forward_size: int
    layers: int
    heads: int
    head_size: int
    norm_epsilon: float
    relative_buckets: int = 32
    relative_max_distance: int = 128
    positions: int = 512
    token_types: int = 2


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """Token ids with a meaning. For BERT, `bos` is `[CLS]` and `eos` is `[SEP]`.

    `match`, `text_start` and `code_start` are `[ENC]`, `[TDEC]` and `[CDEC]`; `sentinel` is `<extra_id_0>`, and
    `<extra_id_k>` is `sentinel - k`. None where the checkpoint has none.
    """

    pad: int
    bos: int
    eos: int
    unknown: int
    mask: int
    decoder_start: int | None = None
    match: int | None = None
    text_start: int | None = None
    code_start: int | None = None
    sentinel: int | None = None


@dataclass(frozen=True, slots=True)
class CheckpointConfig:
    """Everything that a runtime needs to know besides the tensors.

    `projection` is the output size of `proj` (a Linear with bias), None without one. `max_tokens` is the longest
    sequence the encoder was trained for; `query_tokens` and `passage_tokens` are the limits to use for each, special
    tokens included. `special` is of the encoder's tokenizer; a decoder with a tokenizer of its own has
    `decoder_special`, None where one tokenizer serves both. `writes` names what its decoder was found to write well
    enough to be shown (the values of `writer.Task`); None where nobody has limited it.
    """

    name: str
    encoder: StackConfig
    decoder: StackConfig | None
    pooling: Pooling
    projection: int | None
    matching_head: bool
    max_tokens: int
    query_tokens: int
    passage_tokens: int
    special: SpecialTokens
    decoder_special: SpecialTokens | None = None
    writes: tuple[str, ...] | None = None

    @property
    def dimension(self) -> int:
        """The length of an embedding."""
        return self.projection or self.encoder.hidden_size

    @property
    def writing(self) -> SpecialTokens:
        """The special tokens of what the decoder reads and writes: its own, or the encoder's where it has none."""
        return self.decoder_special or self.special

    @property
    def encoder_part(self) -> CheckpointConfig:
        """The same checkpoint without a decoder and its heads: what embedding a text needs."""
        return dataclasses.replace(self, decoder=None, matching_head=False, decoder_special=None, writes=None)

    @property
    def shares_embedding(self) -> bool:
        """Whether one table, `shared.weight`, serves the encoder and the decoder.

        A decoder beside another kind or width of encoder, or with a tokenizer of its own, and any BERT decoder, has a
        table of its own (`tensors.decoder_embedding`).
        """
        if self.decoder is None or self.decoder_special is not None:
            return False
        both_t5 = self.encoder.architecture is self.decoder.architecture is Architecture.T5
        return both_t5 and self.encoder.hidden_size == self.decoder.hidden_size

    @property
    def bridged(self) -> bool:
        """Whether `enc_to_dec_proj` (a Linear with bias) brings the encoder's states to the decoder's width."""
        return self.decoder is not None and self.encoder.hidden_size != self.decoder.hidden_size
