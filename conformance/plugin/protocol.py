"""How a scenario is run: once, and again where its verdict may be owed to something beside it.

Beside other workers, what did not come may have been kept back by them: it is asked for again alone. A target that
rejects associations as transient, for congestion or a limit, is given a moment, and asked again.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol

from conformance.plugin.company import Company, has_no_room, may_be_others, told_of
from conformance.plugin.interrupt import raise_if_asked
from conformance.plugin.run import current_run, has_current_run
from conformance.plugin.stash import EARLIER, RECORD, SCENE
from conformance.verdict.finding import Verdict

ALONE: Final = "alone"
"""The marker of a scenario that may stall a target; where it serves one request at a time, nobody else is there."""
_IN_DOUBT: Final = frozenset(map(str, (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE)))
_PAUSES_S: Final = (0.2, 1.0, 4.0)
"""How long a target without room is left alone before each further attempt."""


class Protocol:
    """What pytest calls for each scenario.

    Args:
        config: pytest's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._input: dict[str, Any] = getattr(config, "workerinput", {})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Keep what stands beside a scenario out of its verdict."""
        if not has_current_run():
            return None
        raise_if_asked()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        try:
            reports = run_scenario(item, nextitem, self._company())
        except KeyboardInterrupt:
            # CPython 3.11 may give a traceback that pytest cannot show, in the midst of the scenario.
            raise KeyboardInterrupt from None
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _company(self) -> Company | None:
        count = self._input.get("workercount", 1)
        if count == 1:
            return None
        # xdist numbers a worker that takes the place of a crashed one beyond the others.
        number = int(self._input["workerid"].removeprefix("gw")) % count
        return Company(folder=current_run().run_dir, worker=number, count=count)


def run_scenario(item: pytest.Item, nextitem: pytest.Item | None, company: Company | None) -> list[pytest.TestReport]:
    """The reports of a scenario's last attempt.

    Args:
        item: The scenario.
        nextitem: The one after it, as pytest has it.
        company: The other workers; None without.
    """
    is_alone = company is None or (
        item.get_closest_marker(ALONE) is not None and current_run().target_is_serial(company.alone())
    )
    with _place(company, alone=is_alone):
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if not is_alone and _is_in_doubt(item) and may_be_others(item.stash[SCENE]):
        with _place(company, alone=True) as is_alone:
            if is_alone:
                reports = _again(item, nextitem, "while no other worker used the target; beside others it was")
    for pause_s in _PAUSES_S:
        if not _is_in_doubt(item) or not has_no_room(item.stash[SCENE]) or not current_run().patience.spend(pause_s):
            break
        time.sleep(pause_s)
        with _place(company, alone=True):
            reports = _again(item, nextitem, "as an association had been rejected as transient; before it was")
    return reports


def _place(company: Company | None, *, alone: bool) -> AbstractContextManager[bool]:
    if company is None:
        return nullcontext(True)
    return company.alone() if alone else company.beside_others()


def _is_in_doubt(item: pytest.Item) -> bool:
    record = item.stash.get(RECORD, None)
    return record is not None and SCENE in item.stash and record["verdict"] in _IN_DOUBT


def _again(item: pytest.Item, nextitem: pytest.Item | None, why: str) -> list[pytest.TestReport]:
    earlier = item.stash.get(EARLIER, ())
    item.stash[EARLIER] = (*earlier, (why, item.stash[RECORD]))
    del item.stash[RECORD]
    anew: Any = item
    anew._initrequest()  # forgets the fixtures of the attempt before; pytest has no public name for it
    return runtestprotocol(item, log=False, nextitem=nextitem)


def record_of(item: pytest.Item) -> dict[str, Any] | None:
    """The record of a scenario's last attempt, which tells of those before it; None before there is one."""
    record = item.stash.get(RECORD, None)
    if record is None:
        return None
    for why, earlier in item.stash.get(EARLIER, ()):
        record = told_of(earlier, record, why=why)
    return record


def scope_of(item: pytest.Item, scenario_id: str) -> str:
    """What a scenario's identities are made from: further attempts have UIDs and patients of their own."""
    attempts = len(item.stash.get(EARLIER, ())) + 1
    return scenario_id if attempts == 1 else f"{scenario_id}, attempt {attempts}"
