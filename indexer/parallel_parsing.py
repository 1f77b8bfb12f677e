"""Files parsed by several processes at once, and handed over in the order of the tasks.

So how many there were leaves no trace in the library. Starting processes costs more than parsing a few files: a small
change is worked on in this process. A file that brings a worker down is looked at once more by a worker of its own; if
that one dies, too, the file is given up with the reason, and all others go on. What happens in a worker is the part of
`parsing` and `parse_worker`.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING

from indexer.parsing import examine, give_up
from indexer.worker_process import (
    WORKER_MODULE,
    WorkerDied,
    WorkerProcess,
    WorkerUnavailable,
    can_start,
    usable_cores,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from concurrent.futures import Future

    from indexer.parsing import Examined, ToExamine

_PARALLEL_FROM_BYTES = 1_500_000
"""How much text is worth starting processes for: what one core parses in the time that two take to start and do it."""

_MOST_WORKERS = 8  # saving what they find takes a sixth of their time, and one process does that

# What a worker is given at a time: small enough that all end together, large enough that asking costs nothing.
_CHUNK_FILES = 32
_CHUNK_BYTES = 400_000

_CHUNKS_AHEAD = 6  # for each worker, in work or waiting to be saved: bounds the memory, and outlasts a slow write


def examine_all(root: str, tasks: Sequence[ToExamine], workers: int | None = None) -> Generator[Examined, None, None]:
    """Yield what `parsing.examine` makes of each task, in their order.

    `workers` is the number of processes, 0 for none but this one; None: by the cores there are and the work there is.
    Close the iterator if you do not read it to its end.
    """
    if workers is None:
        is_much = sum(task.found.size for task in tasks) >= _PARALLEL_FROM_BYTES
        cores = min(usable_cores(), _MOST_WORKERS)
        workers = cores if is_much and cores > 1 and can_start() else 0
    if workers:
        yield from ParsingCrew(root, workers).examine(tasks)
    else:
        for task in tasks:
            yield examine(root, task)


class ParsingCrew:
    """Workers for the files below one root. `module` is what they run."""

    def __init__(self, root: str, workers: int, module: str = WORKER_MODULE) -> None:
        self._root = root
        self._count = workers
        self._module = module
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        self._lock = Lock()
        self._running: set[WorkerProcess] = set()
        self._stopped = False

    def examine(self, tasks: Sequence[ToExamine]) -> Generator[Examined, None, None]:
        """Yield what `parsing.examine` makes of each task, in their order; the workers end with the iterator."""
        threads = ThreadPoolExecutor(self._count, thread_name_prefix="parsing")  # each waits for one worker
        ahead: deque[Future[list[Examined]]] = deque()
        try:
            for chunk in _chunks(tasks):
                ahead.append(threads.submit(self._work, chunk))
                if len(ahead) >= self._count * _CHUNKS_AHEAD:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        finally:
            self._stop()
            threads.shutdown(cancel_futures=True)
            for worker in self._running:
                worker.close()

    def _work(self, chunk: Sequence[ToExamine]) -> list[Examined]:
        try:
            return self._ask(chunk)
        except WorkerUnavailable:
            return [] if self._stopped else [examine(self._root, task) for task in chunk]
        except WorkerDied:
            return [self._work_alone(task) for task in chunk]

    def _work_alone(self, task: ToExamine) -> Examined:
        """Look at a file that may have brought a worker down; never in this process."""
        try:
            (examined,) = self._ask([task])
        except WorkerUnavailable:
            return give_up(self._root, task, "no process could be started for it")
        except WorkerDied as death:
            return give_up(self._root, task, str(death))
        return examined

    def _ask(self, tasks: Sequence[ToExamine]) -> list[Examined]:
        worker = self._take()
        try:
            examined = worker.examine(self._root, tasks)
        except WorkerDied:
            with self._lock:
                self._running.discard(worker)
            raise
        self._idle.put(worker)
        return examined

    def _take(self) -> WorkerProcess:
        """Return an idle worker or start one: there are as many as threads that ask."""
        if self._stopped:
            raise WorkerUnavailable
        try:
            return self._idle.get_nowait()
        except Empty:
            worker = WorkerProcess(self._module)
        with self._lock:
            self._running.add(worker)
            if self._stopped:
                worker.end()
        return worker

    def _stop(self) -> None:
        """End the workers: after the last answer, or in the middle of their work when nobody wants it any more."""
        with self._lock:
            self._stopped = True
            for worker in self._running:
                worker.end()


def _chunks(tasks: Sequence[ToExamine]) -> Iterator[list[ToExamine]]:
    chunk: list[ToExamine] = []
    size = 0
    for task in tasks:
        if chunk and (len(chunk) >= _CHUNK_FILES or size + task.found.size > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(task)
        size += task.found.size
    if chunk:
        yield chunk
