"""A matching head as two ONNX graphs: what the decoder attends to of a text, and the score of code beside it.

    ids, mask (texts, length) int64  ->  keys (layers, texts, heads, head size, length),
                                         values (layers, texts, heads, length, head size), float32
    ids (codes, length), ends (codes,), text_mask (texts, length) int64, keys, values  ->  logits (codes, 2) float32

The first graph holds the encoder, the bridge to the decoder's width and the keys and values of every layer's
cross-attention, so that they are computed once for a query, whatever code it is held against; the second the decoder
and the head. One text serves all codes of a batch, else there is a text for each. The arithmetic is
`Network.match_logits`; of the decoder's last layer only the state of the last `</s>` is computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.config import Architecture
from codesearch.codet5p.onnx_attention import IDS, MASK, Context, float_mask, padding_bias
from codesearch.codet5p.onnx_bert import BertStack
from codesearch.codet5p.onnx_graph import PROBE, encoder_stack
from codesearch.codet5p.onnx_t5 import DECODER as T5_DECODER
from codesearch.codet5p.onnx_t5 import T5Stack
from codesearch.codet5p.onnx_writer import GraphWriter
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.tensors import DECODER, MATCHING_CLASSES, decoder_embedding

if TYPE_CHECKING:
    from onnx import ModelProto

    from codesearch.codet5p.config import CheckpointConfig, StackConfig
    from codesearch.codet5p.onnx_attention import Tensors

ENDS, TEXT_MASK, KEYS, VALUES, LOGITS = "ends", "text_mask", "keys", "values", "logits"


def text_graph(config: CheckpointConfig, tensors: Tensors, precision: Precision) -> ModelProto:
    """Return the graph that reads texts; `tensors` are those of `read_tensors_numpy`, `config` has a decoder.

    It has the output `probe` of `onnx_graph.encoder_graph` too. Raises KeyError for a missing tensor.
    """
    writer = GraphWriter(precision)
    states = encoder_stack(writer, config, tensors).encode(float_mask(writer, MASK))
    if config.bridged:
        states = writer.exact_linear(states, tensors["enc_to_dec_proj.weight"], tensors["enc_to_dec_proj.bias"])
    decoder, stack = _decoder(config), _decoder_stack(writer, config, tensors)
    prepared = writer.prepare(states)
    projected = [stack.context_of(prepared, layer) for layer in range(decoder.layers)]
    _stacked(writer, [stack.keys(key) for key, _ in projected], KEYS)
    _stacked(writer, [stack.values(value) for _, value in projected], VALUES)
    outputs = _context_shapes(decoder, "length")
    if precision is not Precision.FLOAT32:
        writer.exactness_probe(PROBE)
        outputs[PROBE] = [1, 1]
    return writer.model({IDS: ["texts", "length"], MASK: ["texts", "length"]}, outputs, name="text")


def match_graph(config: CheckpointConfig, tensors: Tensors, precision: Precision) -> ModelProto:
    """Return the graph that scores code; `tensors` are those of `read_tensors_numpy`, `config` has a matching head.

    A row of `ids` begins with the match token and `ends` says where its last `</s>` is; what comes after is padding.
    Raises KeyError for a missing tensor.
    """
    writer = GraphWriter(precision)
    decoder, stack = _decoder(config), _decoder_stack(writer, config, tensors)
    hidden = padding_bias(writer, float_mask(writer, TEXT_MASK))
    contexts = []
    for layer in range(decoder.layers):
        place = writer.constant(np.array(layer, np.int64))
        contexts.append(Context(writer.node("Gather", KEYS, place), writer.node("Gather", VALUES, place), hidden))
    states = stack.decode(ENDS, contexts)
    writer.call(writer.exact_linear(states, tensors["itm_head.weight"], tensors["itm_head.bias"]), LOGITS)
    return writer.model(
        {IDS: ["codes", "length"], ENDS: ["codes"], TEXT_MASK: ["texts", "text_length"]},
        {LOGITS: ["codes", MATCHING_CLASSES]},
        _context_shapes(decoder, "text_length"),
        name="match",
    )


def _decoder(config: CheckpointConfig) -> StackConfig:
    if config.decoder is None:
        raise ValueError(f"{config.name} has no decoder")
    return config.decoder


def _decoder_stack(writer: GraphWriter, config: CheckpointConfig, tensors: Tensors) -> BertStack | T5Stack:
    """Return the decoder's stack, to be added to the graph of `writer`."""
    decoder = _decoder(config)
    if decoder.architecture is Architecture.T5:
        return T5Stack(writer, decoder, tensors, T5_DECODER, decoder_embedding(config))
    return BertStack(writer, decoder, tensors, DECODER)


def _stacked(writer: GraphWriter, layers: list[str], output: str) -> None:
    """Lay what each layer reads one behind the other, and call it `output`."""
    every = [writer.node("Unsqueeze", layer, writer.integers(0)) for layer in layers]
    writer.call(writer.node("Concat", *every, axis=0), output)


def _context_shapes(decoder: StackConfig, length: str) -> dict[str, list[str | int]]:
    return {
        KEYS: [decoder.layers, "texts", decoder.heads, decoder.head_size, length],
        VALUES: [decoder.layers, "texts", decoder.heads, length, decoder.head_size],
    }
