"""Tests of training: data, objectives and the trainer."""
