"""The sum of a stage, by hand."""

from __future__ import annotations

import pytest
import torch

from codesearch.training.objectives.joint import CODE_ALONE, PAIRS, WARM_UP, Stage, joint_loss


def test_losses_are_weighted_and_added():
    """2 x 3 + ½ x 4 = 8; the gradient of each loss is its weight; the parts are the losses as they came."""
    stage = Stage("some", {"one": 2.0, "other": 0.5})
    one, other = torch.tensor(3.0, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    total, parts = joint_loss(stage, {"other": other, "one": one})
    total.backward()
    assert total.item() == 8.0
    assert (one.grad.item(), other.grad.item()) == (2.0, 0.5)
    assert {name: float(part) for name, part in parts.items()} == {"one": 3.0, "other": 4.0}
    assert not any(part.requires_grad for part in parts.values())


def test_the_papers_stages_are_equally_weighted():
    """One, three and four objectives that are 1, 2, 4, ... each: the sum says which count, and how often."""
    for stage, count in ((WARM_UP, 1), (CODE_ALONE, 3), (PAIRS, 4)):
        losses = {name: torch.tensor(2.0**place) for place, name in enumerate(stage.weights)}
        assert joint_loss(stage, losses).total.item() == 2**count - 1


@pytest.mark.parametrize("names", [("one",), ("one", "other", "third")])
def test_an_objective_cannot_be_forgotten(names):
    """Neither one too few nor one too many."""
    with pytest.raises(ValueError, match="'some'"):
        joint_loss(Stage("some", {"one": 1.0, "other": 1.0}), {name: torch.tensor(1.0) for name in names})
