"""pass@k: how likely one of k tries passes the tests, estimated from n of them.

Running the tries is for `problems`.
"""

from __future__ import annotations

import math


def pass_at_k(tries: int, passed: int, k: int) -> float:
    """Return 1 - C(tries - passed, k) / C(tries, k), 0 to 1: the unbiased estimate of Chen et al. (2021), equation 1.

    The chance that among k of the tries, drawn without putting back, at least one has passed. Raises ValueError unless
    0 <= passed <= tries and 1 <= k <= tries.
    """
    if not (0 <= passed <= tries and 1 <= k <= tries):
        raise ValueError("passed is at most tries, and k is from 1 to tries")
    return 1.0 - math.comb(tries - passed, k) / math.comb(tries, k)
