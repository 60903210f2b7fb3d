"""Tests of the drivers against scripted peers."""
