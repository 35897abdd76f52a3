"""Tests of the methods that show what holds an economy together."""
