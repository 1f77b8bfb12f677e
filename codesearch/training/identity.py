"""By what a run that was saved, and what was retrieved for it, are known: its settings, its start, its examples.

Settings that came later, and are not in the text of `Settings`, are named only where they are not what they usually
are: a run that was saved before they were there goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.training.objectives.joint import MATCHING
from codesearch.training.settings import uses_retrieval

if TYPE_CHECKING:
    from codesearch.training.settings import Settings, Stage


def run_identity(settings: Settings, start: str, examples: int) -> dict[str, str]:
    """Return what must be the same for a run to go on, by name; `start` tells what it starts from."""
    identity = {"settings": repr(settings), "start": start, "examples": str(examples)}
    for name, usual in (("unasked", 1.0), ("bare", 0.12)):
        if getattr(settings, name) != usual:
            identity[name] = str(getattr(settings, name))
    if settings.teacher is not None:
        identity["teacher"] = settings.teacher
    if uses_retrieval(settings):
        own = (settings.source_tokens, settings.retrieval_corpus, settings.unretrieved)
        identity["retrieval"] = " ".join(map(str, own)) + " in source" * settings.retrieval_in_source
    return identity | _of_stages(settings.stages)


def _of_stages(stages: tuple[Stage, ...]) -> dict[str, str]:
    numbered = tuple(enumerate(stages))
    counted = [f"{number} {name} {pairs}" for number, one in numbered for name, pairs in sorted(one.pairs_of.items())]
    named = {
        "negative_temperature": " ".join(
            str(stage.negative_temperature) for stage in stages if MATCHING in stage.objectives
        ),
        "queued_negatives": " ".join(str(number) for number, stage in numbered if stage.queued_negatives),
        "soft_matching": ", ".join(f"{number} {one.soft_matching}" for number, one in numbered if one.soft_matching),
        "mined_negatives": " ".join(str(number) for number, stage in numbered if stage.mined_negatives),
        "pairs_of": ", ".join(counted),
    }
    return {name: text for name, text in named.items() if text}
