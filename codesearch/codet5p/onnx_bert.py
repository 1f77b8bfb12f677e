"""BERT in a graph: LayerNorm after each sub-layer, absolute positions, scaled attention, exact GELU, biases."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.onnx_attention import IDS, AttendingStack, padding_bias
from codesearch.codet5p.onnx_writer import CONTRIBUTED, Sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from codesearch.codet5p.config import StackConfig
    from codesearch.codet5p.onnx_attention import Asked, Context, Tensors
    from codesearch.codet5p.onnx_writer import GraphWriter, Prepared


class BertStack(AttendingStack):
    """An encoder, or the decoder whose tensors' names begin with `prefix`."""

    def __init__(self, writer: GraphWriter, stack: StackConfig, tensors: Tensors, prefix: str = "") -> None:
        super().__init__(writer, stack, tensors)
        self._prefix = prefix

    def encode(self, mask: str) -> str:
        """Add every layer of an encoder; return the last states, shape (tokens, hidden size).

        `mask` is in float32, shape (batch, length).
        """
        score_bias = padding_bias(self.writer, mask)
        rows = self.embed()
        for layer in range(self.stack.layers):
            rows = self._encoder_layer(rows, f"encoder.layer.{layer}", score_bias)
        return rows

    def embed(self) -> str:
        """Return the embedded tokens, shape (tokens, hidden size)."""
        writer = self.writer
        words = writer.embedding(self._tensor("embeddings.word_embeddings.weight"), IDS)
        # Only token type 0 is ever used, so its row is part of every position's.
        table = (
            self._tensor("embeddings.position_embeddings.weight")
            + self._tensor("embeddings.token_type_embeddings.weight")[0]
        )
        positions = writer.node("Slice", writer.constant(table), writer.integers(0), self.shapes.length)
        rows = writer.node("Reshape", writer.node("Add", words, positions), self.shapes.rows)
        return self._norm(rows, "embeddings.LayerNorm")

    def decoder_layer(self, rows: str, layer: int, asked: Asked, context: Context) -> str:
        """Add self-attention, cross-attention and feed-forward; see `AttendingStack.decoder_layer`."""
        writer, at = self.writer, f"encoder.layer.{layer}"
        prepared = writer.prepare(rows)
        key, value = self._key_and_value(prepared, f"{at}.attention")
        if asked.places is not None:
            rows = writer.node("Gather", rows, asked.places)
            prepared = writer.prepare(rows)
        query = self.queries(self._query(prepared, f"{at}.attention"), asked.by_head)
        mixed = self.attention(query, self.keys(key), self.values(value), asked.score_bias)
        rows = self._attended(mixed, rows, f"{at}.attention")
        query = self.queries(self._query(writer.prepare(rows), f"{at}.crossattention"), asked.by_head)
        mixed = self.attention(query, context.key, context.value, context.score_bias)
        return self._feed_forward(self._attended(mixed, rows, f"{at}.crossattention"), at)

    def context_of(self, prepared: Prepared, layer: int) -> tuple[str, str]:
        """Return the keys and values that a decoder's layer reads, rows of (tokens, heads * head size)."""
        return self._key_and_value(prepared, f"encoder.layer.{layer}.crossattention")

    def finish(self, rows: str) -> str:
        """Return the states as they are: each layer has normalised its own."""
        return rows

    def _encoder_layer(self, rows: str, at: str, score_bias: str) -> str:
        prepared = self.writer.prepare(rows)
        query = self._query(prepared, f"{at}.attention")
        key, value = self._key_and_value(prepared, f"{at}.attention")
        query = self.queries(query, self.shapes.by_head)
        mixed = self.attention(query, self.keys(key), self.values(value), score_bias)
        return self._feed_forward(self._attended(mixed, rows, f"{at}.attention"), at)

    def _query(self, prepared: Prepared, at: str) -> str:
        scale = np.float32(1 / math.sqrt(self.stack.head_size))
        weight, bias = (self._tensor(f"{at}.self.query.{part}") * scale for part in ("weight", "bias"))
        return self.writer.linear(prepared, weight, bias)

    def _key_and_value(self, prepared: Prepared, at: str) -> tuple[str, str]:
        key, value = (self._linear(prepared, f"{at}.self.{part}") for part in ("key", "value"))
        return key, value

    def _attended(self, mixed: str, rows: str, at: str) -> str:
        attended = self._linear(self.writer.prepare(mixed), f"{at}.output.dense")
        return self._norm(self.writer.node("Add", attended, rows), f"{at}.output.LayerNorm")

    def _feed_forward(self, rows: str, at: str) -> str:
        writer = self.writer
        wide = self._linear(writer.prepare(rows), f"{at}.intermediate.dense")
        # onnxruntime's own Gelu: the standard's came with opset 20; BiasGelu was slower than an Add and this.
        wide = writer.node("Gelu", wide, domain=CONTRIBUTED)
        narrow = self._linear(writer.prepare(wide, Sign.GELU), f"{at}.output.dense")
        return self._norm(writer.node("Add", narrow, rows), f"{at}.output.LayerNorm")

    def _linear(self, prepared: Prepared, name: str) -> str:
        return self.writer.linear(prepared, self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias"))

    def _norm(self, rows: str, name: str) -> str:
        weight, bias = self._tensor(f"{name}.weight"), self._tensor(f"{name}.bias")
        return self.writer.layer_norm(rows, weight, bias, self.stack.norm_epsilon)

    def _tensor(self, name: str) -> NDArray[np.float32]:
        return self.tensors[self._prefix + name]
