"""Padded batches, against batches written by hand."""

from __future__ import annotations

import torch

from codesearch.training.objectives.sequences import pad_labels, pad_sequences, stack_rows


def test_sequences_are_padded_on_the_right():
    """Short rows end in padding, and the mask says where."""
    ids, mask = pad_sequences([[5, 6, 7], [8]], pad=9)
    assert ids.tolist() == [[5, 6, 7], [8, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert (ids.dtype, mask.dtype) == (torch.int64, torch.int64)


def test_no_sequences_are_an_empty_batch():
    """Nothing to pad has no rows and no columns."""
    assert pad_sequences([], pad=0).ids.shape == (0, 0)


def test_labels_are_ignored_at_padding():
    """Where a target has ended its label is -100."""
    assert pad_labels([[5], [6, 2]]).tolist() == [[5, -100], [6, 2]]


def test_rows_are_taken_without_needless_columns():
    """Rows come in the order asked for, twice if need be, no wider than the longest of them."""
    taken = pad_sequences([[1, 2, 3, 4], [5], [6, 7]], pad=0).take(torch.tensor([2, 1, 2]))
    assert taken.ids.tolist() == [[6, 7], [5, 0], [6, 7]]
    assert taken.mask.tolist() == [[1, 1], [1, 0], [1, 1]]


def test_batches_of_several_widths_are_stacked():
    """Narrow batches are filled with zeros; so are states, in their second dimension."""
    stacked = stack_rows([torch.tensor([[1]]), torch.tensor([[2, 3], [4, 5]])])
    assert stacked.tolist() == [[1, 0], [2, 3], [4, 5]]
    states = stack_rows([torch.ones(1, 1, 3), torch.ones(1, 2, 3)])
    assert states[:, :, 0].tolist() == [[1, 0], [1, 1]]
