"""One step's losses: the objectives of a stage, computed from one batch with as little computed twice as can be.

Texts are encoded once and serve contrast, matching and generation; codes are encoded in groups of about equal length.
Formulas are in `objectives`, batches in `batches`; the optimiser and what happens between steps are the trainer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from codesearch.codet5p.batches import plan_batches
from codesearch.training.objectives import joint
from codesearch.training.objectives.causal import language_loss
from codesearch.training.objectives.contrastive import ContrastiveLoss, MomentumVectors
from codesearch.training.objectives.distillation import similarity_distillation
from codesearch.training.objectives.groups import Candidates
from codesearch.training.objectives.matching import EncodedTexts, batch_negatives, draw_negatives, matching_loss
from codesearch.training.objectives.momentum import MomentumEncoder, MomentumQueue

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from codesearch.codet5p.network import Network
    from codesearch.training.batches import BatchMaker, PairBatch
    from codesearch.training.objectives.causal import LanguageBatch
    from codesearch.training.sampling import Pair
    from codesearch.training.settings import Settings, Stage
    from codesearch.training.teacher import Teacher

_CODE_ALONE = (joint.DENOISING, joint.CONTINUATION, joint.WHOLE_SEQUENCE)
_NEEDS_VECTORS = (joint.CONTRASTIVE, joint.MATCHING, joint.DISTILLATION)


class Vectors(NamedTuple):
    """What one encoder made of a batch: unit vectors, float32, shape (pairs, dimension)."""

    text: Tensor
    code: Tensor


class StageSteps(nn.Module):
    """Computes the losses of one stage; its state (temperature, queues, momentum encoder) is saved with the run.

    The objective "distillation" needs a `teacher`; without one it is left out.
    """

    def __init__(
        self,
        network: Network,
        maker: BatchMaker,
        settings: Settings,
        stage: Stage,
        teacher: Teacher | None = None,
    ) -> None:
        super().__init__()
        object.__setattr__(self, "network", network)  # not a part of this module's state
        self._maker = maker
        self._settings = settings
        self._stage = stage
        self.contrastive = ContrastiveLoss(settings.temperature)
        self.momentum = None if stage.momentum is None else MomentumEncoder(network, stage.momentum)
        dimension, queue = network.config.dimension, stage.queue
        self.texts = MomentumQueue(queue, dimension, 1) if queue else None
        self.codes = MomentumQueue(queue, dimension, 1) if queue else None
        self.teacher = teacher

    network: Network

    def forward(self, pairs: Sequence[Pair], draw: random.Random) -> dict[str, Tensor]:
        """Return the loss of each objective of the stage, and under "accuracy" how many texts found their code."""
        objectives = self._stage.objectives
        losses: dict[str, Tensor] = {}
        if set(objectives) <= set(_CODE_ALONE):
            return self._read_code_alone(pairs, draw)
        batch = self._maker.pairs(pairs)
        texts, vectors = self._encoded(batch)
        if vectors is not None:
            if joint.CONTRASTIVE in objectives:
                losses |= self._contrast(batch, vectors)
            if joint.DISTILLATION in objectives and self.teacher is not None:
                losses[joint.DISTILLATION] = self._distil(self.teacher.vectors(pairs), vectors)
            if joint.MATCHING in objectives:
                losses |= self._match(batch, texts, vectors)
        if joint.TEXT_TO_CODE in objectives:
            written = self._maker.text_to_code(batch)
            logits = self.network.language_logits(texts.states, texts.mask, written.decoder_input)
            losses[joint.TEXT_TO_CODE] = language_loss(logits, written.labels)
        if joint.CODE_TO_TEXT in objectives:
            losses[joint.CODE_TO_TEXT] = self._language(self._maker.code_to_text(batch))
        return losses | self._read_code_alone(pairs, draw)

    def _read_code_alone(self, pairs: Sequence[Pair], draw: random.Random) -> dict[str, Tensor]:
        codes = [pair.example.code for pair in pairs]
        names = [name for name in _CODE_ALONE if name in self._stage.objectives]
        return {name: self._language(self._code_alone(name, codes, draw)) for name in names}

    def _encoded(self, batch: PairBatch) -> tuple[EncodedTexts, Vectors | None]:
        if not {*_NEEDS_VECTORS, joint.TEXT_TO_CODE} & set(self._stage.objectives):
            return EncodedTexts(batch.text.ids, batch.text.mask), None
        with torch.set_grad_enabled("encoder" not in self._stage.frozen):
            states = self.network.encode(batch.text.ids, batch.text.mask)
            texts = EncodedTexts(states, batch.text.mask)
            if not set(_NEEDS_VECTORS) & set(self._stage.objectives):
                return texts, None
            codes = embed_codes(self.network, self._maker, batch.code, self._settings.tokens_at_once)
            return texts, Vectors(self.network.pool(states, batch.text.mask), codes)

    def _contrast(self, batch: PairBatch, vectors: Vectors) -> dict[str, Tensor]:
        momentum = self._momentum_vectors(batch, vectors)
        contrast = self.contrastive(vectors.text, vectors.code, batch.groups, momentum)
        if self.texts is not None and self.codes is not None and momentum is not None:
            kept = self._maker.padded_code([[0]] * len(batch.code))
            self.texts.push(momentum.text, batch.groups, kept)
            self.codes.push(momentum.code, batch.groups, kept)
        return {joint.CONTRASTIVE: contrast.loss, "accuracy": contrast.accuracy}

    def _momentum_vectors(self, batch: PairBatch, vectors: Vectors) -> MomentumVectors | None:
        """Return what the loss compares with besides the batch: the momentum encoder's vectors and the queues."""
        if self.texts is None or self.codes is None:
            return None
        near = vectors
        if self.momentum is not None:
            self.momentum.update(self.network)
            with torch.no_grad():
                text = self.momentum.embed(batch.text.ids, batch.text.mask)
                code = embed_codes(self.momentum.network, self._maker, batch.code, self._settings.tokens_at_once)
            near = Vectors(text, code)
        return MomentumVectors(near.text, near.code, self.texts.contents(), self.codes.contents())

    def _distil(self, taught: Vectors, vectors: Vectors) -> Tensor:
        with torch.autocast(vectors.text.device.type, enabled=False):  # as in `contrastive`
            found, wanted = vectors.text @ vectors.code.T, taught.text @ taught.code.T
        return similarity_distillation(found, wanted, self._settings.temperature)

    def _match(self, batch: PairBatch, texts: EncodedTexts, vectors: Vectors) -> dict[str, Tensor]:
        temperature = self.contrastive.temperature
        codes = self._maker.padded_written(batch.written_code)
        wrong_codes = draw_negatives(vectors.text, batch.groups, Candidates(vectors.code, batch.groups), temperature)
        wrong_texts = draw_negatives(vectors.code, batch.groups, Candidates(vectors.text, batch.groups), temperature)
        matching = matching_loss(self.network, texts, codes, batch_negatives(texts, codes, wrong_codes, wrong_texts))
        return {joint.MATCHING: matching.loss, "matching accuracy": matching.accuracy}

    def _language(self, batch: LanguageBatch) -> Tensor:
        with torch.set_grad_enabled("encoder" not in self._stage.frozen):
            states = self.network.encode(batch.source.ids, batch.source.mask)
        return language_loss(self.network.language_logits(states, batch.source.mask, batch.decoder_input), batch.labels)

    def _code_alone(self, name: str, codes: Sequence[str], draw: random.Random) -> LanguageBatch:
        if name == joint.DENOISING:
            return self._maker.denoising(codes, draw)
        if name == joint.CONTINUATION:
            return self._maker.continuation(codes, draw)
        return self._maker.whole_sequence(codes)


def embed_codes(network: Network, maker: BatchMaker, sequences: Sequence[list[int]], tokens_at_once: int) -> Tensor:
    """Return unit vectors, shape (sequences, dimension), computed in groups of about equal length, in their order."""
    groups = plan_batches([len(ids) for ids in sequences], tokens_at_once)
    vectors = []
    for group in groups:
        padded = maker.padded_code([sequences[place] for place in group])
        vectors.append(network.embed(padded.ids, padded.mask))
    order = torch.tensor([place for group in groups for place in group], device=vectors[0].device)
    return torch.cat(vectors)[order.argsort()]
