"""Examples of causal language modelling and their loss, by hand."""

from __future__ import annotations

import dataclasses
import math
import random
import subprocess
import sys
from collections import Counter

import pytest
import torch

from codesearch.training.objectives.causal import (
    LanguageExample,
    code_to_text,
    continuation,
    language_batch,
    language_example,
    language_loss,
    pivot,
    text_to_code,
    whole_sequence,
)
from tests.codesearch.training.objectives.tiny import SPECIAL

CLM, TDEC, CDEC = 3, 46, 47


def test_examples_are_made_without_torch():
    """Importing what makes examples is light, for the processes that prepare data."""
    modules = "codesearch.training.objectives.causal, codesearch.training.objectives.span_denoising"
    program = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_continuation_is_cut_at_its_pivot():
    """[CLM] and the beginning are the source, the rest is the target."""
    place = pivot(8, random.Random(5))
    source, target = continuation(list(range(10, 18)), SPECIAL, random.Random(5))
    assert source == [CLM, *range(10, 10 + place)]
    assert target == list(range(10 + place, 18))


def test_pivots_are_uniform_from_a_tenth_to_nine_tenths():
    """Of 20 tokens: 2 to 18, each as often as another; two tokens are cut in the middle, one cannot be.

    A tenth of 25 is 2.5, so 3 is the first place within, and 22 the last; of 30 tokens 3 and 27 themselves are within.
    """
    rng = random.Random(0)
    places = Counter(pivot(20, rng) for _ in range(17_000))
    assert sorted(places) == list(range(2, 19))
    assert all(count == pytest.approx(1000, abs=150) for count in places.values())
    assert {pivot(25, rng) for _ in range(1000)} == set(range(3, 23))
    assert {pivot(30, rng) for _ in range(1000)} == set(range(3, 28))
    assert {pivot(2, rng) for _ in range(20)} == {1}
    assert {pivot(3, rng) for _ in range(50)} == {1, 2}
    with pytest.raises(ValueError, match="cut in two"):
        pivot(1, rng)


def test_a_whole_sequence_has_one_source_token():
    """The decoder-only form has [CLM] alone as its source."""
    assert whole_sequence([10, 11, 2], SPECIAL) == ([CLM], [10, 11, 2])


def test_stage_one_targets_are_shifted_right():
    """The decoder reads the start token and all but the last of what it writes."""
    assert language_example([CLM], [10, 11, 2], start=0) == LanguageExample([CLM], [0, 10, 11], [10, 11, 2])
    with pytest.raises(ValueError, match="nothing"):
        language_example([CLM], [], start=0)


def test_each_direction_has_its_start():
    """[CDEC] begins code and [TDEC] begins text, in place of <s>; both end by writing </s>."""
    text, code = [1, 10, 11, 2], [1, 20, 2]
    assert text_to_code(text, code, SPECIAL) == LanguageExample(text, [CDEC, 20], [20, 2])
    assert code_to_text(code, text, SPECIAL) == LanguageExample(code, [TDEC, 10, 11], [10, 11, 2])


def test_a_decoder_has_its_own_tokens():
    """Special tokens are those given, here a decoder's whose </s> is 6 and whose [CDEC] is 9."""
    other = dataclasses.replace(SPECIAL, bos=5, eos=6, code_start=9, text_start=None)
    assert text_to_code([1, 10, 2], [5, 20, 6], other) == LanguageExample([1, 10, 2], [9, 20], [20, 6])
    with pytest.raises(ValueError, match="stand between"):
        text_to_code([1, 10, 2], [1, 20, 2], other)
    with pytest.raises(ValueError, match="no token"):
        code_to_text([1, 10, 2], [5, 20, 6], other)


def test_a_batch_is_padded_and_its_labels_ignored():
    """Source and decoder each have their own padding token; the labels of padding are -100."""
    examples = [LanguageExample([1, 10, 2], [47, 20], [20, 2]), LanguageExample([1, 2], [47], [2])]
    source, decoder_input, labels = language_batch(examples, source_pad=7, decoder_pad=8)
    assert source.ids.tolist() == [[1, 10, 2], [1, 2, 7]]
    assert source.mask.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert decoder_input.tolist() == [[47, 20], [47, 8]]
    assert labels.tolist() == [[20, 2], [2, -100]]


def test_loss_is_the_mean_over_tokens_by_hand():
    """Odds 3:1 for the right token cost ln 4/3, even odds ln 2, odds 1:3 ln 4; the ignored label costs nothing.

    The mean is over the three tokens and not over the two sequences: ln(4/3 x 2 x 4) / 3 = .789041.
    """
    ln3 = math.log(3)
    logits = torch.tensor([[[ln3, 0.0], [0.0, 0.0]], [[ln3, 0.0], [99.0, -99.0]]])
    labels = torch.tensor([[0, 1], [1, -100]])
    assert language_loss(logits, labels).item() == pytest.approx(math.log(32 / 3) / 3, abs=1e-6)
    assert language_loss(logits, labels).item() == pytest.approx(0.789041, abs=1e-5)
    assert language_loss(logits.bfloat16(), labels).dtype == torch.float32


def test_a_batch_without_labels_costs_nothing():
    """Not a number would spoil every weight."""
    assert language_loss(torch.ones(1, 2, 3), torch.full((1, 2), -100)).item() == 0.0
