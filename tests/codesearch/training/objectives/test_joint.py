"""The sum of a stage, by hand."""

from __future__ import annotations

import pytest
import torch

from codesearch.training.objectives.joint import joint_loss


def test_losses_are_weighted_and_added():
    """2 x 3 + 1/2 x 4 = 8; the gradient of each loss is its weight; what has no weight is no part of it."""
    one, other = torch.tensor(3.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    accuracy = torch.tensor(0.5, requires_grad=True)
    total = joint_loss({"one": 2.0, "other": 0.5}, {"other": other, "accuracy": accuracy, "one": one})
    total.backward()
    assert total.item() == 8.0
    assert (one.grad.item(), other.grad.item(), accuracy.grad) == (2.0, 0.5, None)


def test_an_objective_cannot_be_forgotten():
    """A loss that was not computed is named."""
    with pytest.raises(ValueError, match="no loss for third, two"):
        joint_loss({"one": 1.0, "two": 1.0, "third": 1.0}, {"one": torch.tensor(1.0)})
