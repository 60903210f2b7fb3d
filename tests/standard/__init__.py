"""Tests of the standard as data."""
