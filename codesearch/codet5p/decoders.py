"""The two kinds of decoder behind one face: states, next tokens, writing, tying, and the names of their tensors.

A decoder is a language model of `stacks`; what is here asks it the same questions in the form that each kind takes
them. Which questions are asked, and the heads on the answers, are `network`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.tensors import DECODER, LANGUAGE_HEAD

if TYPE_CHECKING:
    from torch import Tensor

    from codesearch.codet5p.config import StackConfig

_BERT = "bert."
_BERT_HEAD = "cls.weight"


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder attends to: states in its own width, (batch, length, width), and their mask, (batch, length)."""

    states: Tensor
    mask: Tensor


class Decoder(Protocol):
    """What `network` asks of any decoder; `ids` are int64, shape (batch, length), padded on the right."""

    def states(self, ids: Tensor, mask: Tensor, context: Context) -> Tensor:
        """Return the last hidden states, shape (batch, length, width); each token sees those before it."""

    def logits(self, ids: Tensor, context: Context) -> Tensor:
        """Return what may follow each of `ids`, shape (batch, length, vocabulary)."""

    def write(self, starts: Tensor, context: Context, max_tokens: int, beams: int) -> Tensor:
        """Return `starts`, shape (batch, 1), and what follows them, at most `max_tokens` ids in all, padded."""

    def tie(self) -> None:
        """Make the table of token embeddings and the language head one parameter."""

    def published_name(self, name: str) -> str:
        """Return the checkpoint's name of what the language model calls `name`; tied copies keep one of their own."""


def decoder_face(language_model: Any, stack: StackConfig) -> Decoder:  # noqa: ANN401 - an untyped class of transformers
    """Return the face of a language model that `stacks.decoder_language_model` made for `stack`."""
    if stack.architecture is Architecture.BERT:
        return _BertDecoder(language_model, stack.positions)
    return _T5Decoder(language_model)


@dataclass(frozen=True, slots=True)
class _T5Decoder:
    """A T5ForConditionalGeneration without its encoder."""

    model: Any

    def states(self, ids: Tensor, mask: Tensor, context: Context) -> Tensor:
        states: Tensor = self.model.decoder(
            input_ids=ids,
            attention_mask=mask,
            encoder_hidden_states=context.states,
            encoder_attention_mask=context.mask,
            use_cache=False,
        ).last_hidden_state
        return states

    def logits(self, ids: Tensor, context: Context) -> Tensor:
        logits: Tensor = self.model(**_encoded(context), decoder_input_ids=ids, use_cache=False).logits
        return logits

    def write(self, starts: Tensor, context: Context, max_tokens: int, beams: int) -> Tensor:
        written: Tensor = self.model.generate(
            **_encoded(context),
            decoder_start_token_id=starts[:, 0],
            max_length=max_tokens,
            num_beams=beams,
            do_sample=False,
        )
        return written

    def tie(self) -> None:
        self.model.shared = self.model.decoder.embed_tokens
        self.model.lm_head.weight = self.model.decoder.embed_tokens.weight

    def published_name(self, name: str) -> str:
        return name


@dataclass(frozen=True, slots=True)
class _BertDecoder:
    """A BertLMHeadModel whose head is the table of token embeddings; it reads and writes at most `positions` ids."""

    model: Any
    positions: int

    def states(self, ids: Tensor, mask: Tensor, context: Context) -> Tensor:
        states: Tensor = self.model.bert(
            input_ids=ids, attention_mask=mask, use_cache=False, **_attended(context)
        ).last_hidden_state
        return states

    def logits(self, ids: Tensor, context: Context) -> Tensor:
        logits: Tensor = self.model(input_ids=ids, use_cache=False, **_attended(context)).logits
        return logits

    def write(self, starts: Tensor, context: Context, max_tokens: int, beams: int) -> Tensor:
        from transformers import DynamicCache, EncoderDecoderCache

        written: Tensor = self.model.generate(
            input_ids=starts,
            attention_mask=starts.new_ones(starts.shape),  # or a start token that is the padding would be masked
            # by itself `generate` makes a cache without the half for cross-attention
            past_key_values=EncoderDecoderCache(DynamicCache(), DynamicCache()),
            max_length=min(max_tokens, self.positions),
            num_beams=beams,
            do_sample=False,
            **_attended(context),
        )
        return written

    def tie(self) -> None:
        self.model.cls.weight = self.model.bert.embeddings.word_embeddings.weight

    def published_name(self, name: str) -> str:
        return LANGUAGE_HEAD if name == _BERT_HEAD else DECODER + name.removeprefix(_BERT)


def _encoded(context: Context) -> dict[str, Any]:
    from transformers.modeling_outputs import BaseModelOutput

    return {"encoder_outputs": BaseModelOutput(last_hidden_state=context.states), "attention_mask": context.mask}


def _attended(context: Context) -> dict[str, Tensor]:
    return {"encoder_hidden_states": context.states, "encoder_attention_mask": context.mask}
