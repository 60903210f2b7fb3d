"""What a scenario is called, and what its markers say."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.config import Level

_FIRST_TOPICS: Final = (
    "verification",
    "negotiation",
    "matrix",
    "storage",
    "duplicates",
    "transfer syntaxes",
    "statuses",
    "cancellation",
)


def level_of(item: pytest.Item) -> Level:
    """The level that a scenario needs."""
    marker = item.get_closest_marker("level")
    return Level(marker.args[0]) if marker is not None else Level.STANDARD


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """The requirement ids that a scenario names, without repetition."""
    named = [str(i) for marker in item.iter_markers("requirement") for i in marker.args]
    return tuple(dict.fromkeys(named))


def scenario_id_of(item: pytest.Item) -> str:
    """File name, function and parameters: the same wherever the scenarios are installed."""
    return f"{item.path.name}::{item.nodeid.partition('::')[2]}"


def topic_of(item: pytest.Item) -> str:
    """The scenario's topic: its marker's, or its file's name."""
    marker = item.get_closest_marker("topic")
    return str(marker.args[0]) if marker is not None else item.path.stem.removeprefix("test_").replace("_", " ")


def title_of(item: pytest.Item) -> str:
    """The first line of the scenario's docstring."""
    function = getattr(item, "function", None)
    return (getattr(function, "__doc__", None) or item.name).strip().splitlines()[0]


def topic_rank(item: pytest.Item) -> int:
    """Where a scenario's topic stands in a run: what others build on comes first, topics without a place come last.

    What waits for a timer of the target comes early, so that other workers have something to do meanwhile.
    """
    if item.get_closest_marker("timer") is not None:
        return 1
    topic = topic_of(item)
    return _FIRST_TOPICS.index(topic) if topic in _FIRST_TOPICS else len(_FIRST_TOPICS)
