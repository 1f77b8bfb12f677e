"""Groups of duplicates, by hand."""

from __future__ import annotations

import pytest
import torch

from codesearch.training.objectives.groups import duplicate_groups, same_group


def test_equal_groups_are_the_same_unless_negative():
    """A negative number is of no group, not even its own."""
    found = same_group(torch.tensor([3, -1, 4]), torch.tensor([4, 3, 3, -1]))
    assert found.tolist() == [[False, True, True, False], [False] * 4, [True, False, False, False]]


def test_pairs_that_share_a_side_are_one_group():
    """A shared text, a shared code, and both in two steps join pairs; a text equal to a code does not."""
    texts = ["get", "set", "get", "close", "x"]
    codes = ["a", "b", "c", "b", "get"]
    assert duplicate_groups(texts, codes) == [0, 1, 0, 1, 4]
    assert duplicate_groups([*texts, "close"], [*codes, "a"]) == [0, 0, 0, 0, 4, 0]


def test_every_text_has_a_code():
    """Lists of different lengths are refused."""
    with pytest.raises(ValueError, match="shorter"):
        duplicate_groups(["one", "two"], ["one"])
