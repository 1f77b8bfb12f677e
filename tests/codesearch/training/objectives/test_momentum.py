"""The momentum encoder's steps and the queue's order, by hand."""

from __future__ import annotations

import pytest
import torch

from codesearch.training.objectives.momentum import MomentumEncoder, MomentumQueue
from codesearch.training.objectives.sequences import pad_sequences
from tests.codesearch.training.objectives.tiny import CODES, TEXTS, tiny_network


def push(queue, *numbers):
    """Append one example per number n: vector (n, n), group n, and n tokens 100 + n."""
    vectors = torch.tensor([[float(number)] * 2 for number in numbers])
    queue.push(vectors, torch.tensor(numbers), pad_sequences([[100 + number] * number for number in numbers], pad=55))


def groups(queue):
    vectors, numbers = queue.contents()
    assert vectors.tolist() == [[float(number)] * 2 for number in numbers]
    return numbers.tolist()


def test_the_oldest_is_forgotten_first():
    """Four slots: 1 2 3, then 4 5 push 1 out, then 6 7 8 push 2 3 4 out; oldest first, before it is full and after."""
    queue = MomentumQueue(4, 2, tokens=8)
    assert (len(queue), groups(queue)) == (0, [])
    push(queue, 1, 2, 3)
    assert (len(queue), groups(queue)) == (3, [1, 2, 3])
    push(queue, 4, 5)
    assert (len(queue), groups(queue)) == (4, [2, 3, 4, 5])
    push(queue, 6, 7, 8)
    assert groups(queue) == [5, 6, 7, 8]


def test_of_a_batch_longer_than_the_queue_the_end_stays():
    """What would be overwritten at once is not written, and the order stays right afterwards."""
    queue = MomentumQueue(3, 2, tokens=8)
    push(queue, 1, 2)
    push(queue, 3, 4, 5, 6, 7)
    assert groups(queue) == [5, 6, 7]
    push(queue, 8)
    assert groups(queue) == [6, 7, 8]


def test_tokens_stay_with_their_vectors():
    """A place gives the tokens of the example that `contents` has there, padded with the queue's own token."""
    queue = MomentumQueue(3, 2, tokens=8, pad=9)
    push(queue, 1, 2)
    assert queue.take(torch.tensor([1])).ids.tolist() == [[102, 102]]
    push(queue, 3, 4)
    taken = queue.take(torch.tensor([2, 0]))
    assert taken.ids.tolist() == [[104] * 4, [102, 102, 9, 9]]
    assert taken.mask.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
    assert taken.ids.dtype == torch.int64


def test_a_longer_sequence_is_refused():
    """A code without its end could not be matched, so nothing is cut; padding alone does not count."""
    queue = MomentumQueue(3, 2, tokens=4)
    with pytest.raises(ValueError, match="5 tokens"):
        push(queue, 5)
    wide = pad_sequences([[1] * 6, [7]], pad=0)
    queue.push(torch.ones(1, 2), torch.tensor([1]), type(wide)(wide.ids[1:], wide.mask[1:]))
    assert queue.take(torch.tensor([0])).ids.tolist() == [[7]]


def test_contents_are_a_copy():
    """A later push does not change what a loss was computed from."""
    queue = MomentumQueue(2, 2, tokens=8)
    push(queue, 1, 2)
    before = queue.contents()
    push(queue, 3)
    assert before.groups.tolist() == [1, 2]
    assert before.vectors.tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_training_goes_on_where_it_stopped(tmp_path):
    """A queue with the saved state goes on as the first one does, in the middle of its ring."""
    queue, resumed = MomentumQueue(4, 2, tokens=8), MomentumQueue(4, 2, tokens=8)
    push(queue, 1, 2, 3, 4, 5)
    torch.save(queue.state_dict(), tmp_path / "queue.pt")
    resumed.load_state_dict(torch.load(tmp_path / "queue.pt", weights_only=True))
    for one in (queue, resumed):
        push(one, 6, 7)
    assert groups(resumed) == groups(queue) == [4, 5, 6, 7]
    assert resumed.take(torch.arange(4)).ids.tolist() == queue.take(torch.arange(4)).ids.tolist()


def test_the_momentum_encoder_moves_by_a_two_hundredth():
    """From 1 towards 3: .995 x 1 + .005 x 3 = 1.01, then .995 x 1.01 + .005 x 3 = 1.01995."""
    network = tiny_network()
    torch.nn.init.constant_(network.proj.bias, 1.0)
    slow = MomentumEncoder(network)
    torch.nn.init.constant_(network.proj.bias, 3.0)
    found = []
    for _ in range(2):
        slow.update(network)
        found.append(slow.network.proj.bias.tolist())
    assert found[0] == pytest.approx([1.01] * 16)
    assert found[1] == pytest.approx([1.01995] * 16)


def test_every_weight_that_embeds_moves():
    """With momentum 0 the copy is the network at once: it embeds alike after an update, and not before."""
    network, codes = tiny_network(seed=0), pad_sequences(CODES, pad=0)
    slow = MomentumEncoder(network, momentum=0.0)
    with torch.no_grad():
        network.load(tiny_network(seed=1).tensors())
        assert (slow.embed(*codes) - network.embed(*codes)).abs().max() > 0.1
        slow.update(network)
        assert torch.equal(slow.embed(*codes), network.embed(*codes))


def test_the_copy_is_only_what_embeds():
    """It has no decoder, learns nothing, keeps out dropout and is in float32 even if the network is not."""
    network = tiny_network().to(torch.bfloat16).train()
    slow = MomentumEncoder(network)
    slow.train()
    names = {name.split(".")[0] for name, _ in slow.network.named_parameters()}
    assert names == {"encoder", "proj"}
    assert {parameter.dtype for parameter in slow.parameters()} == {torch.float32}
    assert not any(parameter.requires_grad for parameter in slow.parameters())
    texts = pad_sequences(TEXTS, pad=0)
    assert torch.equal(slow.embed(*texts), slow.embed(*texts))
    assert network.training
    assert network.itm_head is not None
