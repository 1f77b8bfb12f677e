"""Small values for the tests of the store: files, definitions and vectors that can be worked out by hand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from store import Definition, FileEntry, Kind, Passage, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from store import Repository

MODEL = "model-a"
DIMENSION = 8


def digest(text: str) -> bytes:
    """Return the key of a passage."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def source(path: str, language: str = "python", skip_reason: str = "", size: int = 10) -> SourceFile:
    """Return a file as the indexer describes it."""
    return SourceFile(path, language, size, 1_000, digest(path), skip_reason)


def function(name: str, code: str = "", documentation: str = "", kind: Kind = Kind.FUNCTION) -> Definition:
    """Return a definition on lines 1 to 9."""
    return Definition(kind, name, name, f"def {name}()", documentation, code, 1, 9, 0, 90)


def passages(*texts: str) -> list[Passage]:
    """Return passages that follow each other, each three lines long."""
    return [Passage(digest(text), text, 3 * place + 1, 3 * place + 3) for place, text in enumerate(texts)]


def entry(path: str, *definitions: Definition, language: str = "python") -> FileEntry:
    """Return a file in which each definition has one passage, its code."""
    return FileEntry(source(path, language), [(one, passages(one.code)) for one in definitions])


def random_vectors(count: int, dimension: int = DIMENSION, seed: int = 0) -> NDArray[np.float32]:
    """Return unit vectors, shape (count, dimension), with components that half precision holds exactly."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def vector_of(text: str, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """Return the unit vector that stands for a text in these tests; equal texts have equal ones."""
    return random_vectors(1, dimension, seed=int.from_bytes(digest(text)[:4], "big"))[0]


def embed(repository: Repository, texts: Iterable[str], model: str = MODEL, dimension: int = DIMENSION) -> None:
    """Save the embeddings of passages with these texts."""
    texts = list(texts)
    vectors = np.stack([vector_of(text, dimension) for text in texts])
    repository.save_embeddings(model, [digest(text) for text in texts], vectors)
