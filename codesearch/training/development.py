"""How well does the network search during training? Held-out functions, each searched by its own documentation.

The passages keep their place and lose their documentation, as the strictest case in search has it. Held-out examples
are of sources that training never reads.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from codesearch.training.passages import PassageShares, make_passage
from codesearch.training.prepared import on_device
from codesearch.training.queries import QueryStyle, make_query
from codesearch.training.steps import embed_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.codet5p.network import Network
    from codesearch.training.batches import BatchMaker
    from codesearch.training.corpus import Example
    from codesearch.training.settings import Settings

MOST_EXAMPLES = 2_000  # ten seconds on two cores; the figure moves by 0.01 between samples of this size
_SHARES = PassageShares(place=1.0, documentation=0.0, hidden_name=0.0, hidden_variables=0.0)


@torch.no_grad()
def mean_reciprocal_rank(network: Network, maker: BatchMaker, held_out: Sequence[Example], settings: Settings) -> float:
    """Return the mean reciprocal rank of each documented example among all of them, searched by its first sentence."""
    draw = random.Random(0)
    queries: list[str] = []
    passages: list[str] = []
    for example in held_out:
        query = make_query(example, QueryStyle.OPENING, draw) if example.documentation else None
        if query is not None:
            queries.append(query.text)
            passages.append(make_passage(example, query, _SHARES, draw))
        if len(queries) == MOST_EXAMPLES:
            break
    if not queries:
        return 0.0
    device = str(next(network.parameters()).device)
    texts = maker.grouped(maker.read(queries, settings.query_tokens))
    codes = maker.grouped(maker.read(passages, settings.passage_tokens))
    found, sought = (embed_groups(network, on_device(read, device)) for read in (texts, codes))
    with torch.autocast(found.device.type, enabled=False):  # in bfloat16 every tenth similarity would be a tie
        similarities = found.float() @ sought.float().T
    return float((1.0 / own_ranks(similarities)).mean())


def own_ranks(similarities: torch.Tensor) -> torch.Tensor:
    """Return the rank (from 1) of column i in row i of a square matrix, float32; the middle one of several equals.

    So a network that finds everything alike has the ranks of chance.
    """
    own = similarities.diagonal().unsqueeze(1)
    return (similarities > own).sum(dim=1) + ((similarities == own).sum(dim=1) + 1) / 2
