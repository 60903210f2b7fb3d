"""The `pacs-conformance` command: run, doctor, matrix, list, serve, store, report."""

from conformance.cli.main import main

__all__ = ["main"]
