"""The ONNX graph against an independent numpy implementation (`reference`), on small random checkpoints."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnxruntime
import pytest

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.onnx_graph import encoder_graph
from codesearch.codet5p.onnx_t5 import relative_bias_table
from codesearch.codet5p.quantisation import Precision, quantise_rows
from tests.codesearch.codet5p import reference
from tests.codesearch.codet5p.folders import random_tensors

CLOSE = 2e-5  # float32 against float64 over two layers

# Lengths 1 to 70: the last is beyond every exact position bucket, and beyond the furthest distance of DEEP_T5.
SEQUENCES = [[1, 70, 71, 262, 90, 2], [1, 2], [5], [1, *range(60, 128), 2], [1, *range(100, 112), 2]]

SPECIAL = SpecialTokens(pad=0, bos=1, eos=2, unknown=3, mask=4)
T5 = StackConfig(Architecture.T5, 300, 24, 40, 2, 4, 8, 1e-6)
DEEP_T5 = StackConfig(Architecture.T5, 300, 24, 16, 3, 2, 16, 1e-6, relative_buckets=16, relative_max_distance=20)
BERT = StackConfig(Architecture.BERT, 300, 24, 40, 2, 4, 6, 1e-12, positions=96)
# Wide enough that rounding errors average out as they do in a real encoder
WIDE_T5 = StackConfig(Architecture.T5, 300, 128, 256, 2, 4, 32, 1e-6)
WIDE_BERT = StackConfig(Architecture.BERT, 300, 128, 256, 2, 4, 32, 1e-12, positions=96)

STACKS = pytest.mark.parametrize("stack", [T5, DEEP_T5, BERT], ids=["t5", "deep t5", "bert"])


def make(stack, pooling=Pooling.MEAN, projection=None):
    """Return a configuration and random weights, smaller in wider stacks, so that states do not explode."""
    config = CheckpointConfig("made", stack, None, pooling, projection, False, 512, 64, 360, SPECIAL)
    tensors = random_tensors(config, seed=3)
    shrink = (24 / stack.hidden_size) ** 0.5
    return config, {
        name: tensor if tensor.ndim == 1 else tensor * np.float32(shrink) for name, tensor in tensors.items()
    }


def run(config, tensors, precision, sequences, output="vectors"):
    model = encoder_graph(config, tensors, precision).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    width = max(map(len, sequences))
    ids = np.array([[*row, *[0] * (width - len(row))] for row in sequences])
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in sequences])
    return session.run([output], {"ids": ids, "mask": mask})[0]


def expected(config, tensors, sequences):
    return np.stack([reference.embed(tensors, config, ids) for ids in sequences])


@STACKS
@pytest.mark.parametrize("pooling", list(Pooling))
@pytest.mark.parametrize("projection", [None, 12])
def test_float32_equals_the_reference(stack, pooling, projection):
    """Both architectures, both poolings, with and without projection; padded rows beside longer ones."""
    config, tensors = make(stack, pooling, projection)
    found = run(config, tensors, Precision.FLOAT32, SEQUENCES)
    assert found.dtype == np.float32
    assert found.shape == (len(SEQUENCES), config.dimension)
    assert np.abs(found - expected(config, tensors, SEQUENCES)).max() < CLOSE


@pytest.mark.parametrize("stack", [WIDE_T5, WIDE_BERT], ids=["t5", "bert"])
def test_integers_stay_close_to_the_reference(stack):
    """Cosine at least .998 with 8 bits and .996 with 7 (random weights: 1 % of noise a layer); 7 bits are not 8."""
    config, tensors = make(stack, projection=32)
    exact = expected(config, tensors, SEQUENCES)
    cosines = {p: (run(config, tensors, p, SEQUENCES) * exact).sum(axis=1) for p in (Precision.INT8, Precision.INT7)}
    assert cosines[Precision.INT8].min() > 0.998
    assert cosines[Precision.INT7].min() > 0.996
    assert cosines[Precision.INT7].mean() < cosines[Precision.INT8].mean() < 1 - 1e-6


def test_features_that_reach_far_do_not_coarsen_the_others():
    """Three features 30 times as wide as the rest before attention and feed-forward: integers stay as close."""
    config, tensors = make(WIDE_BERT)
    for name, tensor in tensors.items():
        if name.endswith("LayerNorm.weight"):
            tensors[name] = tensor * np.where(np.arange(128) % 50 == 0, np.float32(30), np.float32(1))
    cosines = (run(config, tensors, Precision.INT8, SEQUENCES) * expected(config, tensors, SEQUENCES)).sum(axis=1)
    assert cosines.min() > 0.998


@STACKS
@pytest.mark.parametrize("precision", list(Precision))
def test_a_vector_depends_on_its_text_alone(stack, precision):
    """Beside others, padded, a text gets the vector that it gets alone: also in integers, scaled token by token."""
    config, tensors = make(stack)
    together = run(config, tensors, precision, SEQUENCES)
    alone = np.concatenate([run(config, tensors, precision, [ids]) for ids in SEQUENCES])
    # In integers a last bit of float32 can move a value over a rounding step; nothing moves by more.
    assert np.abs(together - alone).max() < (1e-6 if precision is Precision.FLOAT32 else 2e-2)
    assert (together * alone).sum(axis=1).min() > 1 - 1e-4


def test_the_probe_shows_exact_sums():
    """The second output is the product of the largest bytes, worked out by hand: 64 x 255 x 127, or x 63."""
    config, tensors = make(BERT)
    for precision, value in ((Precision.INT8, 2_072_640), (Precision.INT7, 1_028_160)):
        assert run(config, tensors, precision, [[1, 2]], "probe") == precision.probe_value == value


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("buckets", "furthest"), [(32, 128), (16, 20), (8, 128), (64, 256)])
def test_the_bias_table_holds_every_distance(buckets, furthest, causal):
    """Each distance, clipped to the table, finds the bucket that the reference computes, three times as far too."""
    stack = dataclasses.replace(T5, relative_buckets=buckets, relative_max_distance=furthest)
    table = relative_bias_table(np.arange(buckets, dtype=np.float32)[:, None], stack, causal=causal)
    assert table.shape == (2 * furthest + 1, 1)
    for distance in range(-3 * furthest, 3 * furthest + 1):
        row = max(-furthest, min(furthest, distance)) + furthest
        assert table[row, 0] == reference.bucket(distance, buckets, furthest, not causal)


def test_a_layer_of_dead_neurons_gives_numbers():
    """Rows of zeros (every ReLU closed) divide by no zero."""
    config, tensors = make(T5)
    for name in tensors:
        if name.endswith(".wi.weight"):
            tensors[name] = np.zeros_like(tensors[name])
    found = run(config, tensors, Precision.INT8, SEQUENCES)
    assert np.isfinite(found).all()
    assert (found * expected(config, tensors, SEQUENCES)).sum(axis=1).min() > 0.99


def test_integers_are_what_onnxruntime_multiplies():
    """Every linear layer is one MatMulIntegerToFloat: q, k, v, o, wi, wo in two layers, and the probe."""
    config, tensors = make(BERT, projection=12)
    kinds = [node.op_type for node in encoder_graph(config, tensors, Precision.INT8).graph.node]
    assert kinds.count("MatMulIntegerToFloat") == 6 * 2 + 1
    assert kinds.count("FusedMatMul") == 2 * 2 + 1  # scores and mixing in each layer, and the mean


def test_quantised_rows_are_worked_out_by_hand():
    """The largest of a row becomes 127, the others their share, rounded; zeros stay."""
    rows = quantise_rows(np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [127.0, 1.4, -1.6]], np.float32))
    assert rows.values.tolist() == [[64, -127, 32], [0, 0, 0], [127, 1, -2]]
    assert np.allclose(rows.scales[:, 0], [2 / 127, 1, 1])
    assert np.allclose(rows.restored()[2], [127, 1, -2])
