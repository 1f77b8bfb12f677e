"""Keeps the ONNX graphs that are derived from checkpoints, and opens them in onnxruntime.

A graph is `CHECKPOINT-FORMAT-PRECISION-CHECKSUM.onnx`, or for a part of a matching head
`CHECKPOINT-FORMAT-PART-PRECISION-CHECKSUM.onnx`: what it was made from, and the CRC-32 of its bytes, so that a stale,
cut or damaged file is never run but made anew. The files may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from codesearch.codet5p.quantisation import Precision

if TYPE_CHECKING:
    from onnx import ModelProto

    from codesearch.codet5p.config import CheckpointConfig

# Rises when `onnx_graph`, `onnx_matching`, what they are made of (`onnx_attention`, `onnx_bert`,
# `onnx_reach`, `onnx_t5`, `onnx_writer`) or `quantisation` would write another graph for the same checkpoint.
GRAPH_FORMAT = 4


class Part(StrEnum):
    """What a graph computes."""

    VECTORS = "vectors"  # `onnx_graph.encoder_graph`
    TEXT = "text"  # `onnx_matching.text_graph`
    MATCH = "match"  # `onnx_matching.match_graph`


class GraphCache:
    """The graphs of one part of one checkpoint in one folder, which is made when first written to.

    `checkpoint_mark` identifies the checkpoint's content; `checkpoint` is its folder.
    """

    def __init__(
        self,
        folder: Path,
        checkpoint: Path,
        config: CheckpointConfig,
        checkpoint_mark: str,
        part: Part = Part.VECTORS,
    ) -> None:
        self._folder, self._checkpoint, self._config = folder, checkpoint, config
        self._mark, self._part = checkpoint_mark, part

    def session(self, precision: Precision) -> onnxruntime.InferenceSession:
        """Return a session of one thread, from the kept graph or from a new one.

        A session may be run by several threads at once, each computing its own batch. A graph that cannot be written
        (a full disk, a folder that is not ours) is used all the same. Raises the errors of `read_encoder_tensors`,
        for a part of a matching head those of `read_tensors_numpy`.
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
        graph: bytes = self._model(precision).SerializeToString()
        return graph

    def _model(self, precision: Precision) -> ModelProto:
        from codesearch.codet5p.checkpoint import read_encoder_tensors, read_tensors_numpy

        if self._part is Part.VECTORS:
            from codesearch.codet5p.onnx_graph import encoder_graph

            return encoder_graph(self._config, read_encoder_tensors(self._checkpoint, self._config), precision)
        from codesearch.codet5p.onnx_matching import match_graph, text_graph

        write = text_graph if self._part is Part.TEXT else match_graph
        return write(self._config, read_tensors_numpy(self._checkpoint, self._config), precision)

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
        part = "" if self._part is Part.VECTORS else f"{self._part}-"
        return f"{self._mark}-{GRAPH_FORMAT}-{part}{precision}"


def exact_session(cache: GraphCache, precision: Precision) -> tuple[onnxruntime.InferenceSession, Precision]:
    """Return a session whose integer sums are exact on this processor, and its precision: INT7 may stand for INT8.

    `cache` is of a part whose graph has the output `probe`: VECTORS or TEXT.
    """
    session = cache.session(precision)
    if precision is not Precision.INT8:
        return session, precision
    token = np.zeros((1, 1), np.int64)
    found = session.run(["probe"], {"ids": token, "mask": token + 1})[0]
    if float(found[0, 0]) == precision.probe_value:
        return session, precision
    return cache.session(Precision.INT7), Precision.INT7


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
