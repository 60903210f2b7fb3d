"""Each verdict becomes the pytest outcome, the record and the exit code that it is to become."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from conformance.target.embedded.server import EmbeddedPacs
from tests.plugin.runs import Done, results_schema, run_scenarios

HEAD = """
import pytest
from conformance.verdict.finding import Verdict, finding
from conformance.plugin.scene import NotApplicableError

def found(verdict, requirement="STA-02", actual="what came"):
    return finding(requirement, verdict, expected=("what would be right",), actual=actual)
"""

EVERY_VERDICT = (
    HEAD
    + '''
@pytest.mark.requirement("STA-02")
def test_pass(judge):
    """It passes."""
    judge(found(Verdict.PASS))

def test_info(judge):
    judge(found(Verdict.INFO))

def test_warn(judge):
    judge(found(Verdict.PASS), found(Verdict.WARN))

def test_fail(judge):
    judge(found(Verdict.PASS), [found(Verdict.FAIL, actual="C-STORE-RSP <b>with</b> \\x1b[31m status FE00H")])

def test_two_fails(judge):
    judge(found(Verdict.FAIL), found(Verdict.FAIL, "CMD-27", "no answer"))

def test_not_applicable(scene):
    raise NotApplicableError("no C-FIND")

def test_inconclusive(judge):
    judge(found(Verdict.PASS), found(Verdict.INCONCLUSIVE, actual="no read-back"))

def test_judges_nothing(judge):
    pass

def test_harness_fault(judge):
    raise ValueError("ours")

@pytest.fixture
def broken():
    raise ValueError("fixture of ours")

def test_broken_fixture(judge, broken):
    pass

@pytest.fixture
def find_service(scene):
    raise NotApplicableError("no C-FIND")

def test_not_applicable_in_a_fixture(judge, find_service):
    pass
'''
)


@pytest.fixture(scope="module")
def pacs() -> Iterator[str]:
    with EmbeddedPacs() as server:
        host, port = server.address
        yield f"EMBEDDED@{host}:{port}"


@pytest.fixture(scope="module")
def every_verdict(pacs: str, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return run_scenarios(tmp_path_factory.mktemp("verdicts"), EVERY_VERDICT, "--pacs", pacs)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("test_pass", "PASS"),
        ("test_info", "INFO"),
        ("test_warn", "WARN"),
        ("test_fail", "FAIL"),
        ("test_not_applicable", "NOT_APPLICABLE"),
        ("test_inconclusive", "INCONCLUSIVE"),
        ("test_judges_nothing", "INCONCLUSIVE"),
        ("test_harness_fault", "ERROR"),
        ("test_broken_fixture", "ERROR"),
        ("test_not_applicable_in_a_fixture", "NOT_APPLICABLE"),
    ],
)
def test_the_record_has_the_verdict(every_verdict: Done, name: str, verdict: str) -> None:
    assert every_verdict.verdict_of(f"::{name}") == verdict


def test_a_fail_outweighs_a_fault_of_ours_in_the_exit_code(every_verdict: Done) -> None:
    assert every_verdict.exit_code == 1
    assert every_verdict.results["summary"]["overall"] == "not conformant"


def test_the_record_matches_the_published_schema(every_verdict: Done) -> None:
    jsonschema.validate(every_verdict.results, results_schema())


@pytest.mark.parametrize("name", ["test_pass", "test_info", "test_warn"])
def test_junit_passes(every_verdict: Done, name: str) -> None:
    assert not [child.tag for child in every_verdict.junit_case(name) if child.tag != "properties"]


def test_a_junit_failure_begins_with_verdict_requirement_and_clause(every_verdict: Done) -> None:
    failure = every_verdict.junit_case("test_fail").find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("FAIL STA-02 PS3.4 Table B.2-1")
    assert "status FE00H" in str(failure.get("message"))


def test_every_fail_is_in_the_junit_message(every_verdict: Done) -> None:
    failure = every_verdict.junit_case("test_two_fails").find("failure")
    assert failure is not None
    assert "FAIL CMD-27 " in str(failure.get("message"))


@pytest.mark.parametrize(
    "name",
    ["test_not_applicable", "test_not_applicable_in_a_fixture", "test_inconclusive", "test_judges_nothing"],
)
def test_junit_skips_what_was_not_judged(every_verdict: Done, name: str) -> None:
    assert every_verdict.junit_case(name).find("skipped") is not None


@pytest.mark.parametrize("name", ["test_harness_fault", "test_broken_fixture"])
def test_a_fault_of_ours_is_a_junit_error_and_no_failure(every_verdict: Done, name: str) -> None:
    case = every_verdict.junit_case(name)
    assert case.find("error") is not None
    assert case.find("failure") is None


def test_every_file_of_a_run_is_there(every_verdict: Done) -> None:
    names = {path.name for path in every_verdict.folder.iterdir()}
    assert names >= {
        "results.json",
        "report.html",
        "evidence.html",
        "junit.xml",
        "instances.csv",
        "manifest.json",
    }


def test_strings_of_the_peer_are_escaped_in_the_report(every_verdict: Done) -> None:
    for name in ("report.html", "evidence.html"):
        text = (every_verdict.folder / name).read_text(encoding="utf-8")
        assert "<b>with</b>" not in text
        assert "\x1b[31m" not in text


def test_a_run_in_which_nothing_failed_exits_0(pacs: str, tmp_path: Path) -> None:
    source = HEAD + "def test_one(judge):\n    judge(found(Verdict.WARN))\n"
    done = run_scenarios(tmp_path, source, "--pacs", pacs)
    assert done.exit_code == 0
    assert done.results["summary"]["overall"] == "conformant"


def test_a_warning_fails_a_strict_run(pacs: str, tmp_path: Path) -> None:
    source = HEAD + "def test_one(judge):\n    judge(found(Verdict.WARN))\n"
    done = run_scenarios(tmp_path, source, "--pacs", pacs, "--pacs-strict")
    assert done.exit_code == 1
    failure = done.junit_case("test_one").find("failure")
    assert failure is not None
    assert str(failure.get("message")).startswith("WARN STA-02 ")


def test_a_run_of_skips_is_never_green(pacs: str, tmp_path: Path) -> None:
    source = HEAD + "def test_one(judge):\n    judge(found(Verdict.INCONCLUSIVE))\n"
    done = run_scenarios(tmp_path, source, "--pacs", pacs)
    assert done.exit_code == 5
    assert done.results["summary"]["overall"] == "nothing judged"


def test_a_run_without_scenarios_is_never_green(pacs: str, tmp_path: Path) -> None:
    done = run_scenarios(tmp_path, "", "--pacs", pacs)
    assert done.exit_code == 5


def test_a_fault_of_ours_alone_exits_3(pacs: str, tmp_path: Path) -> None:
    source = HEAD + "def test_one(judge):\n    raise ValueError('ours')\n"
    done = run_scenarios(tmp_path, source, "--pacs", pacs)
    assert done.exit_code == 3
    assert done.results["summary"]["overall"] == "harness error"


def test_workers_give_the_same_verdicts(pacs: str, tmp_path: Path, every_verdict: Done) -> None:
    done = run_scenarios(tmp_path, EVERY_VERDICT, "--pacs", pacs, "-n", "2")
    assert done.exit_code == 1

    def verdicts(run: Done) -> dict[str, str]:
        return {r["id"]: r["verdict"] for r in run.results["scenarios"]}

    assert verdicts(done) == verdicts(every_verdict)


def test_a_level_leaves_out_what_is_above_it(pacs: str, tmp_path: Path) -> None:
    source = (
        HEAD
        + """
@pytest.mark.level("safe")
def test_safe(judge):
    judge(found(Verdict.PASS))

def test_standard(judge):
    judge(found(Verdict.PASS))

@pytest.mark.level("disruptive")
def test_disruptive(judge):
    judge(found(Verdict.PASS))
"""
    )
    done = run_scenarios(tmp_path, source, "--pacs", pacs, "--pacs-level=safe")
    assert [r["id"] for r in done.results["scenarios"]] == ["test_made.py::test_safe"]
    assert done.results["level"] == "safe"


def test_a_session_without_a_target_is_left_alone(tmp_path: Path) -> None:
    done = run_scenarios(tmp_path, "def test_one():\n    assert True\n")
    assert done.exit_code == 0
    assert not done.folder.exists()


def test_passive_findings_in_order_do_not_turn_info_into_pass(pacs: str, tmp_path: Path) -> None:
    source = (
        HEAD
        + """
from conformance.driver.sending import contexts_of

def test_one(scu, judge):
    with scu.associate(contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])) as association:
        association.echo()
    judge(found(Verdict.INFO))
"""
    )
    done = run_scenarios(tmp_path, source, "--pacs", pacs)
    (record,) = done.results["scenarios"]
    assert record["verdict"] == "INFO"
    assert any(f["verdict"] == "PASS" for f in record["findings"])


def test_scenarios_that_cannot_be_read_are_a_fault_of_ours(pacs: str, tmp_path: Path) -> None:
    done = run_scenarios(tmp_path, "import no_such_module\n", "--pacs", pacs)
    assert done.exit_code == 3
    (record,) = done.results["scenarios"]
    assert record["verdict"] == "ERROR"
    assert "no_such_module" in record["error"]
