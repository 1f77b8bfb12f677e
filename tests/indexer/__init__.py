"""Tests of the folder indexer."""
