"""T5 in a graph: RMSNorm before each sub-layer, relative position bias, unscaled attention, ReLU, no biases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.onnx_attention import Asked, AttendingStack, padding_bias
from codesearch.codet5p.onnx_writer import Sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from codesearch.codet5p.config import StackConfig
    from codesearch.codet5p.onnx_attention import Context, Tensors
    from codesearch.codet5p.onnx_writer import GraphWriter, Prepared

ENCODER, DECODER = "encoder", "decoder"


def relative_bias_table(bias: NDArray[np.float32], stack: StackConfig, *, causal: bool = False) -> NDArray[np.float32]:
    """Return T5's bias by distance: row `d + relative_max_distance` for a key `d` places after its query.

    `bias` has shape (buckets, heads). Half the buckets are for keys after the query (with `causal` none are, and the
    first stands for all of these); of each half, the first half counts single places and the second grows
    logarithmically up to the last bucket, which every distance from `relative_max_distance` on shares (Raffel et al.
    2020, section 2.1): so the table holds all distances there are.
    """
    distances = np.arange(-stack.relative_max_distance, stack.relative_max_distance + 1)
    half = stack.relative_buckets if causal else stack.relative_buckets // 2
    single = half // 2
    places = np.maximum(-distances, 0) if causal else np.abs(distances)
    # In float32, as the models were trained: at exact powers the rounding decides which bucket a distance is in.
    growth = np.log(np.maximum(places, 1).astype(np.float32) / np.float32(single)) / np.float32(
        math.log(stack.relative_max_distance / single)
    )
    logarithmic = np.minimum(single + (growth * np.float32(half - single)).astype(np.int64), half - 1)
    after = 0 if causal else half
    buckets = np.where(places < single, places, logarithmic) + np.where(distances > 0, after, 0)
    return np.asarray(bias[buckets], dtype=np.float32)


class T5Stack(AttendingStack):
    """The encoder or the decoder (`part`), with the token embeddings of the tensor `table`."""

    def __init__(self, writer: GraphWriter, stack: StackConfig, tensors: Tensors, part: str, table: str) -> None:
        super().__init__(writer, stack, tensors)
        self._part, self._table = part, table

    def encode(self, mask: str) -> str:
        """Add every layer of an encoder; return the last states, shape (tokens, hidden size).

        `mask` is in float32, shape (batch, length).
        """
        writer = self.writer
        bias = writer.node("Add", self._relative_bias(), padding_bias(writer, mask))
        every = Asked(None, self.shapes.by_head, bias)
        rows = self.embed()
        for block in range(self.stack.layers):
            rows = self._encoder_block(rows, f"{self._part}.block.{block}", every)
        return self.finish(rows)

    def embed(self) -> str:
        """Return the embedded tokens, shape (tokens, hidden size)."""
        return self.writer.node(
            "Reshape", self.writer.embedding(self.tensors[self._table], self.shapes.ids), self.shapes.rows
        )

    def future_bias(self) -> str:
        """Return the relative bias, and what hides from each token those after it, (1, heads, length, length)."""
        return self.writer.node("Add", self._relative_bias(causal=True), super().future_bias())

    def decoder_layer(self, rows: str, layer: int, asked: Asked, context: Context) -> str:
        """Add self-attention, cross-attention and feed-forward; see `AttendingStack.decoder_layer`."""
        writer, at = self.writer, f"{self._part}.block.{layer}"
        prepared = self._prepare(rows, f"{at}.layer.0")
        key, value = (self._linear(prepared, f"{at}.layer.0.SelfAttention.{part}") for part in "kv")
        if asked.places is not None:
            rows = writer.node("Gather", rows, asked.places)
            prepared = self._prepare(rows, f"{at}.layer.0")
        mixed = self.attention(self._linear(prepared, f"{at}.layer.0.SelfAttention.q"), key, value, asked)
        rows = self._add(rows, mixed, f"{at}.layer.0.SelfAttention.o")
        prepared = self._prepare(rows, f"{at}.layer.1")
        mixed = self.cross_attention(self._linear(prepared, f"{at}.layer.1.EncDecAttention.q"), context, asked)
        return self._feed_forward(self._add(rows, mixed, f"{at}.layer.1.EncDecAttention.o"), f"{at}.layer.2")

    def context_of(self, prepared: Prepared, layer: int) -> tuple[str, str]:
        """Return the keys and values that a decoder's layer reads, rows of (tokens, heads * head size)."""
        at = f"{self._part}.block.{layer}.layer.1.EncDecAttention"
        return self._linear(prepared, f"{at}.k"), self._linear(prepared, f"{at}.v")

    def finish(self, rows: str) -> str:
        """Return the states under the last norm."""
        return self._norm(rows, f"{self._part}.final_layer_norm")

    def _relative_bias(self, *, causal: bool = False) -> str:
        """Return the bias shared by all layers, shape (1, heads, length, length)."""
        writer, furthest = self.writer, self.stack.relative_max_distance
        name = f"{self._part}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        table = writer.constant(relative_bias_table(self.tensors[name], self.stack, causal=causal))
        columns, lines = self.places()
        low, high = (writer.constant(np.array(value, np.int64)) for value in (-furthest, furthest))
        distances = writer.node("Clip", writer.node("Sub", columns, lines), low, high)
        bias = writer.node("Gather", table, writer.node("Add", distances, high))
        return writer.node("Unsqueeze", writer.node("Transpose", bias, perm=[2, 0, 1]), writer.integers(0))

    def _encoder_block(self, rows: str, at: str, every: Asked) -> str:
        prepared = self._prepare(rows, f"{at}.layer.0")
        query, key, value = (self._linear(prepared, f"{at}.layer.0.SelfAttention.{part}") for part in "qkv")
        mixed = self.attention(query, key, value, every)
        return self._feed_forward(self._add(rows, mixed, f"{at}.layer.0.SelfAttention.o"), f"{at}.layer.1")

    def _feed_forward(self, rows: str, at: str) -> str:
        wide = self.writer.node("Relu", self._linear(self._prepare(rows, at), f"{at}.DenseReluDense.wi"))
        narrow = self._linear(self.writer.prepare(wide, Sign.POSITIVE), f"{at}.DenseReluDense.wo")
        return self.writer.node("Add", rows, narrow)

    def _add(self, rows: str, mixed: str, name: str) -> str:
        return self.writer.node("Add", rows, self._linear(self.writer.prepare(mixed), name))

    def _prepare(self, rows: str, at: str) -> Prepared:
        return self.writer.prepare(self._norm(rows, f"{at}.layer_norm"))

    def _linear(self, prepared: Prepared, name: str) -> str:
        return self.writer.linear(prepared, self.tensors[f"{name}.weight"])

    def _norm(self, rows: str, name: str) -> str:
        return self.writer.rms_norm(rows, self.tensors[f"{name}.weight"], self.stack.norm_epsilon)
