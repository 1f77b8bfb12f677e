"""Which examples are no negatives of each other: those that share a text or a code.

A group is an int64 number; examples of one group are never told apart. A negative number belongs to no group. What is
done with this is for `contrastive` and `matching`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Candidates(NamedTuple):
    """Unit vectors, float32, shape (..., dimension), and the group of each, int64, shape (...); None: of no group."""

    vectors: Tensor
    groups: Tensor | None = None


def same_group(groups: Tensor, others: Tensor) -> Tensor:
    """Return whether each of `groups`, shape (n,), is each of `others`, shape (m,): bool, shape (n, m)."""
    return (groups.unsqueeze(1) == others.unsqueeze(0)) & (groups.unsqueeze(1) >= 0)
