"""Batches made ahead: worker processes tokenise what the next steps read, while a GPU computes this one.

What a batch is follows from the seed and the place in the run alone (`sampling`, `prepared`), so a run sees the same
batches with any number of workers, and each batch says where the run is after it. Where the pairs of a batch lie is
known only when those before it are counted; that is done ahead too, in stretches of the stream.

Workers are forks that share the examples, until they count references in them: of 527,000 examples, 0.9 GB, each had
copied half after 40 batches of 1,024 pairs. One makes 4 or 5 such batches a second.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import numpy as np
import torch

from codesearch.training.prepared import with_tensors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from codesearch.training.prepared import Part, Prepared, Preparer

_STRETCH = 1_024  # positions looked through at a time: some 15 ms, most of them without a pair
_AHEAD = 2  # jobs of each kind for each worker: one at work, one waiting
_RESERVED = 2  # cores: the run's own process, and its thread that receives the batches

_own: Preparer | None = None  # in a worker: what it makes batches with


def workers_for(device: str, wanted: int | None) -> int:
    """Return how many workers a run has: `wanted`, or for a GPU the cores that are left, and otherwise none."""
    if wanted is not None:
        return wanted
    return max(0, (os.cpu_count() or 1) - _RESERVED) if device.startswith("cuda") else 0


@contextmanager
def batches(preparer: Preparer, parts: Iterable[Part], workers: int) -> Iterator[Iterator[Prepared]]:
    """Open the batches of `parts`, in their order, from the position of the preparer's stream on.

    Without workers each is made when it is asked for. Leaving the context ends the workers. An error in a worker is
    raised as it is where its batch is asked for; of a worker that is killed comes BrokenProcessPool.
    """
    if not workers:
        yield map(preparer.next, parts)
        return
    pool = ProcessPoolExecutor(workers, _context(), _begin, (preparer,))
    try:
        with _frozen_memory():
            pool.submit(os.getpid).result()  # all workers start here, before anything else does
        yield _in_order(pool, preparer, parts, _AHEAD * workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, preparer: Preparer, parts: Iterable[Part], ahead: int) -> Iterator[Prepared]:
    places = _places(pool, preparer, ahead)
    making: deque[Future[Prepared]] = deque()
    for part in parts:
        making.append(pool.submit(_make, part, list(islice(places, part.pairs))))
        if len(making) > ahead:
            yield _unpacked(making.popleft().result())
    while making:
        yield _unpacked(making.popleft().result())


def _places(pool: ProcessPoolExecutor, preparer: Preparer, ahead: int) -> Iterator[int]:
    """Yield the positions of the stream at which there is a pair; raise ValueError where none comes any more."""
    first = preparer.stream.position
    last = first
    looking: deque[tuple[int, Future[list[int]]]] = deque()
    while True:
        while len(looking) < ahead:
            looking.append((first + _STRETCH, pool.submit(_look, first, first + _STRETCH)))
            first += _STRETCH
        end, found = looking.popleft()
        for place in found.result():
            last = place
            yield place
        preparer.stream.check(end - last)


def _begin(preparer: Preparer) -> None:
    """Make this process a worker: it ends with the run, whose affair an interruption is, and has one thread."""
    global _own
    _own = preparer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # each worker has one core
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        wait([run.sentinel])
        os._exit(1)


def _look(first: int, end: int) -> list[int]:
    return _preparer().stream.places(first, end)


def _make(part: Part, positions: list[int]) -> Prepared:
    """Return a batch of arrays: tensors would travel through shared memory, of which there may be little."""
    made: Prepared = with_tensors(_preparer().at(part, positions), torch.Tensor, torch.Tensor.numpy)
    return made


def _unpacked(made: Prepared) -> Prepared:
    batch: Prepared = with_tensors(made, np.ndarray, torch.from_numpy)
    return batch


def _preparer() -> Preparer:
    if _own is None:
        raise RuntimeError("this process is no worker")
    return _own


def _context() -> multiprocessing.context.BaseContext:
    """Return how workers start: as forks, which share the examples in memory, where there are such."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if forks else None)


@contextmanager
def _frozen_memory() -> Iterator[None]:
    """Keep what is in memory from the garbage collector, which would write to all of it in each fork."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
