"""The encoder as an ONNX graph, written by hand from a configuration and its tensors.

    ids, mask (batch, length) int64  ->  vectors (batch, dimension) float32, unit length

Embedding, layers, pooling, projection and length 1 are all inside. Nothing is traced from torch, so building takes a
second and the graph holds the operators that measure fastest on a CPU; `onnx_writer` knows those, `onnx_bert` and
`onnx_t5` the layers, `graph_cache` keeps the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling
from codesearch.codet5p.onnx_attention import IDS, MASK, Shapes, float_mask
from codesearch.codet5p.onnx_bert import BertStack
from codesearch.codet5p.onnx_reach import reaches_of
from codesearch.codet5p.onnx_t5 import ENCODER, T5Stack
from codesearch.codet5p.onnx_writer import GraphWriter
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.tensors import SHARED

if TYPE_CHECKING:
    from onnx import ModelProto

    from codesearch.codet5p.onnx_attention import Tensors

VECTORS, PROBE = "vectors", "probe"


def encoder_graph(config: CheckpointConfig, tensors: Tensors, precision: Precision) -> ModelProto:
    """Return the model of the encoder of `config`; `tensors` are those of `read_encoder_tensors`.

    Its second output, `probe`, shape (1, 1), is `precision.probe_value` on a processor whose integer sums are exact.
    Raises KeyError for a missing tensor.
    """
    writer = GraphWriter(precision)
    stack = encoder_stack(writer, config, tensors)
    mask = float_mask(writer, MASK)
    if isinstance(stack, BertStack) and precision is not Precision.FLOAT32:
        states = stack.encode(mask, reaches_of(config, tensors))
    else:
        states = stack.encode(mask)
    pooled = _pool(writer, stack.shapes, mask, states, config.pooling)
    if config.projection is not None:
        pooled = writer.exact_linear(pooled, tensors["proj.weight"], tensors["proj.bias"])
    writer.unit_rows(pooled, VECTORS)
    outputs: dict[str, list[str | int]] = {VECTORS: ["batch", config.dimension]}
    if precision is not Precision.FLOAT32:
        writer.exactness_probe(PROBE)
        outputs[PROBE] = [1, 1]
    return writer.model({IDS: ["batch", "length"], MASK: ["batch", "length"]}, outputs)


def encoder_stack(writer: GraphWriter, config: CheckpointConfig, tensors: Tensors) -> BertStack | T5Stack:
    """Return the encoder's stack, to be added to the graph of `writer`, whose input `ids` it reads."""
    if config.encoder.architecture is Architecture.T5:
        return T5Stack(writer, config.encoder, tensors, ENCODER, SHARED)
    return BertStack(writer, config.encoder, tensors)


def _pool(writer: GraphWriter, shapes: Shapes, mask: str, states: str, pooling: Pooling) -> str:
    """Return one row per text, shape (batch, hidden size)."""
    states = writer.node("Reshape", states, shapes.by_place)
    if pooling is Pooling.FIRST:
        return writer.node("Gather", states, writer.constant(np.array(0, np.int64)), axis=0)
    axis = writer.integers(1)
    total = writer.node("Squeeze", writer.product(writer.node("Unsqueeze", mask, axis), states, transBatchB=1), axis)
    return writer.node("Div", total, writer.node("ReduceSum", mask, axis, keepdims=1))
