"""What the indexer asks of a model: the folder above injects one, so that nothing here knows torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns passages into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Identifies weights, pooling and precision: embeddings of equal fingerprints may be compared."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
