"""The network of any checkpoint: an encoder, a pooling, and, where the checkpoint has them, a decoder and heads.

The stacks are those of the library transformers, built from the fields of `CheckpointConfig` and never from a
checkpoint's own code; the heads are ours. Loading files is `checkpoint`, batching and precision are for the caller.
Importing this module loads torch; transformers loads with the first network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from codesearch.codet5p.checkpoint import read_tensors
from codesearch.codet5p.config import Architecture, Pooling
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.decoders import Context, Strategy, decoder_face
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.stacks import decoder_language_model, encoder_stack
from codesearch.codet5p.tensors import (
    MATCHED,
    MATCHING_CLASSES,
    SHARED,
    decoder_embedding,
    expected_shapes,
    tied_copies,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.decoders import Decoder, Sequences

_SMALLEST_NORM = 1e-12


class Network(nn.Module):
    """A checkpoint's network, with random weights until `load` fills it; see `load_network`.

    Everywhere `ids` and `mask` are int64, shape (batch, length), padded on the right, the mask 1 where a token is.
    """

    def __init__(self, config: CheckpointConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = encoder_stack(config)
        self.language_model = None if config.decoder is None else decoder_language_model(config.decoder, config.writing)
        width = config.encoder.hidden_size
        self.proj = nn.Linear(width, config.projection) if config.projection else None
        self.enc_to_dec_proj: nn.Linear | None = None
        self.itm_head: nn.Linear | None = None
        if config.decoder is not None:
            self.enc_to_dec_proj = nn.Linear(width, config.decoder.hidden_size) if config.bridged else None
            self.itm_head = nn.Linear(config.decoder.hidden_size, MATCHING_CLASSES) if config.matching_head else None

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the encoder's last hidden states, shape (batch, length, encoder width)."""
        states: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states

    def pool(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors, shape (batch, dimension), from the encoder's states (CodeT5+: `<s>`, projected)."""
        if self.config.pooling is Pooling.FIRST:
            pooled = states[:, 0]
        else:
            weights = mask.unsqueeze(-1).float()  # a sum over a passage loses too much in bfloat16
            pooled = (states.float() * weights).sum(1) / weights.sum(1)
        if self.proj is not None:
            pooled = self.proj(pooled.to(self.proj.weight.dtype))
        return nn.functional.normalize(pooled.float(), dim=-1, eps=_SMALLEST_NORM)

    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors, float32, shape (batch, dimension)."""
        return self.pool(self.encode(ids, mask), mask)

    def match_logits(self, text_states: Tensor, text_mask: Tensor, code_ids: Tensor, code_mask: Tensor) -> Tensor:
        """Return the matching head's logits, float32, shape (batch, 2), for pairs of an encoded text and a code.

        `text_states` come from `encode`; `code_ids` are `<s> code </s>` of the decoder's tokenizer
        (`load_decoder_tokenizer`), whose first id becomes `[ENC]` here. The
        decoder reads the code causally and attends to the text; the head reads the (unscaled) state of the last
        `</s>`. Raises CapabilityMissing, and on the CPU ValueError when a row of `code_ids` has no `</s>`; a GPU would
        have to be waited for.
        """
        match, eos = self.config.writing.match, self.config.writing.eos
        if self.itm_head is None or match is None:
            raise CapabilityMissing(self.config.name, "matching head")
        ends = (code_ids == eos) & (code_mask == 1)
        if code_ids.device.type == "cpu" and not bool(ends.any(dim=1).all()):
            raise ValueError("every row of code_ids must hold an end-of-sequence token")
        last = ends.shape[1] - 1 - ends.flip(1).to(torch.int8).argmax(dim=1)
        code_ids = code_ids.clone()
        code_ids[:, 0] = match
        states = self._decoder().states(code_ids, code_mask, Context(self.bridge(text_states), text_mask))
        rows = torch.arange(len(states), device=states.device)
        head = self.itm_head  # in float32: a logit in bfloat16 has three digits, and candidates would be tied by it
        return nn.functional.linear(states[rows, last].float(), head.weight.float(), head.bias.float())

    def match_scores(self, text_states: Tensor, text_mask: Tensor, code_ids: Tensor, code_mask: Tensor) -> Tensor:
        """Return the published matching score, shape (batch,): the raw logit of "matches"; add it to the cosine."""
        return self.match_logits(text_states, text_mask, code_ids, code_mask)[:, MATCHED]

    def bridge(self, states: Tensor) -> Tensor:
        """Return the encoder's states in the decoder's width."""
        return states if self.enc_to_dec_proj is None else self.enc_to_dec_proj(states)

    def language_logits(self, states: Tensor, mask: Tensor, written: Tensor) -> Tensor:
        """Return the decoder's logits for the token after each of `written`, shape (batch, length, vocabulary).

        `states` and `mask` are the encoder's; `written` are ids of the decoder's tokenizer that begin with the start
        token, padding only at their end. Raises
        CapabilityMissing without a decoder.
        """
        return self._decoder().logits(written, Context(self.bridge(states), mask))

    @torch.no_grad()
    def generate(
        self, ids: Tensor, mask: Tensor, max_tokens: int, beams: int = 1, start: int | None = None
    ) -> list[list[int]]:
        """Return what the decoder writes for each row, greedily or with `beams` beams, special tokens included.

        `start` begins it, by default the decoder's start token; `max_tokens` counts it. Else as `write`.
        """
        starts = torch.full((len(ids), 1), self.start_token(start), device=ids.device)
        return [list(row) for row in self.write(ids, mask, starts, Strategy(max_tokens, beams)).ids.tolist()]

    @torch.no_grad()
    def write(self, ids: Tensor, mask: Tensor, starts: Tensor, strategy: Strategy) -> Sequences:
        """Return what the decoder writes for each row after `starts`, shape (batch, length), special tokens included.

        `ids` are of the encoder's tokenizer, what is written of the decoder's (`load_decoder_tokenizer`). `starts` is
        a start token (`start_token`) and what is to follow it in any case. A BERT decoder writes no more than it has
        positions. Draws from torch's own generator. Raises CapabilityMissing without a decoder.
        """
        decoder = self._decoder()
        return decoder.write(starts, Context(self.bridge(self.encode(ids, mask)), mask), strategy)

    def start_token(self, wanted: int | None) -> int:
        """Return `wanted` (`code_start` or `text_start` of `config.writing`), else the decoder's own start token."""
        writing = self.config.writing
        return next(token for token in (wanted, writing.decoder_start, writing.bos) if token is not None)

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the tensors of `tensors.expected_shapes`, without a copy, and tie what is tied.

        Raises KeyError for a tensor that is missing; `read_tensors` has reported it before.
        """
        copies = {copy: tensors[source] for copy, source in tied_copies(self.config).items()}
        every = {**tensors, **copies}
        self.load_state_dict({name: every[self._checkpoint_name(name)] for name in self.state_dict()}, assign=True)
        self._tie()

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors under their checkpoint names, without tied copies: what `write_checkpoint` takes."""
        named = {self._checkpoint_name(name): tensor for name, tensor in self.state_dict().items()}
        return {name: named[name] for name in expected_shapes(self.config)}

    def _checkpoint_name(self, name: str) -> str:
        """Return the published name of what this module calls `name`."""
        part, _, rest = name.partition(".")
        t5 = self.config.encoder.architecture is Architecture.T5
        if part == "encoder" and not t5:
            return rest
        if part == "language_model":
            name = self._decoder().published_name(rest)
        if name in {"shared.weight", "encoder.embed_tokens.weight"}:
            return SHARED if part == "encoder" else decoder_embedding(self.config)
        return tied_copies(self.config).get(name, name)

    def _decoder(self) -> Decoder:
        """Return the decoder; raise CapabilityMissing where there is none."""
        if self.language_model is None or self.config.decoder is None:
            raise CapabilityMissing(self.config.name, "decoder")
        return decoder_face(self.language_model, self.config.decoder)

    def _tie(self) -> None:
        """Make tied tables one parameter, so that training moves them together."""
        if self.language_model is None:
            return
        if self.config.shares_embedding:
            self.language_model.decoder.embed_tokens = self.encoder.embed_tokens
        self._decoder().tie()


def load_network(folder: Path, device: str = "cpu", dtype: torch.dtype | None = None) -> Network:
    """Return the network of the checkpoint in `folder`, in evaluation mode on `device`.

    `dtype` is by default float32 on the CPU and bfloat16 elsewhere, whatever the file holds (T5 overflows in float16).
    Raises the errors of `read_config` and `read_tensors`.
    """
    config = read_config(folder)
    dtype = dtype or (torch.float32 if device == "cpu" else torch.bfloat16)
    tensors = read_tensors(folder, config, dtype)
    with torch.device("meta"):
        network = Network(config)
    network.load(tensors)
    return network.to(device).eval()
