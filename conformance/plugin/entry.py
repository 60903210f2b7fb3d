"""The `pytest11` entry point: the hooks. It does nothing in a pytest session that is no conformance run."""

from __future__ import annotations

import pytest

from conformance.plugin.options import add_options, is_asked_for


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Bring the target of a conformance run up before the session; an exit code where that is not possible."""
    if not is_asked_for(config) or hasattr(config, "workerinput") or config.option.collectonly:
        return None
    from conformance.plugin.session import start_controller

    return start_controller(config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; for a conformance run, register the rest of the plugin."""
    config.addinivalue_line("markers", "requirement(*ids): the requirements that a scenario judges")
    config.addinivalue_line("markers", "level(name): safe, standard or disruptive; standard by default")
    config.addinivalue_line("markers", "topic(name): the topic of a scenario; its file's by default")
    config.addinivalue_line("markers", "timer: waits for a timer of the target, and is begun early")
    config.addinivalue_line("markers", "alone: may stall a target, so that no other worker may use it meanwhile")
    if not is_asked_for(config):
        return
    from conformance.plugin import fixtures
    from conformance.plugin.protocol import Protocol
    from conformance.plugin.session import Session

    config.pluginmanager.register(fixtures, "pacs-conformance-fixtures")
    config.pluginmanager.register(Session.of(config), "pacs-conformance-session")
    config.pluginmanager.register(Protocol(config), "pacs-conformance-protocol")
