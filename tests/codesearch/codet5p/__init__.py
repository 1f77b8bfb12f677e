"""Tests of the checkpoints, the network and the tokenizer."""
