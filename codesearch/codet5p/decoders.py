"""The two kinds of decoder behind one face: states, next tokens, writing, tying, and the names of their tensors.

A decoder is a language model of `stacks`; what is here asks it the same questions in the form that each kind takes
them. Which questions are asked, and the heads on the answers, are `network`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.tensors import DECODER, LANGUAGE_HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from codesearch.codet5p.config import StackConfig

_BERT = "bert."
_BERT_HEAD = "cls.weight"


@dataclass(frozen=True, slots=True)
class Context:
    """What a decoder attends to: states in its own width, (batch, length, width), and their mask, (batch, length)."""

    states: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Strategy:
    """How what is written is chosen; the arguments of the library's `generate`.

    Each of `results` sequences a row has at most `max_tokens` ids, those that it begins with counted. Without a
    `temperature` each token is the likeliest, or the sequence is that of the best of `beams`; with one, tokens are
    drawn out of the likeliest that together have the probability `top_p`. `streamer` is one of transformers'.
    """

    max_tokens: int
    beams: int = 1
    results: int = 1
    temperature: float | None = None
    top_p: float = 1.0
    streamer: Any = None


class Sequences(NamedTuple):
    """What was written: ids, shape (rows x results, length), padded on the right; the best of a row first.

    `scores` are the mean log-probability of a written id, shape (rows x results,), float32: of the network itself,
    whatever the temperature. What the sequences begin with is in the ids and not in the scores.
    """

    ids: Tensor
    scores: Tensor


class Decoder(Protocol):
    """What `network` asks of any decoder; `ids` are int64, shape (batch, length), padded on the right."""

    def states(self, ids: Tensor, mask: Tensor, context: Context) -> Tensor:
        """Return the last hidden states, shape (batch, length, width); each token sees those before it."""

    def logits(self, ids: Tensor, context: Context) -> Tensor:
        """Return what may follow each of `ids`, shape (batch, length, vocabulary)."""

    def write(self, starts: Tensor, context: Context, strategy: Strategy) -> Sequences:
        """Return `starts`, shape (batch, length), without padding, and what the decoder writes after them."""

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

    def write(self, starts: Tensor, context: Context, strategy: Strategy) -> Sequences:
        inputs = {**_encoded(context), "decoder_start_token_id": starts[:, 0], "decoder_input_ids": starts}
        return _generated(self.model, starts, strategy, strategy.max_tokens, inputs)

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

    def write(self, starts: Tensor, context: Context, strategy: Strategy) -> Sequences:
        from transformers import DynamicCache, EncoderDecoderCache

        inputs = {
            "input_ids": starts,
            "attention_mask": starts.new_ones(starts.shape),  # or a start token that is the padding would be masked
            # by itself `generate` makes a cache without the half for cross-attention
            "past_key_values": EncoderDecoderCache(DynamicCache(), DynamicCache()),
            **_attended(context),
        }
        return _generated(self.model, starts, strategy, min(strategy.max_tokens, self.positions), inputs)

    def tie(self) -> None:
        self.model.cls.weight = self.model.bert.embeddings.word_embeddings.weight

    def published_name(self, name: str) -> str:
        return LANGUAGE_HEAD if name == _BERT_HEAD else DECODER + name.removeprefix(_BERT)


def _generated(
    model: Any,  # noqa: ANN401 - an untyped class of transformers
    starts: Tensor,
    strategy: Strategy,
    max_length: int,
    inputs: dict[str, Any],
) -> Sequences:
    sampling = strategy.temperature is not None
    # the library's own default of `top_k` is 50, whatever `top_p` says
    drawn = {"temperature": strategy.temperature, "top_p": strategy.top_p, "top_k": 0} if sampling else {}
    found = model.generate(
        **inputs,
        max_length=max_length,
        num_beams=strategy.beams,
        num_return_sequences=strategy.results,
        do_sample=sampling,
        streamer=strategy.streamer,
        return_dict_in_generate=True,
        output_logits=strategy.beams == 1,
        output_scores=strategy.beams > 1,
        **drawn,
    )
    if strategy.beams > 1:
        return Sequences(found.sequences, found.sequences_scores.float())  # with the length penalty 1, the mean
    written = found.sequences[:, starts.shape[1] :]
    return Sequences(found.sequences, _mean_log_probability(written, found.logits, model.generation_config))


def _mean_log_probability(written: Tensor, logits: Sequence[Tensor], config: Any) -> Tensor:  # noqa: ANN401 - as above
    """Return the mean over the ids up to the first end of each row; `logits` has (rows, vocabulary) of each step."""
    import torch

    steps = [
        step.float().log_softmax(-1).gather(1, tokens.unsqueeze(1)).squeeze(1)
        for step, tokens in zip(logits, written.T, strict=True)
    ]
    ends = (written == config.eos_token_id).int()
    counted = ends.cumsum(1) - ends == 0  # the end itself counts, the padding behind it does not
    means: Tensor = (torch.stack(steps, dim=1) * counted).sum(1) / counted.sum(1)
    return means


def _encoded(context: Context) -> dict[str, Any]:
    from transformers.modeling_outputs import BaseModelOutput

    return {"encoder_outputs": BaseModelOutput(last_hidden_state=context.states), "attention_mask": context.mask}


def _attended(context: Context) -> dict[str, Tensor]:
    return {"encoder_hidden_states": context.states, "encoder_attention_mask": context.mask}
