"""What tests of several folders share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def one_thread():
    """Compute with one thread of torch: networks this small get slower with more, and tests run beside each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
