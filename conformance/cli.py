"""The `pacs-conformance` command."""


def main() -> None:
    """Run the command line."""
