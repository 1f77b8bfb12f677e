"""Tests of the folder codesearch."""
