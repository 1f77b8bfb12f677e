"""Batches computed on a CPU: small, to stay in the processor's caches, and side by side, one per core.

What is computed is for `cpu_encoder` and `cpu_matcher`; which texts are beside each other is `batches`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.codet5p.batches import plan_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Measured on one core with the bundled model, real functions of 126 tokens in the mean, functions/s at 128, 192, 256,
# 384, 512 tokens a batch: 150, 150, 151, 152, 147. Larger batches leave a cache of 1 MB, have more padding and end
# further apart; smaller ones read the weights more often.
BATCH_TOKENS = 256


def compute_in_batches(
    lengths: Sequence[int], compute: Callable[[list[int]], None], threads: int | None = None
) -> None:
    """Call `compute` with places in `lengths` (tokens of each text), until each place was in one call.

    Calls are made from `threads` threads, by default as many as there are cores. Raises what `compute` raises.
    """
    threads = threads or physical_cores()
    share = -(-sum(lengths) // threads)  # few texts are spread over all cores rather than put in one batch
    batches = plan_batches(lengths, min(BATCH_TOKENS, share))
    if len(batches) <= 1 or threads == 1:
        for batch in batches:
            compute(batch)
        return
    with ThreadPoolExecutor(min(threads, len(batches)), "batches") as pool:
        for _ in pool.map(compute, reversed(batches)):  # the longest first, so that the cores end together
            pass


def physical_cores() -> int:
    """Return how many cores this process may use; two threads of one core share its multipliers and count once."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    siblings = set()
    for cpu in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        siblings.add(topology.read_text(encoding="ascii") if topology.is_file() else str(cpu))
    return len(siblings)
