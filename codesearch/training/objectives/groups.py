"""Which examples are no negatives of each other: those that share a text or a code.

A group is an int64 number; examples of one group are never told apart. A negative number belongs to no group. What is
done with this is for `contrastive` and `matching`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from torch import Tensor


class Candidates(NamedTuple):
    """Unit vectors, float32, shape (..., dimension), and the group of each, int64, shape (...); None: of no group."""

    vectors: Tensor
    groups: Tensor | None = None


def same_group(groups: Tensor, others: Tensor) -> Tensor:
    """Return whether each of `groups`, shape (n,), is each of `others`, shape (m,): bool, shape (n, m)."""
    return (groups.unsqueeze(1) == others.unsqueeze(0)) & (groups.unsqueeze(1) >= 0)


def duplicate_groups(texts: Sequence[Hashable], codes: Sequence[Hashable]) -> list[int]:
    """Return the group of each pair: two pairs that share a text or a code, directly or in steps, are in one group.

    Groups are numbered by their first pair. Raises ValueError when there are not as many codes as texts.
    """
    leader = list(range(len(texts)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    first: dict[tuple[int, Hashable], int] = {}
    for place, sides in enumerate(zip(texts, codes, strict=True)):
        for side in enumerate(sides):
            one, other = sorted((find(place), find(first.setdefault(side, place))))
            leader[other] = one
    return [find(place) for place in range(len(leader))]
