"""Distillation, against numbers by hand and sums over rows and columns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from codesearch.training.objectives.distillation import similarity_distillation


def softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def divergences(found, wanted):
    """Return the mean over rows of sum p ln(p/q)."""
    pairs = [(softmax(want), softmax(find)) for want, find in zip(wanted, found, strict=True)]
    return np.mean([(p * np.log(p / q)).sum() for p, q in pairs])


def test_similarities_by_hand():
    """Teacher 3:1 and 1:1, student even everywhere: rows cost ¾ ln 3/2 + ¼ ln 1/2 = .130812 and 0.

    The columns of the teacher, (ln 3, 0) and (0, 0), are the same two again, so the whole is .065406.
    """
    teacher = torch.tensor([[np.log(3), 0.0], [0.0, 0.0]])
    assert similarity_distillation(torch.ones(2, 2), teacher, 1.0).item() == pytest.approx(0.065406, abs=1e-6)
    assert similarity_distillation(teacher, teacher, 1.0).item() == pytest.approx(0.0, abs=1e-6)


def test_similarities_as_in_loops():
    """Any shape, a temperature each; the divergence is that from the teacher to the student, not the reverse."""
    numbers = np.random.default_rng(0)
    student, teacher = numbers.uniform(-1, 1, (3, 5)), numbers.uniform(-1, 1, (3, 5))
    rows = divergences(student / 0.1, teacher / 0.3)
    columns = divergences(student.T / 0.1, teacher.T / 0.3)
    found = similarity_distillation(torch.from_numpy(student), torch.from_numpy(teacher), 0.1, 0.3)
    assert found.item() == pytest.approx((rows + columns) / 2, abs=1e-5)


def test_the_teacher_does_not_learn():
    """Gradients reach the student only."""
    student, teacher = torch.rand(4, 4, requires_grad=True), torch.rand(4, 4, requires_grad=True)
    similarity_distillation(student, teacher, 0.1).backward()
    assert teacher.grad is None
    assert student.grad.abs().max() > 0
