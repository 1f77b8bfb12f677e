"""Intervals and p-values against formulas, and against going through all cases."""

from __future__ import annotations

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest

from codesearch.evaluation.intervals import bootstrap_intervals, strata_of, stratified_means, weights_of
from codesearch.evaluation.paired import randomisation_p_value


def test_interval_of_a_mean_is_the_normal_one() -> None:
    """For many queries of one stratum the ends are mean -+ 1.96 standard errors; for a constant they are the mean."""
    values = np.random.default_rng(7).random((400, 1))
    error = values.std() / 400**0.5 * NormalDist().inv_cdf(0.975)
    low, high = bootstrap_intervals(np.hstack([values, np.full((400, 1), 0.25)]), np.zeros(400, dtype=np.int64))
    assert [low[0], high[0]] == pytest.approx([values.mean() - error, values.mean() + error], abs=error / 20)
    assert [low[1], high[1]] == pytest.approx([0.25, 0.25])


def test_interval_over_strata_leaves_out_what_differs_between_them() -> None:
    """Strata of constants have a certain mean; the error of two noisy ones is that of the mean of their means."""
    constant = np.array([0.0] * 10 + [1.0] * 30)[:, None]
    strata = strata_of(["a"] * 10 + ["b"] * 30)
    assert bootstrap_intervals(constant, strata)[:, 0].tolist() == pytest.approx([0.5, 0.5])
    values = np.random.default_rng(1).normal(size=(500, 1))
    strata = strata_of(["a"] * 100 + ["b"] * 400)
    error = 1.96 * (values[:100].var() / 100 + values[100:].var() / 400) ** 0.5 / 2
    middle = (values[:100].mean() + values[100:].mean()) / 2
    assert bootstrap_intervals(values, strata)[:, 0] == pytest.approx([middle - error, middle + error], abs=error / 20)


def test_means_weigh_strata_alike() -> None:
    """Of {0, 0, 0} and {1} the mean is a half, whatever the order; weights are what each value counts."""
    strata = strata_of(["x", "y", "x", "x"])
    values = np.array([[0.0], [1.0], [0.0], [0.0]])
    assert strata.tolist() == [0, 1, 0, 0]
    assert stratified_means(values, strata).tolist() == [0.5]
    assert weights_of(strata).tolist() == pytest.approx([1 / 6, 1 / 2, 1 / 6, 1 / 6])


def _by_going_through_all(differences: list[float], weights: list[float]) -> float:
    """Return the share of all sign changes whose sum is at least as large."""
    terms = [difference * weight for difference, weight in zip(differences, weights, strict=True)]
    sums = [
        abs(sum(sign * term for sign, term in zip(signs, terms, strict=True)))
        for signs in product((-1, 1), repeat=len(terms))
    ]
    return sum(one >= abs(sum(terms)) - 1e-9 for one in sums) / len(sums)


@pytest.mark.parametrize("seed", range(4))
def test_p_value_of_eight_pairs(seed: int) -> None:
    """Eight pairs are gone through one by one; drawn at random they come out nearly the same."""
    random = np.random.default_rng(seed)
    differences, weights = random.normal(0.3, 1, 8).round(2), weights_of(strata_of([*"aaabbbbb"]))
    exact = _by_going_through_all(differences.tolist(), weights.tolist())
    assert randomisation_p_value(differences, weights) == pytest.approx(exact)
    assert randomisation_p_value(differences, weights, most_enumerated=0) == pytest.approx(exact, abs=0.02)


def test_p_values_of_plain_cases() -> None:
    """Equal runs have 1; eight equal gains 2 / 256, also beside ties; many equal gains the least that can be drawn."""
    weights = np.full(20, 1 / 20)
    assert randomisation_p_value(np.zeros(20), weights) == 1.0
    gains = np.array([0.1] * 8 + [0.0] * 12)
    assert randomisation_p_value(gains, weights) == pytest.approx(2 / 256)
    assert randomisation_p_value(np.full(20, 0.1), weights) == pytest.approx(1 / 10_001, abs=3e-4)
