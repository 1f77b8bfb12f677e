"""More vectors than anybody wants to compute: mixtures of two real ones and a little noise, of length 1.

A mixture stays nearest to one real vector, so that the neighbourhoods are those of real vectors. Uniformly random
vectors would have none, and would flatter an exact scan; clusters drawn by hand would flatter an inverted file. So do
mixtures of few: a million made of 2,000 lie in 2,000 clusters, where a graph of neighbours (HNSW) finds .52 of the 400
nearest and a thirty-second of the lists has nearly all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_OF_FIRST = 0.6  # the share of the first vector is drawn from here to 1
_NOISE = 0.1  # length of the noise that is added
_BATCH = 50_000


def mixed(real: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """Return `count` unit vectors, shape (count, dimension), float32; the same seed gives the same."""
    random = np.random.default_rng(seed)
    result = np.empty((count, real.shape[1]), np.float32)
    for start in range(0, count, _BATCH):
        rows = min(_BATCH, count - start)
        first, second = (real[random.integers(len(real), size=rows)] for _ in range(2))
        share = random.uniform(_LEAST_OF_FIRST, 1, (rows, 1)).astype(np.float32)
        noise = random.standard_normal((rows, real.shape[1]), dtype=np.float32) * np.float32(
            _NOISE / np.sqrt(real.shape[1])
        )
        vectors = share * first + (1 - share) * second + noise
        result[start : start + rows] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return result
