"""Learning from another encoder's similarities, whatever the length of its vectors.

Not of CodeT5+: this makes a shallow encoder out of a deep one. Knows similarities only; the teacher is for the trainer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def similarity_distillation(
    similarities: Tensor, teacher: Tensor, temperature: float, teacher_temperature: float | None = None
) -> Tensor:
    """Return how far the student's view of who is near to whom is from the teacher's: ½ (rows + columns).

    Both are similarities of texts (rows) and codes (columns), float, shape (texts, codes). Each row, and each column,
    divided by its temperature, is a distribution; the loss is the mean Kullback-Leibler divergence of the student's
    from the teacher's, in nats. The teacher's temperature is the student's unless given.
    """
    wanted = (teacher.detach().float() / (teacher_temperature or temperature)).detach()
    found = similarities.float() / temperature
    return (_divergence(found, wanted) + _divergence(found.T, wanted.T)) / 2


def _divergence(found: Tensor, wanted: Tensor) -> Tensor:
    likelihoods = wanted.log_softmax(dim=1)
    return (likelihoods.exp() * (likelihoods - found.log_softmax(dim=1))).sum(dim=1).mean()
