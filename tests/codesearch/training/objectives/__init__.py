"""Tests of the training objectives."""
