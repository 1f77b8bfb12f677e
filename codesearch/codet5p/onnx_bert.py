"""BERT in a graph: LayerNorm after each sub-layer, absolute positions, scaled attention, exact GELU, biases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.onnx_attention import Asked, AttendingStack, is_padded, padding_bias
from codesearch.codet5p.onnx_writer import CONTRIBUTED, Sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codesearch.codet5p.config import StackConfig
    from codesearch.codet5p.onnx_attention import Context, Tensors
    from codesearch.codet5p.onnx_writer import GraphWriter, Prepared


@dataclass(frozen=True, slots=True)
class LayerRead:
    """What the linear layers of one layer read, as names in the graph; after attention, mixtures of its values."""

    attention: str
    value: str
    feed_forward: str


@dataclass(frozen=True, slots=True)
class Reaches:
    """The magnitude that 127 stands for in each feature of a `LayerRead`, shape (features,) each, float32."""

    attention: NDArray[np.float32]
    value: NDArray[np.float32]
    feed_forward: NDArray[np.float32]


class BertStack(AttendingStack):
    """An encoder, or the decoder whose tensors' names begin with `prefix`."""

    def __init__(self, writer: GraphWriter, stack: StackConfig, tensors: Tensors, prefix: str = "") -> None:
        super().__init__(writer, stack, tensors)
        self._prefix = prefix
        self.layers_read: list[LayerRead] = []  # of an encoder

    def encode(self, mask: str, reaches: Sequence[Reaches] = ()) -> str:
        """Add every layer of an encoder; return the last states, shape (tokens, hidden size).

        `mask` is in float32, shape (batch, length). `reaches`, of each layer, are those of `onnx_reach`; without them
        and in float32 every token is scaled by its own peak, or not at all.
        """
        bias, padded = padding_bias(self.writer, mask), is_padded(self.writer, mask)
        every = Asked(None, self.shapes.by_head, bias, padded)
        rows = self.embed()
        for layer in range(self.stack.layers):
            rows = self._encoder_layer(rows, f"encoder.layer.{layer}", every, reaches[layer] if reaches else None)
        return rows

    def embed(self) -> str:
        """Return the embedded tokens, shape (tokens, hidden size)."""
        writer = self.writer
        words = writer.embedding(self._tensor("embeddings.word_embeddings.weight"), self.shapes.ids)
        # Only token type 0 is ever used, so its row is part of every position's.
        table = (
            self._tensor("embeddings.position_embeddings.weight")
            + self._tensor("embeddings.token_type_embeddings.weight")[0]
        )
        positions = writer.node("Slice", writer.constant(table[:, None]), writer.integers(0), self.shapes.length)
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
        mixed = self.attention(self._query(prepared, f"{at}.attention"), key, value, asked)
        rows = self._attended(writer.prepare(mixed), rows, f"{at}.attention")
        query = self._query(writer.prepare(rows), f"{at}.crossattention")
        mixed = self.cross_attention(query, context, asked)
        rows = self._attended(writer.prepare(mixed), rows, f"{at}.crossattention")
        return self._feed_forward(rows, writer.prepare(rows), at)

    def context_of(self, prepared: Prepared, layer: int) -> tuple[str, str]:
        """Return the keys and values that a decoder's layer reads, rows of (tokens, heads * head size)."""
        return self._key_and_value(prepared, f"encoder.layer.{layer}.crossattention")

    def finish(self, rows: str) -> str:
        """Return the states as they are: each layer has normalised its own."""
        return rows

    def _encoder_layer(self, rows: str, at: str, every: Asked, reaches: Reaches | None) -> str:
        writer, attention = self.writer, f"{at}.attention"
        prepared = writer.prepare_reaching(rows, None if reaches is None else reaches.attention)
        query = self._query(prepared, attention)
        key, value = self._key_and_value(prepared, attention, None if reaches is None else reaches.value)
        mixed = self.attention(query, key, value, every)
        # Mixed, values reach no further than by themselves; they were divided where they came from.
        shares = writer.prepare(mixed) if reaches is None else writer.prepare_shares(mixed, reaches.value)
        attended = self._attended(shares, rows, attention)
        self.layers_read.append(LayerRead(rows, value, attended))
        prepared = writer.prepare_reaching(attended, None if reaches is None else reaches.feed_forward)
        return self._feed_forward(attended, prepared, at)

    def _query(self, prepared: Prepared, at: str) -> str:
        scale = np.float32(1 / math.sqrt(self.stack.head_size))
        weight, bias = (self._tensor(f"{at}.self.query.{part}") * scale for part in ("weight", "bias"))
        return self.writer.linear(prepared, weight, bias)

    def _key_and_value(
        self, prepared: Prepared, at: str, value_reaches: NDArray[np.float32] | None = None
    ) -> tuple[str, str]:
        """Without their biases: a key's moves all scores of a query alike, a value's is in that of `_attended`."""
        key, value = (self._tensor(f"{at}.self.{part}.weight") for part in ("key", "value"))
        if value_reaches is not None:
            value = value / value_reaches[:, None]
        return self.writer.linear(prepared, key), self.writer.linear(prepared, value)

    def _attended(self, mixed: Prepared, rows: str, at: str) -> str:
        weight, bias = (self._tensor(f"{at}.output.dense.{part}") for part in ("weight", "bias"))
        bias = bias + weight @ self._tensor(f"{at}.self.value.bias")  # the weights of values sum to 1
        attended = self.writer.linear(mixed, weight, bias)
        return self._norm(self.writer.node("Add", attended, rows), f"{at}.output.LayerNorm")

    def _feed_forward(self, rows: str, prepared: Prepared, at: str) -> str:
        writer = self.writer
        wide = self._linear(prepared, f"{at}.intermediate.dense")
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
