"""All that one forward pass reads, made ready: which parts of a batch a stage needs, in tensors, and nothing else.

Made on the CPU, in the run's own process or by `workers`, of nothing but the run's settings, the place in its examples
and the number of its step: whoever makes a batch makes the same one. Tokens and widths are `batches`', losses `steps`'.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import torch

from codesearch.training.objectives import joint
from codesearch.training.settings import RETRIEVING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from codesearch.training.batches import BatchMaker, Grouped, PairBatch
    from codesearch.training.objectives.causal import LanguageBatch
    from codesearch.training.objectives.sequences import Padded
    from codesearch.training.sampling import Pair, PairStream
    from codesearch.training.settings import Settings, Stage

NEED_VECTORS = frozenset({joint.CONTRASTIVE, joint.MATCHING, joint.DISTILLATION})
NEED_TEXTS = NEED_VECTORS | {joint.TEXT_TO_CODE}
CODE_ALONE = frozenset({joint.DENOISING, joint.CONTINUATION, joint.WHOLE_SEQUENCE})
_Made = TypeVar("_Made")
_WRITTEN = frozenset({joint.MATCHING, joint.TEXT_TO_CODE, joint.CODE_TO_TEXT})


class Read(NamedTuple):
    """What an encoder reads of pairs: texts in one batch; codes in several, None where no vectors are compared."""

    text: Padded
    code: Grouped | None


class Mined(NamedTuple):
    """Wrong passages that were found for texts: as the encoder and the decoder read them; for which there is one.

    `found` is bool, shape (pairs,), and so many passages there are: empty ones where none was found.
    """

    code: Grouped
    written_code: Padded
    found: Tensor


class Prepared(NamedTuple):
    """A batch, each part None where no objective of the stage reads it.

    `groups` is int64, shape (pairs,); `written_code` the passage in the decoder's vocabulary; `taught` what the teacher
    reads; `language` by objective what the decoder writes. `position` is the stream's after these pairs.
    """

    read: Read | None
    groups: Tensor
    written_code: Padded | None
    taught: Read | None
    language: dict[str, LanguageBatch]
    position: int
    mined: Mined | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One forward pass of a run: a part of step `step` (counted over all stages) of `stage`."""

    stage: Stage
    step: int
    number: int

    @property
    def pairs(self) -> int:
        """How many pairs it has."""
        return self.stage.pairs // self.stage.accumulation


class Preparer:
    """Makes the batches of a run out of its stream of pairs, for its network and, where it has one, its teacher."""

    def __init__(
        self, stream: PairStream, maker: BatchMaker, settings: Settings, teacher: BatchMaker | None = None
    ) -> None:
        self.stream = stream
        self._maker = maker
        self._seed = settings.seed
        self._teacher = teacher

    def next(self, part: Part) -> Prepared:
        """Return the batch of `part`, of the pairs that come next."""
        pairs = self.stream.take(part.pairs)
        return self._made(part, pairs, self.stream.position)

    def at(self, part: Part, positions: Sequence[int]) -> Prepared:
        """Return the batch of `part`, of the pairs at `positions`; see `PairStream.places`."""
        return self._made(part, self.stream.at(positions), positions[-1] + 1)

    def _made(self, part: Part, pairs: Sequence[Pair], position: int) -> Prepared:
        draw = random.Random(f"{self._seed} {part.step} {part.number}")
        return prepare(pairs, part.stage, self._maker, draw, self._teacher)._replace(position=position)


def prepare(
    pairs: Sequence[Pair], stage: Stage, maker: BatchMaker, draw: random.Random, teacher: BatchMaker | None = None
) -> Prepared:
    """Return what the objectives of `stage` read of `pairs`; what is hidden or cut in codes follows `draw`."""
    objectives = stage.objectives
    if (CODE_ALONE | RETRIEVING).issuperset(objectives):
        groups = torch.tensor([pair.group for pair in pairs])
        return Prepared(None, groups, None, None, dict(_of_functions(pairs, stage, maker, draw)), 0)
    batch = maker.pairs(pairs, written=not _WRITTEN.isdisjoint(objectives))
    read = taught = None
    if not NEED_TEXTS.isdisjoint(objectives):
        read = Read(batch.text, None if NEED_VECTORS.isdisjoint(objectives) else maker.grouped(batch.code))
    if joint.DISTILLATION in objectives and teacher is not None:
        other = teacher.pairs(pairs, written=False)
        taught = Read(other.text, teacher.grouped(other.code))
    return Prepared(
        read=read,
        groups=batch.groups,
        written_code=maker.matched(batch, stage.pairs_of.get(joint.MATCHING)) if joint.MATCHING in objectives else None,
        taught=taught,
        language=dict([*_of_pairs(batch, stage, maker), *_of_functions(pairs, stage, maker, draw)]),
        position=0,
        mined=_mined(pairs[: stage.pairs_of.get(joint.MATCHING)], maker) if stage.mined_negatives else None,
    )


def on_device(value: _Made, device: str) -> _Made:
    """Return batches, however deep in tuples, on `device`; a GPU takes them over while it computes."""
    moved: _Made = with_tensors(value, torch.Tensor, _mover(device))
    return moved


def _mover(device: str) -> Callable[[Tensor], Tensor]:
    if torch.device(device).type == "cuda":
        return lambda tensor: tensor.pin_memory().to(device, non_blocking=True)
    return lambda tensor: tensor.to(device)


def with_tensors(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - whatever holds tensors
    """Return `value` with `change` applied to each `kind` in it, however deep in tuples and dictionaries."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: with_tensors(inner, kind, change) for key, inner in value.items()}
    if isinstance(value, tuple):
        inner = [with_tensors(one, kind, change) for one in value]
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    return value


def _mined(pairs: Sequence[Pair], maker: BatchMaker) -> Mined:
    passages = [pair.mined for pair in pairs]
    return Mined(*maker.mined(passages), torch.tensor([passage != "" for passage in passages]))


def _of_pairs(batch: PairBatch, stage: Stage, maker: BatchMaker) -> Iterator[tuple[str, LanguageBatch]]:
    if joint.TEXT_TO_CODE in stage.objectives:
        yield joint.TEXT_TO_CODE, maker.text_to_code(batch)
    if joint.CODE_TO_TEXT in stage.objectives:
        yield joint.CODE_TO_TEXT, maker.code_to_text(batch)


def _of_functions(
    pairs: Sequence[Pair], stage: Stage, maker: BatchMaker, draw: random.Random
) -> Iterator[tuple[str, LanguageBatch]]:
    """Yield what is written of the functions themselves, not of the passages that a search finds."""
    code_alone = {
        joint.DENOISING: lambda codes: maker.denoising(codes, draw),
        joint.CONTINUATION: lambda codes: maker.continuation(codes, draw),
        joint.WHOLE_SEQUENCE: maker.whole_sequence,
    }
    retrieving = {joint.RETRIEVED_CODE: maker.retrieved_code, joint.COMPLETION: maker.completion}
    for name in (*code_alone, *retrieving):
        if name in stage.objectives:
            some = pairs[: stage.pairs_of.get(name)]
            yield name, retrieving[name](some) if name in retrieving else code_alone[name](_codes(some))


def _codes(pairs: Sequence[Pair]) -> list[str]:
    return [pair.example.code for pair in pairs]
