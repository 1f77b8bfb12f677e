"""The encoder as an ONNX graph, written by hand from a configuration and its tensors.

    ids, mask (batch, length) int64  ->  vectors (batch, dimension) float32, unit length

Embedding, layers, pooling, projection and length 1 are all inside. Matrices are (tokens, features) throughout; only
attention sees (batch, heads, length, head size). Nothing is traced from torch, so building takes a second and the
graph holds the operators that measure fastest on a CPU; `onnx_writer` knows those, `graph_cache` keeps the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, StackConfig
from codesearch.codet5p.onnx_writer import CONTRIBUTED, GraphWriter, Prepared, Sign
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.tensors import SHARED

if TYPE_CHECKING:
    from onnx import ModelProto

IDS, MASK, VECTORS, PROBE = "ids", "mask", "vectors", "probe"

_MASKED = -10_000.0  # added to the score of a padding key: exp(-10,000) is 0, and fp32 keeps scores beside it

Tensors = Mapping[str, NDArray[np.float32]]


def encoder_graph(config: CheckpointConfig, tensors: Tensors, precision: Precision) -> ModelProto:
    """Return the model of the encoder of `config`; `tensors` are those of `read_encoder_tensors`.

    Its second output, `probe`, shape (1, 1), is `precision.probe_value` on a processor whose integer sums are exact.
    Raises KeyError for a missing tensor.
    """
    writer = GraphWriter(precision)
    stack = _T5(writer, config.encoder, tensors) if _is_t5(config) else _Bert(writer, config.encoder, tensors)
    states = stack.states()
    pooled = _pool(writer, stack.shapes, states, config.pooling)
    if config.projection is not None:
        pooled = _exact_linear(writer, pooled, tensors["proj.weight"], tensors["proj.bias"])
    writer.unit_rows(pooled, VECTORS)
    outputs: dict[str, list[str | int]] = {VECTORS: ["batch", config.dimension]}
    if precision is not Precision.FLOAT32:
        writer.exactness_probe(PROBE)
        outputs[PROBE] = [1, 1]
    return writer.model({IDS: ["batch", "length"], MASK: ["batch", "length"]}, outputs)


def relative_bias_table(bias: NDArray[np.float32], stack: StackConfig) -> NDArray[np.float32]:
    """Return T5's bias by distance: row `d + relative_max_distance` for a key `d` places after its query.

    `bias` has shape (buckets, heads). Half the buckets are for keys after the query; of each half, the first half
    counts single places and the second grows logarithmically up to the last bucket, which every distance from
    `relative_max_distance` on shares (Raffel et al. 2020, section 2.1): so the table holds all distances there are.
    """
    distances = np.arange(-stack.relative_max_distance, stack.relative_max_distance + 1)
    half = stack.relative_buckets // 2
    single = half // 2
    places = np.abs(distances)
    # In float32, as the models were trained: at exact powers the rounding decides which bucket a distance is in.
    growth = np.log(np.maximum(places, 1).astype(np.float32) / np.float32(single)) / np.float32(
        math.log(stack.relative_max_distance / single)
    )
    logarithmic = np.minimum(single + (growth * np.float32(half - single)).astype(np.int64), half - 1)
    buckets = np.where(places < single, places, logarithmic) + np.where(distances > 0, half, 0)
    return np.asarray(bias[buckets], dtype=np.float32)


class _Shapes:
    """The shapes that depend on the batch, computed once."""

    def __init__(self, writer: GraphWriter, stack: StackConfig) -> None:
        batch_and_length = writer.node("Shape", IDS)
        self.by_text = writer.node("Concat", batch_and_length, writer.integers(-1), axis=0)
        self.by_head = writer.node("Concat", batch_and_length, writer.integers(stack.heads, stack.head_size), axis=0)
        self.inner_rows = writer.integers(-1, stack.heads * stack.head_size)
        self.rows = writer.integers(-1, stack.hidden_size)
        self.length = writer.node("Slice", batch_and_length, writer.integers(1), writer.integers(2))
        self.mask = writer.node("Cast", MASK, to=1)  # 1: float32 in ONNX's numbering


class _Stack:
    """What both architectures share: attention over projected queries, keys and values."""

    def __init__(self, writer: GraphWriter, stack: StackConfig, tensors: Tensors) -> None:
        self.writer, self.stack, self.tensors = writer, stack, tensors
        self.shapes = _Shapes(writer, stack)

    def mask_scores(self) -> str:
        """Return what is added to scores, shape (batch, 1, 1, length)."""
        writer = self.writer
        padding = writer.node("Sub", self.shapes.mask, writer.number(1))
        return writer.node("Unsqueeze", writer.node("Mul", padding, writer.number(-_MASKED)), writer.integers(1, 2))

    def attention(self, query: str, key: str, value: str, score_bias: str) -> str:
        """Return softmax(query key^T + bias) value as (tokens, heads * head size), given three of those."""
        writer = self.writer
        query, key, value = (
            writer.node("Transpose", writer.node("Reshape", part, self.shapes.by_head), perm=order)
            for part, order in ((query, [0, 2, 1, 3]), (key, [0, 2, 3, 1]), (value, [0, 2, 1, 3]))
        )
        scores = writer.node("Add", writer.node("MatMul", query, key), score_bias)
        mixed = writer.node("MatMul", writer.node("Softmax", scores, axis=-1), value)
        merged = writer.node("Transpose", mixed, perm=[0, 2, 1, 3])
        return writer.node("Reshape", merged, self.shapes.inner_rows)


class _Bert(_Stack):
    """LayerNorm after each sub-layer, absolute positions, scaled attention, exact GELU, biases."""

    def states(self) -> str:
        """Add every layer; return the last hidden states, shape (tokens, hidden size)."""
        score_bias = self.mask_scores()
        rows = self._embed()
        for layer in range(self.stack.layers):
            rows = self._layer(rows, f"encoder.layer.{layer}", score_bias)
        return rows

    def _embed(self) -> str:
        writer = self.writer
        words = writer.embedding(self.tensors["embeddings.word_embeddings.weight"], IDS)
        # Only token type 0 is ever used, so its row is part of every position's.
        table = (
            self.tensors["embeddings.position_embeddings.weight"]
            + self.tensors["embeddings.token_type_embeddings.weight"][0]
        )
        positions = writer.node("Slice", writer.constant(table), writer.integers(0), self.shapes.length)
        rows = writer.node("Reshape", writer.node("Add", words, positions), self.shapes.rows)
        return self._norm(rows, "embeddings.LayerNorm")

    def _layer(self, rows: str, at: str, score_bias: str) -> str:
        writer = self.writer
        prepared = writer.prepare(rows)
        scale = np.float32(1 / math.sqrt(self.stack.head_size))
        query = writer.linear(
            prepared,
            self.tensors[f"{at}.attention.self.query.weight"] * scale,
            self.tensors[f"{at}.attention.self.query.bias"] * scale,
        )
        key, value = (self._linear(prepared, f"{at}.attention.self.{part}") for part in ("key", "value"))
        mixed = writer.prepare(self.attention(query, key, value, score_bias))
        attended = self._linear(mixed, f"{at}.attention.output.dense")
        rows = self._norm(writer.node("Add", attended, rows), f"{at}.attention.output.LayerNorm")
        wide = self._linear(writer.prepare(rows), f"{at}.intermediate.dense")
        # onnxruntime's own Gelu: the standard's came with opset 20; BiasGelu was slower than an Add and this.
        wide = writer.node("Gelu", wide, domain=CONTRIBUTED)
        narrow = self._linear(writer.prepare(wide, Sign.GELU), f"{at}.output.dense")
        return self._norm(writer.node("Add", narrow, rows), f"{at}.output.LayerNorm")

    def _linear(self, prepared: Prepared, name: str) -> str:
        return self.writer.linear(prepared, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"])

    def _norm(self, rows: str, name: str) -> str:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return self.writer.layer_norm(rows, weight, bias, self.stack.norm_epsilon)


class _T5(_Stack):
    """RMSNorm before each sub-layer, relative position bias, unscaled attention, ReLU, no biases."""

    def states(self) -> str:
        """Add every layer; return the last hidden states, shape (tokens, hidden size)."""
        writer = self.writer
        score_bias = writer.node("Add", self._relative_bias(), self.mask_scores())
        rows = writer.node("Reshape", writer.embedding(self.tensors[SHARED], IDS), self.shapes.rows)
        for block in range(self.stack.layers):
            rows = self._block(rows, f"encoder.block.{block}", score_bias)
        return self._norm(rows, "encoder.final_layer_norm")

    def _relative_bias(self) -> str:
        """Return the bias shared by all layers, shape (1, heads, length, length)."""
        writer, furthest = self.writer, self.stack.relative_max_distance
        name = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        table = writer.constant(relative_bias_table(self.tensors[name], self.stack))
        length = writer.node("Squeeze", self.shapes.length)
        zero, one = (writer.constant(np.array(value, np.int64)) for value in (0, 1))
        places = writer.node("Range", zero, length, one)
        columns, lines = (writer.node("Unsqueeze", places, writer.integers(axis)) for axis in (0, 1))
        low, high = (writer.constant(np.array(value, np.int64)) for value in (-furthest, furthest))
        distances = writer.node("Clip", writer.node("Sub", columns, lines), low, high)
        bias = writer.node("Gather", table, writer.node("Add", distances, high))
        return writer.node("Unsqueeze", writer.node("Transpose", bias, perm=[2, 0, 1]), writer.integers(0))

    def _block(self, rows: str, at: str, score_bias: str) -> str:
        writer = self.writer
        prepared = writer.prepare(self._norm(rows, f"{at}.layer.0.layer_norm"))
        name = f"{at}.layer.0.SelfAttention"
        query, key, value = (writer.linear(prepared, self.tensors[f"{name}.{part}.weight"]) for part in "qkv")
        mixed = writer.prepare(self.attention(query, key, value, score_bias))
        rows = writer.node("Add", rows, writer.linear(mixed, self.tensors[f"{name}.o.weight"]))
        name = f"{at}.layer.1.DenseReluDense"
        prepared = writer.prepare(self._norm(rows, f"{at}.layer.1.layer_norm"))
        wide = writer.node("Relu", writer.linear(prepared, self.tensors[f"{name}.wi.weight"]))
        narrow = writer.linear(writer.prepare(wide, Sign.POSITIVE), self.tensors[f"{name}.wo.weight"])
        return writer.node("Add", rows, narrow)

    def _norm(self, rows: str, name: str) -> str:
        return self.writer.rms_norm(rows, self.tensors[f"{name}.weight"], self.stack.norm_epsilon)


def _pool(writer: GraphWriter, shapes: _Shapes, states: str, pooling: Pooling) -> str:
    """Return one row per text, shape (batch, hidden size)."""
    states = writer.node("Reshape", states, shapes.by_text)
    if pooling is Pooling.FIRST:
        return writer.node("Gather", states, writer.constant(np.array(0, np.int64)), axis=1)
    axis = writer.integers(1)
    total = writer.node("Squeeze", writer.node("MatMul", writer.node("Unsqueeze", shapes.mask, axis), states), axis)
    return writer.node("Div", total, writer.node("ReduceSum", shapes.mask, axis, keepdims=1))


def _exact_linear(writer: GraphWriter, rows: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """Return rows weight^T + bias in float32: one row per text costs nothing, and the vector is the product."""
    return writer.node("Gemm", rows, writer.constant(weight), writer.constant(bias), transB=1)


def _is_t5(config: CheckpointConfig) -> bool:
    return config.encoder.architecture is Architecture.T5
