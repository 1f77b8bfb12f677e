"""Learning from another encoder's vectors: its similarities, or the vectors themselves.

Not of CodeT5+: this makes a shallow encoder out of a deep one, whose vectors of the training set are computed once
beforehand. Knows vectors only; the teacher is for the trainer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

_EPSILON = 1e-12


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


def cosine_distance(vectors: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean over the batch of 1 - cosine, of vectors of shape (batch, dimension)."""
    return (1 - nn.functional.cosine_similarity(vectors.float(), teacher.float(), dim=-1, eps=_EPSILON)).mean()


def squared_distance(vectors: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean over the batch of the squared Euclidean distance, of vectors of shape (batch, dimension)."""
    return (vectors.float() - teacher.float()).square().sum(dim=-1).mean()


class VectorDistillation(nn.Module):
    """Makes the student's vectors like the teacher's, through a learned linear map where their lengths differ.

    The map serves training only: it is no part of the student. `distance` is `cosine_distance` or `squared_distance`.
    """

    def __init__(
        self, dimension: int, teacher_dimension: int, distance: Callable[[Tensor, Tensor], Tensor] = cosine_distance
    ) -> None:
        super().__init__()
        self.distance = distance
        self.map: nn.Module = nn.Identity()
        if dimension != teacher_dimension:
            self.map = nn.Linear(dimension, teacher_dimension, bias=False)

    def forward(self, vectors: Tensor, teacher: Tensor) -> Tensor:
        """Return the distance of (batch, dimension) to (batch, teacher dimension); the teacher gets no gradient."""
        with torch.autocast(vectors.device.type, enabled=False):
            return self.distance(self.map(vectors.float()), teacher.detach())


def _divergence(found: Tensor, wanted: Tensor) -> Tensor:
    likelihoods = wanted.log_softmax(dim=1)
    return (likelihoods.exp() * (likelihoods - found.log_softmax(dim=1))).sum(dim=1).mean()
