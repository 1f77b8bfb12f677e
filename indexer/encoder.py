"""What the indexer asks of models: the folder above injects them, so that nothing here knows torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from store import StoredDefinition


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


class Summariser(Protocol):
    """Writes of code, in one line, what it does."""

    @property
    def fingerprint(self) -> str:
        """Identifies what writes: equal code has equal summaries under equal fingerprints."""

    def code_of(self, stored: StoredDefinition) -> str:
        """Return what is read of a definition."""

    def summarise(self, codes: Sequence[str]) -> list[str]:
        """Return a line for each code, in their order; an empty one where there is nothing to say."""
