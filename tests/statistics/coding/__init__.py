"""Tests of text coding."""
