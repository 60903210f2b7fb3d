"""The `pacs-conformance` command: run, doctor, list, serve, store."""

from conformance.cli.main import main

__all__ = ["main"]
