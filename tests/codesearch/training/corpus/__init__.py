"""Tests of the training corpus."""
