"""Tests of the benchmarks: what they say is what was measured."""
