"""The embedded PACS in this process, as the tests of it want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings

Start = Callable[[Settings], EmbeddedPacs]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a PACS with these settings; it is stopped after the test."""
    with ExitStack() as running:

        def starter(settings: Settings) -> EmbeddedPacs:
            return running.enter_context(EmbeddedPacs(settings))

        yield starter


@pytest.fixture
def pacs(start: Start) -> EmbeddedPacs:
    """A PACS with the default settings."""
    return start(Settings())
