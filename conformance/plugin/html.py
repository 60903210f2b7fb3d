"""What a scenario's row in report.html holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def extras_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The extras of a row."""
    return []
