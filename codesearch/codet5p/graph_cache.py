"""Keeps the ONNX graphs that are derived from checkpoints, and opens them in onnxruntime.

A graph is `CHECKPOINT-FORMAT-PRECISION-CHECKSUM.onnx`: what it was made from, and the CRC-32 of its bytes, so that a
stale, cut or damaged file is never run but made anew. The files may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

if TYPE_CHECKING:
    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.quantisation import Precision

# Rises when `onnx_graph`, `onnx_writer` or `quantisation` would write another graph for the same checkpoint.
GRAPH_FORMAT = 1


class GraphCache:
    """The graphs of one checkpoint in one folder, which is made when first written to.

    `checkpoint_mark` identifies the checkpoint's content; `checkpoint` is its folder.
    """

    def __init__(self, folder: Path, checkpoint: Path, config: CheckpointConfig, checkpoint_mark: str) -> None:
        self._folder, self._checkpoint, self._config = folder, checkpoint, config
        self._mark = checkpoint_mark

    def session(self, precision: Precision) -> onnxruntime.InferenceSession:
        """Return a session of one thread, from the kept graph or from a new one.

        A session may be run by several threads at once, each computing its own batch. A graph that cannot be written
        (a full disk, a folder that is not ours) is used all the same. Raises the errors of `read_encoder_tensors`.
        """
        kept = self._kept(precision)
        if kept is None:
            graph = self._build(precision)
            kept = self._keep(graph, precision)
        return _open(graph if kept is None else kept)

    def _kept(self, precision: Precision) -> Path | None:
        """Return the file of the graph; damaged ones are removed."""
        for file in sorted(self._folder.glob(f"{self._stem(precision)}-*.onnx")):
            if file.stem.rpartition("-")[2] == _checksum_of_file(file):
                return file
            with contextlib.suppress(OSError):  # a folder that is not ours
                file.unlink()
        return None

    def _build(self, precision: Precision) -> bytes:
        from codesearch.codet5p.checkpoint import read_encoder_tensors
        from codesearch.codet5p.onnx_graph import encoder_graph

        tensors = read_encoder_tensors(self._checkpoint, self._config)
        graph: bytes = encoder_graph(self._config, tensors, precision).SerializeToString()
        return graph

    def _keep(self, graph: bytes, precision: Precision) -> Path | None:
        """Write beside and rename, so that another process never reads half a graph; None where it cannot be."""
        target = self._folder / f"{self._stem(precision)}-{_checksum(graph)}.onnx"
        partial = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(prefix=f"{target.stem}.", suffix=".partial", dir=self._folder)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(graph)
            Path(partial).replace(target)
        except OSError:
            return None
        finally:
            if partial is not None:
                Path(partial).unlink(missing_ok=True)
        return target

    def _stem(self, precision: Precision) -> str:
        return f"{self._mark}-{GRAPH_FORMAT}-{precision}"


def _checksum(graph: bytes | mmap.mmap) -> str:
    return f"{zlib.crc32(graph):08x}"


def _checksum_of_file(file: Path) -> str | None:
    """Return the checksum, read through a map: onnxruntime reads the file itself, and memory holds it once."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as graph:
            return _checksum(graph)
    except (OSError, ValueError):  # unreadable; empty
        return None


def _open(graph: Path | bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread each: batches run side by side instead, which scales better and leaves a query on one core
    # (with 2 threads on busy cores a query took up to a hundred times as long).
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The graph is written as it is to run. Optimising gains nothing, costs 8 ms, and at the extended level fuses the
    # additions before each LayerNormalization into an operator that is 8 times slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3  # errors only: they are raised too
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
