"""Builds the library transformers' stacks from our fields. The only module that names its classes.

Dropout is left at the library's default, because training wants it; evaluation mode turns it off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from codesearch.codet5p.config import Architecture

if TYPE_CHECKING:
    from codesearch.codet5p.config import CheckpointConfig, SpecialTokens, StackConfig


def encoder_stack(config: CheckpointConfig) -> Any:  # noqa: ANN401 - an untyped class of transformers
    """Return the encoder, with random weights: called with ids and mask, its result has `last_hidden_state`."""
    if config.encoder.architecture is Architecture.BERT:
        return _bert(config.encoder, config.special)
    from transformers import T5Config, T5EncoderModel

    fields = _t5_fields(config.encoder, config.special)
    return T5EncoderModel(T5Config(**fields, is_encoder_decoder=False, use_cache=False)).encoder


def decoder_language_model(decoder: StackConfig, special: SpecialTokens) -> Any:  # noqa: ANN401 - as above
    """Return a language model that attends to another's states, with random weights; `decoders` is its face.

    A T5 model's encoder has no blocks and is taken away, so that any encoder can stand before the decoder.
    """
    if decoder.architecture is Architecture.BERT:
        return _bert_language_model(decoder, special)
    from transformers import T5Config, T5ForConditionalGeneration

    fields = {**_t5_fields(decoder, special), "num_layers": 0, "num_decoder_layers": decoder.layers}
    model = T5ForConditionalGeneration(T5Config(**fields, decoder_start_token_id=special.decoder_start))
    del model.encoder
    return model


def _bert(stack: StackConfig, special: SpecialTokens) -> Any:  # noqa: ANN401 - as above
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(**_bert_fields(stack), pad_token_id=special.pad), add_pooling_layer=False)
    _fill_buffers(model, stack)
    return model


def _bert_language_model(stack: StackConfig, special: SpecialTokens) -> Any:  # noqa: ANN401 - as above
    """Return a causal BERT with cross-attention, whose logits are its states times the token embeddings.

    BERT's own language head puts a layer of its own and a bias of each token between: tensors that no encoder to start
    from has. Without `pad_token_id`, since a row that is named so is never trained, and T5's decoder starts with it.
    """
    from transformers import BertConfig, BertLMHeadModel

    causal = {"is_decoder": True, "add_cross_attention": True, "bos_token_id": special.bos, "eos_token_id": special.eos}
    model = BertLMHeadModel(BertConfig(**_bert_fields(stack), **causal, pad_token_id=None))
    model.generation_config.pad_token_id = special.pad
    model.cls = torch.nn.Linear(stack.hidden_size, stack.vocabulary_size, bias=False)
    model.cls.weight = model.bert.embeddings.word_embeddings.weight
    _fill_buffers(model.bert, stack)
    return model


def _fill_buffers(model: Any, stack: StackConfig) -> None:  # noqa: ANN401 - as above
    """Give a BERT its positions: no weights, so no checkpoint fills them when the model is built without memory."""
    positions = torch.arange(stack.positions, device="cpu").unsqueeze(0)
    model.embeddings.register_buffer("position_ids", positions, persistent=False)
    model.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)


def _bert_fields(stack: StackConfig) -> dict[str, Any]:
    return {
        "vocab_size": stack.vocabulary_size,
        "hidden_size": stack.hidden_size,
        "num_hidden_layers": stack.layers,
        "num_attention_heads": stack.heads,
        "intermediate_size": stack.feed_forward_size,
        "hidden_act": "gelu",
        "max_position_embeddings": stack.positions,
        "type_vocab_size": stack.token_types,
        "layer_norm_eps": stack.norm_epsilon,
    }


def _t5_fields(stack: StackConfig, special: SpecialTokens) -> dict[str, Any]:
    return {
        "vocab_size": stack.vocabulary_size,
        "d_model": stack.hidden_size,
        "d_kv": stack.head_size,
        "d_ff": stack.feed_forward_size,
        "num_layers": stack.layers,
        "num_heads": stack.heads,
        "relative_attention_num_buckets": stack.relative_buckets,
        "relative_attention_max_distance": stack.relative_max_distance,
        "layer_norm_epsilon": stack.norm_epsilon,
        "feed_forward_proj": "relu",
        "tie_word_embeddings": True,  # scales the decoder's output before the language head
        "pad_token_id": special.pad,
        "bos_token_id": special.bos,
        "eos_token_id": special.eos,
    }
