"""The hooks of a conformance run."""

from __future__ import annotations

import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_html import extras

from conformance.driver.leftovers import end_all
from conformance.evidence.record import scenario_record
from conformance.evidence.results import read_results
from conformance.evidence.summary import EXIT_CODES, Overall
from conformance.plugin import interrupt
from conformance.plugin.controller import Controller, UnusableTargetError, make_controller
from conformance.plugin.naming import level_of, requirements_of, scenario_id_of, title_of, topic_of, topic_rank
from conformance.plugin.outcome import UNMET, ConformanceFailure, HarnessFault, conclude, raise_outcome
from conformance.plugin.protocol import record_of, scope_of
from conformance.plugin.run import current_run, has_current_run, set_current_run
from conformance.plugin.scene import Scene
from conformance.plugin.stash import EARLIER, RECORD, SCENE
from conformance.plugin.worker import start_worker
from conformance.report.html import (
    report_title,
    row_html,
    stylesheets,
    summary_html,
    table_header_cells,
    table_row_cells,
)
from conformance.report.terminal import summary_text
from conformance.verdict.finding import Finding, Verdict, finding

CONTROLLER: Final = pytest.StashKey[Controller]()
_LETTERS: Final = {
    Verdict.PASS: ".",
    Verdict.INFO: "i",
    Verdict.WARN: "w",
    Verdict.FAIL: "F",
    Verdict.NOT_APPLICABLE: "-",
    Verdict.INCONCLUSIVE: "?",
    Verdict.ERROR: "E",
    Verdict.WAIVED: "x",
}


class Session:
    """What pytest calls during a conformance run, in the controller and in each worker.

    Args:
        config: pytest's.
        controller: The controller's things; None in a worker.
    """

    def __init__(self, config: pytest.Config, controller: Controller | None) -> None:
        self._config = config
        self._controller = controller
        self._collection_failed = False

    @classmethod
    def of(cls, config: pytest.Config) -> Session:
        """The session of this process: the controller that `start_controller` made, or a worker."""
        controller = config.stash.get(CONTROLLER, None)
        if controller is not None:
            option = config.option
            if getattr(option, "xmlpath", None) is None:
                option.xmlpath = str(controller.run_dir / "junit.xml")
            if getattr(option, "htmlpath", "") is None:
                option.htmlpath = str(controller.run_dir / "report.html")
                option.self_contained_html = True
                option.css = [*(getattr(option, "css", None) or []), *(str(path) for path in stylesheets())]
        return cls(config, controller)

    # Begin and end

    def pytest_sessionstart(self) -> None:
        """Take over from the controller, in a worker."""
        if self._controller is None:
            start_worker(self._config)
        else:
            interrupt.remember()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand over to an xdist worker."""
        if self._controller is not None and has_current_run():
            node.workerinput["pacs_conformance"] = self._controller.handover()

    def pytest_keyboard_interrupt(self) -> None:
        """Nothing of ours keeps the process alive, wherever the interrupt came."""
        end_all()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
        """Finish the record before the other reporters, and the files made from it after them."""
        controller = self._controller
        if controller is not None and controller.writer is not None and controller.summary is None:
            interrupted = exitstatus == pytest.ExitCode.INTERRUPTED and not self._collection_failed
            summary = controller.finish(interrupted=interrupted)
            if summary is not None and exitstatus in _OURS_TO_SET:
                session.exitstatus = summary["exit_code"]
        elif controller is None and has_current_run():
            current_run().close()
        try:
            return (yield)
        finally:
            if controller is not None:
                controller.render()
                interrupt.forget()
            set_current_run(None)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The summary that fits one screen."""
        controller = self._controller
        if controller is not None and controller.summary is not None and controller.writer is not None:
            text = summary_text(
                read_results(controller.writer.path),
                report=controller.run_dir / "report.html",
                width=min(terminalreporter._tw.fullwidth, 100),
                color=terminalreporter._tw.hasmarkup,
            )
            terminalreporter.ensure_newline()
            terminalreporter._tw.write(text if text.endswith("\n") else f"{text}\n")

    # report.html

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """The target's name."""
        if self._controller is not None:
            report.title = report_title(self._controller.header)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Verdict, requirement and clause as columns."""
        cells[:] = table_header_cells()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        """The same for a scenario."""
        cells[:] = table_row_cells(getattr(report, "pacs_record", None), cells=cells, nodeid=report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, data: list[str]) -> None:
        """No captured output: the record says it all."""
        data.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Verdict, target, claims, topics and requirements above the table."""
        if self._controller is not None and self._controller.writer is not None:
            prefix.append(summary_html(read_results(self._controller.writer.path)))

    # Scenarios

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Begin with what everything else stands on, and leave out what the level does not permit."""
        if self._controller is not None:
            level = self._controller.settings.safety.level
        elif has_current_run():
            level = current_run().settings.safety.level
        else:
            return
        items.sort(key=topic_rank)
        kept = [item for item in items if level.permits(level_of(item))]
        if len(kept) != len(items):
            config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
            items[:] = kept

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file of scenarios that cannot be read is a fault of ours, and is said."""
        if report.failed:
            self._collection_failed = True
            if self._controller is not None and self._controller.writer is not None:
                self._controller.writer.append(_lost_record(report))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Make the scenario's state; what a fixture misses of the target is judged as in the scenario itself."""
        if not has_current_run():
            return (yield)
        scene = item.stash[SCENE] = make_scene(item)
        try:
            return (yield)
        except UNMET as unmet:
            run = current_run()
            verdict, item.stash[RECORD] = conclude(scene, run, unmet)
            raise_outcome(scene, verdict, strict=run.settings.strict)
            pytest.skip(f"{verdict}: the target does not have what the scenario needs")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Forget a scenario's bytes when it is over: pytest keeps every item to the end of the run."""
        try:
            return (yield)
        finally:
            if SCENE in item.stash:
                del item.stash[SCENE]
            if RECORD in item.stash:
                del item.stash[RECORD]
            if EARLIER in item.stash:
                del item.stash[EARLIER]

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        """Run the scenario, judge, and turn the verdict into pytest's outcome."""
        scene = pyfuncitem.stash.get(SCENE, None)
        if scene is None:
            return (yield)
        run = current_run()
        gone = run.life.before(scene)
        error: BaseException | None = None
        if gone is not None:
            scene.judge(_gone(gone))
        else:
            try:
                yield
            except (KeyboardInterrupt, SystemExit, pytest.exit.Exception):
                scene.drop()
                raise
            except BaseException as caught:
                error = caught
        verdict, record = conclude(scene, run, error)
        pyfuncitem.stash[RECORD] = record
        raise_outcome(scene, verdict, strict=run.settings.strict)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the record on the report, and make a fault of ours an error and not a failure."""
        report = yield
        carried: Any = report
        record = record_of(item)
        error = call.excinfo.value if call.excinfo is not None else None
        if call.when == "call" or (call.when == "setup" and record is not None):
            report.when = "call"
            if isinstance(error, ConformanceFailure):
                report.longrepr = str(error)
            elif isinstance(error, HarnessFault):
                report.longrepr = str(error)
                report.when = "setup"
            if record is not None:
                carried.pacs_record = record
                header = self._controller.header if self._controller is not None else None
                carried.extras = [*getattr(report, "extras", []), extras.html(row_html(record, header=header))]
        elif report.failed and item.stash.get(SCENE, None) is not None:
            carried.pacs_record = _faulty_record(item.stash[SCENE], report.longreprtext)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the record; only the controller does."""
        if self._controller is None or self._controller.writer is None:
            return
        record = getattr(report, "pacs_record", None)
        if record is None and report.failed:
            record = _lost_record(report)
        if record is not None:
            self._controller.writer.append(record)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
        """The verdict's letter instead of pytest's."""
        record = getattr(report, "pacs_record", None)
        if record is None:
            return None
        verdict = Verdict(record["verdict"])
        return report.outcome if report.when == "call" else "error", _LETTERS[verdict], str(verdict)


def start_controller(config: pytest.Config) -> int | None:
    """Bring the target up before the session begins; the exit code when that is the end of the run, else None.

    Raises:
        pytest.UsageError: The command line, the environment or the target file is wrong.
    """
    controller = make_controller(config)
    try:
        controller.start()
    except UnusableTargetError as error:
        controller.finish(interrupted=False)
        controller.render()
        sys.stderr.write(f"target not usable: {error}\n")
        return EXIT_CODES[Overall.UNREACHABLE]
    except BaseException:
        controller.stop()
        raise
    config.stash[CONTROLLER] = controller
    config.add_cleanup(controller.stop)
    return None


_OURS_TO_SET: Final = frozenset(
    {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.NO_TESTS_COLLECTED}
)


def make_scene(item: pytest.Item) -> Scene:
    """The state of a scenario that is about to run."""
    run = current_run()
    scenario_id = scenario_id_of(item)
    return Scene(
        scenario_id=scenario_id,
        topic=topic_of(item),
        title=title_of(item),
        level=str(level_of(item)),
        requirements=requirements_of(item),
        settings=run.settings,
        endpoint=run.endpoint,
        identities=run.identities(scope_of(item, scenario_id), scenario=scenario_id),
        recorder=run.recorder(scenario_id),
    )


def _gone(reason: str) -> Finding:
    return finding("LIFE-01", Verdict.INCONCLUSIVE, expected="a target that answers", actual=reason)


def _faulty_record(scene: Scene, words: str) -> dict[str, Any]:
    return scenario_record(
        nodeid=scene.scenario_id,
        topic=scene.topic,
        title=scene.title,
        level=scene.level,
        requirements=scene.requirements,
        verdict=Verdict.ERROR,
        findings=scene.findings,
        started_at=scene.started_at,
        duration_s=scene.duration_s(),
        error=words,
    )


def _lost_record(report: pytest.TestReport | pytest.CollectReport) -> dict[str, Any]:
    """A scenario whose process was lost, or that failed outside of any phase that we know."""
    name, _, rest = report.nodeid.partition("::")
    return scenario_record(
        nodeid=f"{Path(name).name}::{rest}",
        topic=Path(name).stem.removeprefix("test_").replace("_", " "),
        title=rest,
        level="",
        requirements=(),
        verdict=Verdict.ERROR,
        findings=(),
        started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        duration_s=0.0,
        error=str(report.longrepr),
    )
