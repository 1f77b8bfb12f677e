"""Tests about the project itself: its layout, its promises, its documentation."""
