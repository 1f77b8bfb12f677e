"""An independent CodeT5+ and BERT in plain numpy, written from the papers' formulas, to hold against `network`.

Slow and simple on purpose: one sequence at a time without padding, in float64, so that it shares neither code nor
masks nor numerics with what it checks.
"""

from __future__ import annotations

import math

import numpy as np

KEY_VALUE = ("key", "value")
_gauss = np.vectorize(math.erf)


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def rms_norm(states, weight, epsilon):
    return weight * states / np.sqrt((states**2).mean(axis=-1, keepdims=True) + epsilon)


def layer_norm(states, weight, bias, epsilon):
    centred = states - states.mean(axis=-1, keepdims=True)
    return weight * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) + bias


def bucket(distance, buckets, furthest, both_ways):
    """Return which bias a key at `distance` (key minus query position) gets: exact while near, logarithmic beyond."""
    first = 0
    if both_ways:
        buckets //= 2
        first = buckets if distance > 0 else 0
        distance = abs(distance)
    else:
        distance = max(-distance, 0)
    near = buckets // 2
    if distance < near:
        return first + distance
    far = near + int(math.log(distance / near) / math.log(furthest / near) * (buckets - near))
    return first + min(far, buckets - 1)


def position_bias(table, length, stack, both_ways):
    """Return the bias of every head for every (query, key), shape (heads, length, length)."""
    rows = [
        [bucket(key - query, stack.relative_buckets, stack.relative_max_distance, both_ways) for key in range(length)]
        for query in range(length)
    ]
    return table[np.array(rows)].transpose(2, 0, 1)


def heads_apart(states, heads):
    return states.reshape(len(states), heads, -1).transpose(1, 0, 2)


def attention(query, key, value, heads, bias, scale):
    """Attend head by head; `bias` is added to the scores (shape (heads, queries, keys) or 0)."""
    query, key, value = (heads_apart(states, heads) for states in (query, key, value))
    mixed = softmax(query @ key.transpose(0, 2, 1) * scale + bias) @ value
    return mixed.transpose(1, 0, 2).reshape(query.shape[1], -1)


def t5_attention(tensors, at, states, other, heads, bias):
    query = states @ tensors[f"{at}.q.weight"].T
    key, value = (other @ tensors[f"{at}.{part}.weight"].T for part in "kv")
    return attention(query, key, value, heads, bias, 1.0) @ tensors[f"{at}.o.weight"].T


def t5_stack(tensors, prefix, stack, ids, embedding, context=None):
    """Return the last states of one sequence; a `context` (the encoder's states) makes it a causal decoder."""
    states = embedding[np.array(ids)]
    length = len(ids)
    table = tensors[f"{prefix}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    bias = position_bias(table, length, stack, both_ways=context is None)
    if context is not None:
        bias = bias + np.where(np.tril(np.ones((length, length))) == 1, 0.0, -np.inf)
    for block in range(stack.layers):
        at = f"{prefix}.block.{block}.layer"
        normal = rms_norm(states, tensors[f"{at}.0.layer_norm.weight"], stack.norm_epsilon)
        states = states + t5_attention(tensors, f"{at}.0.SelfAttention", normal, normal, stack.heads, bias)
        last = 1
        if context is not None:
            normal = rms_norm(states, tensors[f"{at}.1.layer_norm.weight"], stack.norm_epsilon)
            states = states + t5_attention(tensors, f"{at}.1.EncDecAttention", normal, context, stack.heads, 0.0)
            last = 2
        normal = rms_norm(states, tensors[f"{at}.{last}.layer_norm.weight"], stack.norm_epsilon)
        inner = np.maximum(normal @ tensors[f"{at}.{last}.DenseReluDense.wi.weight"].T, 0)
        states = states + inner @ tensors[f"{at}.{last}.DenseReluDense.wo.weight"].T
    return rms_norm(states, tensors[f"{prefix}.final_layer_norm.weight"], stack.norm_epsilon)


def bert(tensors, stack, ids, prefix="", context=None):
    """Return the last states of one sequence, all tokens of type 0; a `context` makes it a causal decoder."""

    def linear(name, states):
        return states @ tensors[f"{prefix}{name}.weight"].T + tensors[f"{prefix}{name}.bias"]

    def normal(name, states):
        weight, bias = (tensors[f"{prefix}{name}.{part}"] for part in ("weight", "bias"))
        return layer_norm(states, weight, bias, stack.norm_epsilon)

    def attend(at, states, other, bias):
        query, key, value = linear(f"{at}.self.query", states), *(linear(f"{at}.self.{p}", other) for p in KEY_VALUE)
        mixed = attention(query, key, value, stack.heads, bias, 1 / math.sqrt(stack.head_size))
        return normal(f"{at}.output.LayerNorm", states + linear(f"{at}.output.dense", mixed))

    words = tensors[f"{prefix}embeddings.word_embeddings.weight"][np.array(ids)]
    states = words + tensors[f"{prefix}embeddings.position_embeddings.weight"][: len(ids)]
    states = normal("embeddings.LayerNorm", states + tensors[f"{prefix}embeddings.token_type_embeddings.weight"][0])
    seen = 1 if context is None else np.tril(np.ones((len(ids), len(ids))))
    for layer in range(stack.layers):
        at = f"encoder.layer.{layer}"
        states = attend(f"{at}.attention", states, states, np.where(seen, 0.0, -np.inf))
        if context is not None:
            states = attend(f"{at}.crossattention", states, context, 0.0)
        inner = linear(f"{at}.intermediate.dense", states)
        inner = inner * 0.5 * (1 + _gauss(inner / math.sqrt(2)))
        states = normal(f"{at}.output.LayerNorm", states + linear(f"{at}.output.dense", inner))
    return states


def encode(tensors, config, ids):
    if config.encoder.architecture == "bert":
        return bert(tensors, config.encoder, ids)
    return t5_stack(tensors, "encoder", config.encoder, ids, tensors["shared.weight"])


def embed(tensors, config, ids):
    """Return the unit vector of one sequence."""
    states = encode(tensors, config, ids)
    vector = states[0] if config.pooling == "first" else states.mean(axis=0)
    if config.projection:
        vector = tensors["proj.weight"] @ vector + tensors["proj.bias"]
    return vector / np.linalg.norm(vector)


def decode(tensors, config, text_ids, ids):
    """Return the decoder's states for `ids`, reading the text."""
    context = encode(tensors, config, text_ids)
    if "enc_to_dec_proj.weight" in tensors:
        context = context @ tensors["enc_to_dec_proj.weight"].T + tensors["enc_to_dec_proj.bias"]
    if config.decoder.architecture == "bert":
        table = tensors["decoder.embeddings.word_embeddings.weight"]
        return bert(tensors, config.decoder, ids, "decoder.", context), table
    table = tensors.get("decoder.embed_tokens.weight", tensors.get("shared.weight"))
    return t5_stack(tensors, "decoder", config.decoder, ids, table, context), table


def match(tensors, config, text_ids, code_ids):
    """Return the head's two logits: [ENC] in place of the code's first token, the state of its last one."""
    states, _ = decode(tensors, config, text_ids, [_writing(config).match, *code_ids[1:]])
    return tensors["itm_head.weight"] @ states[-1] + tensors["itm_head.bias"]


def _writing(config):
    return config.special if config.decoder_special is None else config.decoder_special


def language_logits(tensors, config, text_ids, ids):
    """Return the states times the tied table; T5's are divided by the square root of the width before."""
    states, table = decode(tensors, config, text_ids, ids)
    return states @ table.T / (1 if config.decoder.architecture == "bert" else math.sqrt(config.decoder.hidden_size))


def write(tensors, config, text_ids, max_tokens, start=None):
    """Write greedily what begins with `start`, by default the decoder's start token."""
    ids = [_writing(config).decoder_start if start is None else start]
    while len(ids) < max_tokens and ids[-1] != _writing(config).eos:
        ids.append(int(language_logits(tensors, config, text_ids, ids)[-1].argmax()))
    return ids
