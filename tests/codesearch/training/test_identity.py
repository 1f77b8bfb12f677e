"""By what a saved run is known: all that changes what is learned, and nothing that came later and is not used."""

from __future__ import annotations

import dataclasses

import pytest

from codesearch.training.identity import run_identity
from tests.codesearch.training.tiny_runs import settings, stage

PLAIN = stage("contrastive matching retrieved_code", queue=8)
OF_THE_RUN = {
    "unasked": 0.5, "bare": 0.5, "teacher": "bundled", "source_tokens": 61, "retrieval_corpus": 7, "unretrieved": 0.5,
    "retrieval_in_source": True, "seed": 2,
}  # fmt: skip
OF_A_STAGE = {
    "negative_temperature": 0.1, "soft_matching": 0.5, "mined_negatives": True, "queued_negatives": True, "steps": 7,
    "pairs_of": {"matching": 4},
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        *(settings(PLAIN, **{name: value}) for name, value in OF_THE_RUN.items()),
        *(settings(dataclasses.replace(PLAIN, **{name: value})) for name, value in OF_A_STAGE.items()),
    ],
    ids=[*OF_THE_RUN, *OF_A_STAGE],
)
def test_another_value_is_another_run(other):
    assert run_identity(other, "start", 9) != run_identity(settings(PLAIN), "start", 9)


def test_another_start_and_other_examples_are_another_run():
    identities = [run_identity(settings(PLAIN), *given) for given in (("start", 9), ("other", 9), ("start", 8))]
    assert identities[0] != identities[1] != identities[2] != identities[0]


def test_what_came_later_is_named_only_where_it_is_used():
    """A run of before those settings goes on."""
    assert set(run_identity(settings(stage("contrastive")), "start", 9)) == {"settings", "start", "examples"}


def test_settings_of_a_stage_are_told_from_those_of_another():
    first, second = (stage("matching", mined_negatives=mined, soft_matching=0.5 * mined) for mined in (True, False))
    assert run_identity(settings(first, second), "start", 9) != run_identity(settings(second, first), "start", 9)
