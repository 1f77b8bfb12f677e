"""Stand-ins with behaviour that a reader can work out by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from store import StoredDefinition

WORDS = ("read", "write", "send", "parse", "delete", "sort", "connect")


class FakeEncoder:
    """A vector counts the `WORDS` in a text, then a last 1 for "nothing of these"; scaled to length 1.

    "read the file, read it" is (2, 0, 0, 0, 0, 0, 0, 1) / sqrt(5). `texts` has everything that was encoded. With
    `interrupt_after`, the call that would pass this number of texts raises KeyboardInterrupt instead, once.
    """

    def __init__(self, fingerprint: str = "fake-1", interrupt_after: int | None = None) -> None:
        self._fingerprint = fingerprint
        self._interrupt_after = interrupt_after
        self.batches: list[list[str]] = []

    @property
    def fingerprint(self) -> str:
        """Identify the fake."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """The number of words, and one."""
        return len(WORDS) + 1

    @property
    def texts(self) -> list[str]:
        """Everything that was encoded, in order."""
        return [text for batch in self.batches for text in batch]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors, shape (len(texts), dimension), float32."""
        if self._interrupt_after is not None and len(self.texts) + len(texts) > self._interrupt_after:
            self._interrupt_after = None
            raise KeyboardInterrupt
        self.batches.append(list(texts))
        return np.stack([self.encode_query(text) for text in texts])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, shape (dimension,), float32."""
        found = re.findall(r"[a-z]+", text.lower())
        counts = np.array([*(found.count(word) for word in WORDS), 1], dtype=np.float32)
        return counts / np.linalg.norm(counts)


class FakeSummariser:
    """Says of code what a table has for the first of its words that the code contains; else nothing.

    `codes` has everything that was read, a list for each call. With `interrupt_after`, the call that would pass this
    number of codes raises KeyboardInterrupt instead, once.
    """

    def __init__(
        self, table: Mapping[str, str], fingerprint: str = "writer-1", interrupt_after: int | None = None
    ) -> None:
        self.table = dict(table)
        self.fingerprint = fingerprint
        self._interrupt_after = interrupt_after
        self.codes: list[list[str]] = []

    def code_of(self, stored: StoredDefinition) -> str:
        """Return the definition's text."""
        return stored.definition.code

    def summarise(self, codes: Sequence[str]) -> list[str]:
        """Return a line for each code."""
        if self._interrupt_after is not None and sum(map(len, self.codes)) + len(codes) > self._interrupt_after:
            self._interrupt_after = None
            raise KeyboardInterrupt
        self.codes.append(list(codes))
        return [next((line for word, line in self.table.items() if word in code), "") for code in codes]

    def read(self) -> list[str]:
        """Return everything that was read since this was asked last, in order."""
        read, self.codes = [code for batch in self.codes for code in batch], []
        return sorted(read)
