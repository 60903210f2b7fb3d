"""Keys under which the plugin keeps its things at pytest's objects."""

from __future__ import annotations

from typing import Any, Final

import pytest

from conformance.plugin.scene import Scene

SCENE: Final = pytest.StashKey[Scene]()
RECORD: Final = pytest.StashKey[dict[str, Any]]()
FIRST: Final = pytest.StashKey[dict[str, Any]]()
"""The record of a scenario's first attempt, where it is made again."""
