"""Keys under which the plugin keeps its things at pytest's objects."""

from __future__ import annotations

from typing import Any, Final

import pytest

from conformance.plugin.scene import Scene

SCENE: Final = pytest.StashKey[Scene]()
RECORD: Final = pytest.StashKey[dict[str, Any]]()
EARLIER: Final = pytest.StashKey[tuple[tuple[str, dict[str, Any]], ...]]()
"""Why a scenario is made again, and the record before, for each further attempt."""
