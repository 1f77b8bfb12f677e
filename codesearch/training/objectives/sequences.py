"""Token sequences of several lengths as one padded batch, with its mask.

Knows ids and lengths only; which tokens a sequence is made of is for `span_denoising` and `causal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

IGNORED_LABEL = -100  # what torch's cross entropy leaves out


class Padded(NamedTuple):
    """A batch of sequences, as `Network` takes them.

    `ids` and `mask` are int64, shape (batch, length), padded on the right; the mask is 1 where a token is.
    """

    ids: Tensor
    mask: Tensor

    def take(self, rows: Tensor) -> Padded:
        """Return the sequences at `rows` (int64, shape (n,)), without columns that none of them needs."""
        mask = self.mask[rows]
        width = int(mask.sum(1).max()) if len(rows) else 0
        return Padded(self.ids[rows, :width], mask[:, :width])

    def rows(self, rows: Tensor) -> Padded:
        """Return the sequences at `rows`, as wide as the batch: a GPU is not asked how wide they need to be."""
        return Padded(self.ids[rows], self.mask[rows])


def pad_sequences(
    sequences: Sequence[Sequence[int]], pad: int, device: torch.device | str = "cpu", multiple: int = 1
) -> Padded:
    """Return `sequences` as one batch, as wide as the longest and a multiple of `multiple`, filled up with `pad`."""
    width = -(-max(map(len, sequences), default=0) // multiple) * multiple
    rows = [[*sequence, *[pad] * (width - len(sequence))] for sequence in sequences]
    lengths = torch.tensor([len(sequence) for sequence in sequences], dtype=torch.int64)
    mask = (torch.arange(width) < lengths.unsqueeze(1)).to(torch.int64)
    ids = torch.tensor(rows, dtype=torch.int64).reshape(len(sequences), width)
    return Padded(ids.to(device), mask.to(device))


def pad_labels(sequences: Sequence[Sequence[int]], device: torch.device | str = "cpu", multiple: int = 1) -> Tensor:
    """Return labels, int64, shape (batch, length), with `IGNORED_LABEL` where a sequence has ended."""
    return pad_sequences(sequences, IGNORED_LABEL, device, multiple).ids


def widen(padded: Tensor, width: int) -> Tensor:
    """Return `padded`, shape (batch, length, ...), with zeros up to `width` columns; with a mask, zeros are padding."""
    missing = padded.new_zeros(padded.shape[0], width - padded.shape[1], *padded.shape[2:])
    return torch.cat([padded, missing], dim=1)


def stack_rows(parts: Sequence[Tensor]) -> Tensor:
    """Return batches of several widths below one another, filled up with zeros on the right."""
    width = max(part.shape[1] for part in parts)
    return torch.cat([widen(part, width) for part in parts])
