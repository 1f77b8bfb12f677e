"""How many functions are encoded per second.

Beside sentence-transformers with the same network, and beside what the machine can multiply; and how far integers take
the vectors from float32.
"""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import CODESEARCH, Figure
from benchmarks.material import functions, make_repository, questions
from benchmarks.matrix_rate import operations_per_token, rates
from benchmarks.peers.asking import PeerMissing, ask
from benchmarks.peers.models import MODEL, PASSAGE_TOKENS, sentence_transformers_folder
from benchmarks.timing import percentiles, seconds
from codesearch.codet5p import load_encoder
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.registry import find_model
from codesearch.codet5p.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.settings import Settings

QUESTION = "embedding"
_PEER = "sentence-transformers"
_FUNCTIONS_PER_FILE = 5  # at least; how many files are copied to get enough functions


def measure(settings: Settings) -> Iterator[Figure]:
    """Yield the figures of encoding."""
    folder = settings.work / "encoded"
    make_repository(folder, max(20, settings.sizes.encoded // _FUNCTIONS_PER_FILE), settings.repository)
    texts = functions(folder, settings.sizes.encoded)
    size = len(texts)
    encoder = load_encoder(MODEL, cache_folder=settings.work / "runtimes", device="cpu")
    encoder.encode_passages(texts[:32])
    vectors: list[NDArray[np.float32]] = []
    taken = median(
        seconds(lambda: vectors.append(encoder.encode_passages(texts))) for _ in range(settings.sizes.repeats)
    )
    yield Figure(QUESTION, CODESEARCH, "functions encoded", size / taken, "1/s", size, "functions")
    yield from _beside_the_machine(sum(_lengths(texts)) / taken)
    yield from _beside_sentence_transformers(settings, texts, vectors[-1])
    asked = questions(settings.sizes.questions)
    middle, high = percentiles([seconds(partial(encoder.encode_query, one)) for one in asked])
    yield Figure(QUESTION, CODESEARCH, "question encoded, p50", 1e3 * middle, "ms")
    yield Figure(QUESTION, CODESEARCH, "question encoded, p95", 1e3 * high, "ms")


def _lengths(texts: list[str]) -> list[int]:
    config = read_config(find_model(MODEL))
    tokenizer = load_tokenizer(find_model(MODEL), config)
    return [len(ids) for ids in tokenizer.encode(texts, config.passage_tokens)]


def _beside_the_machine(tokens_per_second: float) -> Iterator[Figure]:
    stack = read_config(find_model(MODEL)).encoder
    reached = tokens_per_second * operations_per_token(stack)
    measured = rates(stack)
    best = max(rate for name, rate in measured.items() if name.endswith("int8"))
    yield Figure(QUESTION, CODESEARCH, "linear layers", reached / 1e9, "G operations/s")
    for name, rate in measured.items():
        yield Figure(QUESTION, name, "linear layers alone", rate / 1e9, "G operations/s")
    yield Figure(QUESTION, CODESEARCH, "share of the machine's int8 rate", 100 * reached / best, "%")


def _beside_sentence_transformers(settings: Settings, texts: list[str], ours: NDArray[np.float32]) -> Iterator[Figure]:
    result: Path = settings.work / "sentence_transformers.npy"
    try:
        answer, _ = ask(
            settings,
            "encode_with_sentence_transformers",
            folder=str(sentence_transformers_folder(settings.work / "sentence_transformers")),
            max_tokens=PASSAGE_TOKENS,
            texts=texts,
            repeats=settings.sizes.repeats,
            vectors=str(result),
        )
    except PeerMissing as missing:
        yield Figure(QUESTION, _PEER, "functions encoded", None, "1/s", note=str(missing))
        return
    rate = len(texts) / median(answer["seconds"])
    yield Figure(QUESTION, _PEER, "functions encoded", rate, "1/s", len(texts), "functions")
    cosines = np.sum(ours * np.load(result), axis=1)
    yield Figure(QUESTION, CODESEARCH, "cosine to float32, mean", float(cosines.mean()), "")
    yield Figure(QUESTION, CODESEARCH, "cosine to float32, least", float(cosines.min()), "")
