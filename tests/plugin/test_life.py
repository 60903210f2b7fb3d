"""A target that dies is named as dead once, with the scenario that killed it; the rest is inconclusive."""

from __future__ import annotations

from pathlib import Path

from tests.plugin.runs import run_scenarios

SOURCE = '''
import os, signal
import pytest
from conformance.driver.sending import contexts_of
from conformance.plugin.run import current_run
from conformance.verdict import negotiation, responses

ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])

def test_a_before(scu, judge):
    with scu.associate(ECHO) as association:
        judge(responses.expect(association.echo(), "ECH-07", success=True))

def test_b_kills(peer, judge, scene):
    """Stands in for a stimulus that the target does not survive."""
    with peer.associated(ECHO) as connection:
        os.kill(int(os.environ["TARGET_PID"]), signal.SIGKILL)
        judge(responses.expect(connection.echo(context_id=1), "ECH-07", success=True))

def test_c_after(scu, judge):
    with scu.associate(ECHO) as association:
        judge(responses.expect(association.echo(), "ECH-07", success=True))

def test_d_after(scu, judge):
    with scu.associate(ECHO) as association:
        judge(responses.expect(association.echo(), "ECH-07", success=True))
'''


def test_a_dead_target_is_named_once(tmp_path: Path, monkeypatch: object) -> None:
    import subprocess
    import sys

    child = subprocess.Popen(
        [sys.executable, "-m", "conformance.target.embedded", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        address = child.stdout.readline().removeprefix("listening on ").strip()
        source = SOURCE.replace('os.environ["TARGET_PID"]', repr(child.pid))
        source = f"from conformance.plugin import life\nlife.REVIVAL_S = 0.5\n{source}"
        done = run_scenarios(tmp_path, source, "--pacs", f"EMBEDDED@{address}", "--pacs-readback=none")
    finally:
        child.kill()
        child.wait(10)
        if child.stdout is not None:
            child.stdout.close()
    assert done.exit_code == 1
    by_name = {r["id"].rpartition("::")[2]: r for r in done.results["scenarios"]}
    assert by_name["test_a_before"]["verdict"] == "PASS"
    assert by_name["test_b_kills"]["verdict"] == "FAIL"
    assert [f["verdict"] for f in by_name["test_b_kills"]["findings"] if f["requirement"] == "LIFE-01"] == ["FAIL"]
    for name in ("test_c_after", "test_d_after"):
        record = by_name[name]
        assert record["verdict"] == "INCONCLUSIVE"
        assert "test_b_kills" in record["findings"][0]["actual"]
