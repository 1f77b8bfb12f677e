"""How far the features reach that a BERT encoder's linear layers read: what their integers are scaled by.

LayerNorm keeps these features in bounds that hardly depend on the text, though some reach 30 times as far as others.
What attention mixes is bounded by its values. So both are measured once, when a graph is written, by running the
network in float32 on random tokens: that needs no data, and the seed is fixed. The layers are `onnx_bert`, the integers
`onnx_writer`.

On 6,267 real functions the cosine to float32 of the bundled model is, mean and least: scaled by each token's own peak
.9979 and .9959; as here .9989 and .9975, and nothing has to be found, multiplied and added for each token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.onnx_attention import IDS, MASK, float_mask
from codesearch.codet5p.onnx_bert import BertStack, Reaches
from codesearch.codet5p.onnx_writer import GraphWriter
from codesearch.codet5p.quantisation import Precision

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto

    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.onnx_attention import Tensors

# How many texts of how many tokens. First and last tokens have states of their own, whence the many short texts.
_TEXTS = {8: 16, 16: 12, 64: 6, 256: 6}
_TOKENS = 2_000  # they are made of
_SEED = 6
_EMBEDDINGS = "embeddings.word_embeddings.weight"
_SMALLEST_REACH = np.float32(1e-6)  # a feature that is always 0 divides by no 0


def reaches_of(config: CheckpointConfig, tensors: Tensors) -> list[Reaches]:
    """Return the reaches of each layer of the encoder of `config`. Raises KeyError for a missing tensor.

    Values are bounds of what is mixed of them: their peaks are their reach. Elsewhere it is the geometric mean of a
    feature's own peak and the furthest feature's: so both it and its column of weights, which is multiplied by its
    reach, keep about as many steps (SmoothQuant, Xiao et al. 2023, section 4).
    """
    tokens = _random_tokens(config)
    table = {_EMBEDDINGS: tensors[_EMBEDDINGS][tokens]}  # half the weights of a small model are rows not looked at
    writer = GraphWriter(Precision.FLOAT32)
    stack = BertStack(writer, config.encoder, {**tensors, **table})
    stack.encode(float_mask(writer, MASK))
    names = []
    for read in stack.layers_read:
        for rows in (read.attention, read.value, read.feed_forward):
            names.append(writer.node("ReduceMax", writer.node("Abs", rows), writer.integers(0), keepdims=0))
    shapes: dict[str, list[str | int]] = {name: ["features"] for name in names}
    found = _run(writer.model({IDS: ["batch", "length"], MASK: ["batch", "length"]}, shapes), _random_texts(config))
    peaks = [np.maximum(np.max(same, axis=0), _SMALLEST_REACH) for same in zip(*found, strict=True)]
    return [
        Reaches(_balanced(attention), value, _balanced(feed_forward))
        for attention, value, feed_forward in zip(peaks[::3], peaks[1::3], peaks[2::3], strict=True)
    ]


def _balanced(peaks: NDArray[np.float32]) -> NDArray[np.float32]:
    balanced: NDArray[np.float32] = np.sqrt(peaks * peaks.max())
    return balanced


def _run(model: ModelProto, batches: list[NDArray[np.int64]]) -> list[list[NDArray[np.float32]]]:
    """Return the outputs for each batch of ids."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: they are raised too
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [session.run(None, {IDS: ids, MASK: np.ones_like(ids)}) for ids in batches]


def _random_tokens(config: CheckpointConfig) -> NDArray[np.int64]:
    """Return the ids of the tokens that texts are made of: the first begins them and the second ends them."""
    others = np.random.default_rng(_SEED).integers(0, config.encoder.vocabulary_size, _TOKENS)
    return np.concatenate([[config.special.bos, config.special.eos], others])


def _random_texts(config: CheckpointConfig) -> list[NDArray[np.int64]]:
    """Return batches of texts, as places in `_random_tokens`."""
    random = np.random.default_rng(_SEED)
    longest = min(config.max_tokens, config.encoder.positions)
    batches = []
    for length, texts in _TEXTS.items():
        places = random.integers(2, 2 + _TOKENS, (texts, min(length, longest)))
        places[:, 0], places[:, -1] = 0, 1
        batches.append(places)
    return batches
