"""Tests of what is written from a prompt and retrieved functions."""
