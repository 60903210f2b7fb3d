"""Tests of the pytest plugin, by running pytest on small scenarios."""
