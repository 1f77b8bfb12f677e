"""How fast this machine multiplies matrices of the shapes that the encoder has, by itself, without an encoder around.

That is the ceiling that `embedding` compares with. Each way computes on all cores; the fastest is the machine's rate.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.machine import cores
from benchmarks.timing import median_seconds
from codesearch.codet5p.cpu_batches import BATCH_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

    from codesearch.codet5p.config import StackConfig

_PASSES = 40  # of all shapes: some tenths of a second
_REPEATS = 3

Shape = tuple[int, int]  # inputs and outputs of a linear layer


def shapes_of(stack: StackConfig) -> list[Shape]:
    """Return the linear layers of one layer of a BERT encoder: query, key, value, output, and the feed-forward two."""
    hidden, wide = stack.hidden_size, stack.feed_forward_size
    return [(hidden, hidden)] * 4 + [(hidden, wide), (wide, hidden)]


def operations_per_token(stack: StackConfig) -> int:
    """Return the multiplications and additions in the linear layers of an encoder, for each token."""
    return 2 * stack.layers * sum(inputs * outputs for inputs, outputs in shapes_of(stack))


def rates(stack: StackConfig) -> dict[str, float]:
    """Return operations per second of each way to multiply, for batches of the encoder's size."""
    shapes = shapes_of(stack)
    once = 2 * BATCH_TOKENS * sum(inputs * outputs for inputs, outputs in shapes)
    ways: dict[str, Callable[[list[Shape]], Callable[[], None]]] = {
        "onnxruntime int8": _onnxruntime_int8,
        "torch int8": _torch_int8,
        "torch bfloat16": _torch_bfloat16,
        "torch float32": _torch_float32,
    }
    measured = {}
    for name, way in ways.items():
        multiply = way(shapes)
        with ThreadPoolExecutor(cores()) as pool:

            def passes(pool: ThreadPoolExecutor = pool, multiply: Callable[[], None] = multiply) -> None:
                for done in [pool.submit(multiply) for _ in range(_PASSES * cores())]:
                    done.result()

            passes()
            measured[name] = once * _PASSES * cores() / median_seconds(passes, _REPEATS)
    return measured


def _onnxruntime_int8(shapes: list[Shape]) -> Callable[[], None]:
    """Unsigned states times signed weights, sums in 32 bits: what the encoder's graph is made of."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    work = []
    for inputs, outputs in shapes:
        weight = numpy_helper.from_array(random.integers(-127, 128, (inputs, outputs), dtype=np.int8), "w")
        graph = helper.make_graph(
            [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
            "linear",
            [helper.make_tensor_value_info("x", TensorProto.UINT8, [BATCH_TOKENS, inputs])],
            [helper.make_tensor_value_info("y", TensorProto.INT32, [BATCH_TOKENS, outputs])],
            [weight],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        work.append((session, {"x": random.integers(0, 256, (BATCH_TOKENS, inputs), dtype=np.uint8)}))

    def multiply() -> None:
        for session, given in work:
            session.run(None, given)

    return multiply


def _torch_int8(shapes: list[Shape]) -> Callable[[], None]:
    import torch

    torch.set_num_threads(1)
    pairs = [
        (
            torch.randint(-127, 127, (BATCH_TOKENS, one[0]), dtype=torch.int8),
            torch.randint(-127, 127, one).to(torch.int8),
        )
        for one in shapes
    ]

    def multiply() -> None:
        for left, right in pairs:
            torch._int_mm(left, right)

    return multiply


def _torch_float(shapes: list[Shape], name: str) -> Callable[[], None]:
    import torch

    torch.set_num_threads(1)
    kind = getattr(torch, name)
    pairs = [(torch.randn(BATCH_TOKENS, one[0]).to(kind), torch.randn(one).to(kind)) for one in shapes]

    def multiply() -> None:
        with torch.inference_mode():
            for left, right in pairs:
                torch.matmul(left, right)

    return multiply


def _torch_bfloat16(shapes: list[Shape]) -> Callable[[], None]:
    return _torch_float(shapes, "bfloat16")


def _torch_float32(shapes: list[Shape]) -> Callable[[], None]:
    return _torch_float(shapes, "float32")
