"""Groups of duplicates, by hand."""

from __future__ import annotations

import torch

from codesearch.training.objectives.groups import same_group


def test_equal_groups_are_the_same_unless_negative():
    """A negative number is of no group, not even its own."""
    found = same_group(torch.tensor([3, -1, 4]), torch.tensor([4, 3, 3, -1]))
    assert found.tolist() == [[False, True, True, False], [False] * 4, [True, False, False, False]]
