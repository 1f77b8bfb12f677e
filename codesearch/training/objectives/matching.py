"""Text-code matching: does this text describe this code? A decision of the decoder, taught with hard negatives.

CodeT5+, section 3.2: `[ENC]` starts the decoder's code, a linear head reads the state of its `</s>`. For every pair
there are two negatives: a code for its text and a text for its code, drawn so that the more similar a wrong candidate
is, the likelier it is taken; from the momentum queues (the paper), or from the batch itself (BLIP; cheaper, because
texts are encoded already). Similarities are those of `contrastive`; the head is `Network.match_logits`.

Yes or no says little about a pair, and a wrong candidate drawn for its likeness may answer the text as well. So a part
of what is wanted can be what the encoder makes of the pair (Hinton et al. 2015: soft targets; not of the paper).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from codesearch.training.objectives.groups import Candidates, same_group
from codesearch.training.objectives.sequences import Padded, stack_rows

if TYPE_CHECKING:
    from codesearch.codet5p.network import Network
    from codesearch.training.objectives.momentum import MomentumQueue

_MATCHED = 1  # the head's class "this text describes this code"

# The bundled encoder gives right pairs of the corpus a cosine of .53 and wrong ones of a batch .22 (means of 2,000);
# among what it finds first (`cosqa_dev`) right ones have .63 and wrong ones .53, which must not both be "surely".
_EVEN_COSINE = 0.45
_COSINE_SCALE = 0.1


class EncodedTexts(NamedTuple):
    """What `Network.encode` made of texts, shape (batch, length, encoder width), and their mask (batch, length)."""

    states: Tensor
    mask: Tensor


class Drawn(NamedTuple):
    """For each row the place of a negative, int64, whether it is one (bool), and how similar the two are (float).

    It is none where all were forbidden.
    """

    places: Tensor
    valid: Tensor
    similarities: Tensor


class Negatives(NamedTuple):
    """Row i: a wrong code for text i, a wrong text for code i, and what was drawn."""

    codes: Padded
    codes_drawn: Drawn
    texts: EncodedTexts
    texts_drawn: Drawn


class SoftTargets(NamedTuple):
    """The `share` of the target that is the encoder's, and its cosines of the right pairs, float, shape (batch,)."""

    share: float
    cosines: Tensor


class Matching(NamedTuple):
    """The mean loss over all pairs, right and wrong, and the share of them that was decided rightly."""

    loss: Tensor
    accuracy: Tensor


@torch.no_grad()
def sample_hard_negatives(
    similarities: Tensor, temperature: float, forbidden: Tensor, generator: torch.Generator | None = None
) -> Drawn:
    """Draw one column for each row, with the probabilities softmax(similarities / temperature).

    `similarities` is float, shape (rows, columns); `forbidden` is bool of that shape, True where a column is no
    negative of the row. Where a row allows none, some column is drawn evenly and is not valid. `generator` is of the
    tensors' device. Raises ValueError without columns.
    """
    if not similarities.shape[1]:
        raise ValueError("there are no candidates to draw negatives from")
    valid = ~forbidden.all(dim=1)
    logits = (similarities.float() / temperature).masked_fill(forbidden, -math.inf)
    weights = logits.masked_fill(~valid.unsqueeze(1), 0.0).softmax(dim=1)
    # torch.multinomial for one draw, number for number, without its look at the weights, for which a GPU is waited for
    waits = torch.empty_like(weights).exponential_(1, generator=generator)
    places = (weights / waits).argmax(dim=1)
    return Drawn(places, valid, similarities.gather(1, places.unsqueeze(1)).squeeze(1))


def draw_negatives(
    queries: Tensor,
    groups: Tensor,
    candidates: Candidates,
    temperature: float,
    generator: torch.Generator | None = None,
) -> Drawn:
    """Draw for each of `queries`, shape (batch, dimension), a candidate of another group; see the function above.

    For negatives from the batch itself, give the batch's other side with the same `groups` (all of them >= 0).
    """
    vectors = candidates.vectors.detach()
    others = torch.full((len(vectors),), -1, device=vectors.device) if candidates.groups is None else candidates.groups
    return sample_hard_negatives(queries.detach() @ vectors.T, temperature, same_group(groups, others), generator)


def batch_negatives(texts: EncodedTexts, codes: Padded, codes_drawn: Drawn, texts_drawn: Drawn) -> Negatives:
    """Return negatives out of the batch: `codes_drawn` for each text, `texts_drawn` for each code.

    Nothing is encoded again.
    """
    wrong = EncodedTexts(texts.states[texts_drawn.places], texts.mask[texts_drawn.places])
    return Negatives(codes.rows(codes_drawn.places), codes_drawn, wrong, texts_drawn)


def queue_negatives(
    network: Network, queues: tuple[MomentumQueue, MomentumQueue], codes_drawn: Drawn, texts_drawn: Drawn
) -> Negatives:
    """Return negatives out of the queues of texts and of codes; call before the queues are pushed.

    The drawn texts are encoded again, with gradients; the queue of codes holds ids of the decoder's vocabulary.
    """
    texts = queues[0].take(texts_drawn.places)
    wrong = EncodedTexts(network.encode(texts.ids, texts.mask), texts.mask)
    return Negatives(queues[1].take(codes_drawn.places), codes_drawn, wrong, texts_drawn)


def matching_loss(
    network: Network, texts: EncodedTexts, codes: Padded, negatives: Negatives, soft: SoftTargets | None = None
) -> Matching:
    """Return the cross entropy of the matching head over each pair and its two negatives.

    Row i of `texts` belongs to row i of `codes`, which are `<s> code </s>` in the decoder's vocabulary. The decoder
    reads all three thirds in one batch; negatives that are not valid count nothing. Raises as `Network.match_logits`.
    """
    logits = network.match_logits(
        stack_rows([texts.states, texts.states, negatives.texts.states]),
        stack_rows([texts.mask, texts.mask, negatives.texts.mask]),
        stack_rows([codes.ids, negatives.codes.ids, codes.ids]),
        stack_rows([codes.mask, negatives.codes.mask, codes.mask]),
    )
    pairs, drawn = len(codes.ids), (negatives.codes_drawn, negatives.texts_drawn)
    labels = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
    labels[:pairs] = _MATCHED
    weights = torch.cat([torch.ones_like(drawn[0].valid), *(one.valid for one in drawn)]).float()
    wanted = labels.float()
    if soft is not None:
        cosines = torch.cat([soft.cosines, *(one.similarities for one in drawn)]).detach().float()
        wanted = soft.share * ((cosines - _EVEN_COSINE) / _COSINE_SCALE).sigmoid() + (1 - soft.share) * wanted
    chances = torch.stack([1 - wanted, wanted], dim=1)
    losses = nn.functional.cross_entropy(logits.float(), chances, reduction="none")
    right = (logits.detach().argmax(dim=1) == labels).float()
    return Matching((losses * weights).sum() / weights.sum(), (right * weights).sum() / weights.sum())
