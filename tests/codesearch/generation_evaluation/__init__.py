"""Tests of how what a decoder writes is measured."""
