"""How far the features reach that a BERT encoder's linear layers read: what their integers are scaled by.

LayerNorm keeps these features in bounds that hardly depend on the text, though some reach 30 times as far as others.
So they are measured once, when a graph is written, by running the network in float32 on random tokens: that needs no
data, and a fixed seed gives everybody the same graph. The layers are `onnx_bert`, the integers `onnx_writer`.

Measured on 120 real functions, cosine to float32 of the bundled model, mean and least: scaled by each token's own peak
.9979 and .9963; as here .9989 and .9980, and nothing has to be found, multiplied and added for each token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.onnx_attention import IDS, MASK, float_mask
from codesearch.codet5p.onnx_bert import BertStack
from codesearch.codet5p.onnx_writer import GraphWriter
from codesearch.codet5p.quantisation import Precision

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.onnx_attention import Tensors

# How many texts of how many tokens. First and last tokens have states of their own, whence the many short texts.
_TEXTS = {8: 16, 16: 12, 64: 6, 256: 6}
_SEED = 6
_SMALLEST_REACH = 1e-6  # a feature that is always 0 divides by no 0


def reaches_of(config: CheckpointConfig, tensors: Tensors) -> list[NDArray[np.float32]]:
    """Return for each layer what attention reads and what feed-forward reads, in turn: shape (hidden size,) each.

    What a feature reads as its reach is the geometric mean of its own and of the furthest feature's: so both it and its
    column of weights, which is multiplied by its reach, keep about as many steps (SmoothQuant, Xiao et al. 2023,
    section 4). Raises KeyError for a missing tensor.
    """
    import onnxruntime

    writer = GraphWriter(Precision.FLOAT32)
    stack = BertStack(writer, config.encoder, tensors)
    stack.encode(float_mask(writer, MASK))
    names = [f"peaks_{place}" for place in range(len(stack.read))]
    for rows, name in zip(stack.read, names, strict=True):
        writer.call(writer.node("ReduceMax", writer.node("Abs", rows), writer.integers(0), keepdims=0), name)
    shapes: dict[str, list[str | int]] = {name: [config.encoder.hidden_size] for name in names}
    model = writer.model({IDS: ["batch", "length"], MASK: ["batch", "length"]}, shapes)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: they are raised too
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = [session.run(names, {IDS: ids, MASK: np.ones_like(ids)}) for ids in _random_ids(config)]
    peaks = [np.maximum(np.max(same, axis=0), _SMALLEST_REACH) for same in zip(*found, strict=True)]
    return [np.sqrt(peak * peak.max()).astype(np.float32) for peak in peaks]


def _random_ids(config: CheckpointConfig) -> list[NDArray[np.int64]]:
    random = np.random.default_rng(_SEED)
    longest = min(config.max_tokens, config.encoder.positions)
    batches = []
    for length, texts in _TEXTS.items():
        ids = random.integers(0, config.encoder.vocabulary_size, (texts, min(length, longest)))
        ids[:, 0], ids[:, -1] = config.special.bos, config.special.eos
        batches.append(ids)
    return batches
