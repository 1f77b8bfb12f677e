"""The model that a run learns similarities from: frozen, and reading texts with its own tokenizer.

Any checkpoint that embeds can be one, whatever its vocabulary and the length of its vectors: only similarities are
compared. The formula is `objectives.distillation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from codesearch.codet5p import find_model
from codesearch.codet5p.network import load_network
from codesearch.training.batches import BatchMaker
from codesearch.training.steps import Vectors, embed_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.training.sampling import Pair
    from codesearch.training.settings import Settings


class Teacher:
    """The model `settings.teacher` on `device`, in the precision of search: bfloat16 on a GPU.

    Raises ModelNotFound and the errors of reading a checkpoint.
    """

    def __init__(self, name: str, settings: Settings, device: str = "cpu") -> None:
        folder = find_model(name)
        self._network = load_network(folder, device).requires_grad_(requires_grad=False)
        self._maker = BatchMaker(folder, self._network.config.encoder_part, settings, device)
        self._tokens_at_once = settings.tokens_at_once

    @torch.no_grad()
    def vectors(self, pairs: Sequence[Pair]) -> Vectors:
        """Return what the teacher makes of the queries and of the passages: unit vectors, float32."""
        batch = self._maker.pairs(pairs)
        text = self._network.embed(batch.text.ids, batch.text.mask)
        return Vectors(text, embed_codes(self._network, self._maker, batch.code, self._tokens_at_once))
