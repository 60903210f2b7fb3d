"""How a scenario is run beside the scenarios of other workers: once, and again alone where company is in doubt."""

from __future__ import annotations

from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

from conformance.plugin.company import Company, may_be_others
from conformance.plugin.run import current_run, has_current_run
from conformance.plugin.stash import FIRST, RECORD, SCENE
from conformance.verdict.finding import Verdict

ALONE: Final = "alone"
"""The marker of a scenario that may stall a target which serves one association request at a time."""
_IN_DOUBT: Final = frozenset(map(str, (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE)))


class Worker:
    """What pytest calls in a worker that is not the only one.

    Args:
        config: pytest's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._input: dict[str, Any] = getattr(config, "workerinput", {})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Keep what other workers do to the target out of this scenario's verdict."""
        if not has_current_run():
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in run_in_company(item, nextitem, self._company()):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _company(self) -> Company:
        count = self._input["workercount"]
        # xdist numbers a worker that takes the place of a crashed one beyond the others.
        number = int(self._input["workerid"].removeprefix("gw")) % count
        return Company(folder=current_run().run_dir, worker=number, count=count)


def run_in_company(item: pytest.Item, nextitem: pytest.Item | None, company: Company) -> list[pytest.TestReport]:
    """The reports of a scenario; of its second attempt where the first one was in doubt because of the others."""
    if item.get_closest_marker(ALONE) is not None:
        with company.alone():
            return runtestprotocol(item, log=False, nextitem=nextitem)
    with company.beside_others():
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    first = item.stash.get(RECORD, None)
    scene = item.stash.get(SCENE, None)
    if first is None or scene is None or first["verdict"] not in _IN_DOUBT or not may_be_others(scene):
        return reports
    with company.alone() as is_alone:
        if not is_alone:
            return reports
        return _again(item, nextitem, first)


def _again(item: pytest.Item, nextitem: pytest.Item | None, first: dict[str, Any]) -> list[pytest.TestReport]:
    item.stash[FIRST] = first
    del item.stash[RECORD]
    anew: Any = item
    anew._initrequest()  # forgets the fixtures of the first attempt; pytest has no public name for it
    return runtestprotocol(item, log=False, nextitem=nextitem)
