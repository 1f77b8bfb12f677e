"""Eight-bit integers for matrices: symmetric, one scale per row. Plain arithmetic; graphs are `onnx_writer`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The largest magnitude of a weight. Where a processor multiplies unsigned by signed bytes in pairs into 16 bits (x86
# before VNNI), two products of 255 x 127 overflow and two of 255 x 63 do not: seven bits are exact there.
FULL_RANGE = 127
REDUCED_RANGE = 63
# A graph multiplies this many activations of 255 by as many of its largest weight, to show whether sums are exact.
PROBE_LENGTH = 64


class Precision(StrEnum):
    """What a graph computes its linear layers in."""

    FLOAT32 = "fp32"
    INT8 = "int8"
    INT7 = "int7"  # weights of 7 bits, for processors on which INT8 overflows

    @property
    def largest_weight(self) -> int:
        """The largest magnitude of an integer weight."""
        return REDUCED_RANGE if self is Precision.INT7 else FULL_RANGE

    @property
    def probe_value(self) -> int:
        """The sum that the probe must give."""
        return PROBE_LENGTH * 255 * self.largest_weight


@dataclass(frozen=True, slots=True)
class QuantisedRows:
    """A matrix as `values * scales`: values int8 of the matrix's shape, scales float32, shape (rows, 1)."""

    values: NDArray[np.int8]
    scales: NDArray[np.float32]

    def restored(self) -> NDArray[np.float32]:
        """Return the matrix that the integers stand for, float32."""
        return self.values.astype(np.float32) * self.scales


def quantise_rows(matrix: NDArray[np.float32], largest: int = FULL_RANGE) -> QuantisedRows:
    """Return `matrix`, shape (rows, columns), rounded to integers of at most `largest`; a row of zeros stays zeros."""
    peaks = np.abs(matrix).max(axis=1, keepdims=True)
    scales = np.where(peaks > 0, peaks / largest, 1).astype(np.float32)
    values = np.clip(np.rint(matrix / scales), -largest, largest).astype(np.int8)
    return QuantisedRows(values, scales)
