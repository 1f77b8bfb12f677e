"""What the stacks of either architecture share in a graph: shapes, masks, and attention over projected rows.

Matrices are (tokens, features) throughout, and the tokens are ordered by place: the first of every text, then the
second of every text. So the heads of queries, keys and values, (length, batch, heads, head size), are those rows as
they lie, which onnxruntime's FusedMatMul reads as matrices of (batch, heads) with strides; only what attention returns
is transposed. The layers around it are `onnx_bert` and `onnx_t5`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from codesearch.codet5p.config import StackConfig
    from codesearch.codet5p.onnx_writer import GraphWriter

Tensors = Mapping[str, NDArray[np.float32]]

IDS, MASK = "ids", "mask"

_MASKED = -10_000.0  # added to the score of a key not to be seen: exp(-10,000) is 0, and fp32 keeps scores beside it
_FLOAT = 1  # float32 in ONNX's numbering


class Shapes:
    """The token ids by place, (length, batch), and the shapes that depend on the batch, computed once."""

    def __init__(self, writer: GraphWriter, stack: StackConfig) -> None:
        self.ids = writer.node("Transpose", IDS, perm=[1, 0])
        length_and_batch = writer.node("Shape", self.ids)
        self.by_place = writer.node("Concat", length_and_batch, writer.integers(-1), axis=0)
        self.by_head = writer.node("Concat", length_and_batch, writer.integers(stack.heads, stack.head_size), axis=0)
        self.inner_rows = writer.integers(-1, stack.heads * stack.head_size)
        self.rows = writer.integers(-1, stack.hidden_size)
        self.length = writer.node("Slice", length_and_batch, writer.integers(0), writer.integers(1))
        self.batch = writer.node("Slice", length_and_batch, writer.integers(1), writer.integers(2))


@dataclass(frozen=True, slots=True)
class Asked:
    """The tokens whose states a layer of a decoder computes; its keys and values are always those of all tokens.

    `places` are rows of (tokens, features), None for all; `by_head` is the shape (tokens asked, batch, heads, head
    size) and `score_bias`, (batch or 1, heads or 1, tokens asked, length), hides what a token must not see. Where
    `biased`, a boolean, is false, nothing is to be hidden.
    """

    places: str | None
    by_head: str
    score_bias: str
    biased: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What one layer's cross-attention reads of the text: heads of keys and values, and the bias that hides padding.

    Shapes (texts, heads, head size, text length), (texts, heads, text length, head size) and (texts, 1, 1, text
    length); one text serves all rows of a batch.
    """

    key: str
    value: str
    score_bias: str


class AttendingStack(ABC):
    """Attention over the rows of one stack; the layers of an architecture are added by its own class."""

    def __init__(self, writer: GraphWriter, stack: StackConfig, tensors: Tensors) -> None:
        self.writer, self.stack, self.tensors = writer, stack, tensors
        self.shapes = Shapes(writer, stack)

    @abstractmethod
    def embed(self) -> str:
        """Return the embedded tokens, shape (tokens, hidden size)."""

    def future_bias(self) -> str:
        """Return what hides from each token those after it, shape (1, heads or 1, length, length)."""
        writer = self.writer
        columns, lines = self.places()
        later = writer.node("Cast", writer.node("Greater", columns, lines), to=_FLOAT)
        return writer.node("Unsqueeze", writer.node("Mul", later, writer.number(_MASKED)), writer.integers(0, 1))

    @abstractmethod
    def decoder_layer(self, rows: str, layer: int, asked: Asked, context: Context) -> str:
        """Add a layer of a decoder; return the states of the tokens asked, shape (tokens asked, hidden size)."""

    @abstractmethod
    def finish(self, rows: str) -> str:
        """Return the states that leave the stack, given those of its last layer."""

    def decode(self, ends: str, contexts: list[Context]) -> str:
        """Add every layer of a decoder; return the last states at the places `ends`, (batch,), of each row.

        Shape (batch, hidden size). The last layer computes no other token's. Padding comes after the ends, where no
        token that counts looks: it needs no mask.
        """
        bias = self.future_bias()
        every, rows = Asked(None, self.shapes.by_head, bias), self.embed()
        for layer, context in enumerate(contexts[:-1]):
            rows = self.decoder_layer(rows, layer, every, context)
        last = self._asked_at(ends, bias)
        return self.finish(self.decoder_layer(rows, len(contexts) - 1, last, contexts[-1]))

    def places(self) -> tuple[str, str]:
        """Return the places 0, 1, ... in a text: of keys, shape (1, length), and of queries, shape (length, 1)."""
        writer = self.writer
        length = writer.node("Squeeze", self.shapes.length)
        zero, one = (writer.constant(np.array(value, np.int64)) for value in (0, 1))
        places = writer.node("Range", zero, length, one)
        columns, lines = (writer.node("Unsqueeze", places, writer.integers(axis)) for axis in (0, 1))
        return columns, lines

    def keys(self, rows: str) -> str:
        """Return projected rows as `Context.key`, shape (batch, heads, head size, length)."""
        return self.writer.node("Transpose", self._heads(rows, self.shapes.by_head), perm=[1, 2, 3, 0])

    def values(self, rows: str) -> str:
        """Return projected rows as `Context.value`, shape (batch, heads, length, head size)."""
        return self.writer.node("Transpose", self._heads(rows, self.shapes.by_head), perm=[1, 2, 0, 3])

    def attention(self, query: str, key: str, value: str, asked: Asked) -> str:
        """Return softmax(query key^T + bias) value, shape (tokens asked, heads * head size), given rows of each."""
        query = self._heads(query, asked.by_head)
        key, value = (self._heads(one, self.shapes.by_head) for one in (key, value))
        scores = self.writer.product(query, key, transBatchA=1, transBatchB=1, transB=1)
        weights = self.writer.softmax(scores, asked.score_bias, asked.biased)
        return self._mixed(weights, value, transBatchB=1)

    def cross_attention(self, query: str, context: Context, asked: Asked) -> str:
        """Return the same of the keys and values of a text, under its own bias."""
        scores = self.writer.product(self._heads(query, asked.by_head), context.key, transBatchA=1)
        return self._mixed(self.writer.softmax(scores, context.score_bias), context.value)

    def _heads(self, rows: str, by_head: str) -> str:
        return self.writer.node("Reshape", rows, by_head)

    def _mixed(self, weights: str, value: str, **transposed: int) -> str:
        writer = self.writer
        merged = writer.node("Transpose", writer.product(weights, value, **transposed), perm=[2, 0, 1, 3])
        return writer.node("Reshape", merged, self.shapes.inner_rows)

    def _asked_at(self, ends: str, bias: str) -> Asked:
        """Ask for one token of each row, and show it what the token at its place sees."""
        writer = self.writer
        zero, one = (writer.constant(np.array(value, np.int64)) for value in (0, 1))
        rows = writer.node("Range", zero, writer.node("Squeeze", writer.node("Shape", ends)), one)
        places = writer.node("Add", writer.node("Mul", ends, self.shapes.batch), rows)
        own_bias = writer.node("Transpose", writer.node("Gather", bias, ends, axis=2), perm=[2, 1, 0, 3])
        return Asked(places, writer.integers(1, -1, self.stack.heads, self.stack.head_size), own_bias)


def float_mask(writer: GraphWriter, mask: str) -> str:
    """Return a mask of integers as float32."""
    return writer.node("Cast", mask, to=_FLOAT)


def is_padded(writer: GraphWriter, mask: str) -> str:
    """Return whether anything is hidden by a mask in float32, as a boolean."""
    return writer.node("Less", writer.node("ReduceMin", mask, keepdims=0), writer.number(1))


def padding_bias(writer: GraphWriter, mask: str) -> str:
    """Return what hides padding, shape (batch, 1, 1, length), from a mask in float32, shape (batch, length)."""
    padding = writer.node("Sub", mask, writer.number(1))
    return writer.node("Unsqueeze", writer.node("Mul", padding, writer.number(-_MASKED)), writer.integers(1, 2))
