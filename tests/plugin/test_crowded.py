"""A target that rejects for congestion or a limit is asked again, and not accused of what did not come about."""

from __future__ import annotations

from pathlib import Path

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from tests.plugin.runs import run_scenarios

ECHO = """
import threading
import pytest
from conformance.driver.endpoint import Endpoint
from conformance.driver.peer import Peer
from conformance.driver.recorder import Recorder
from conformance.driver.sending import contexts_of
from conformance.plugin.run import current_run
from conformance.verdict import negotiation
from conformance.verdict.finding import Verdict, finding

ECHO = contexts_of([("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))])
TAKEN = []

def occupied():
    taken = Peer(current_run().endpoint, Recorder())
    taken.associate(ECHO)
    TAKEN.append(taken)
"""

LEAVES = (
    ECHO
    + '''
def test_room_after_a_moment(peer, judge):
    """Somebody else has the only place at the first attempt."""
    if not TAKEN:
        occupied()
        threading.Timer(0.05, TAKEN[0].close).start()
    with peer() as connection:
        judge(negotiation.accepted(connection.associate(ECHO), "UL-RQ-21"))
        connection.release()
'''
)

STAYS = (
    ECHO
    + '''
def test_no_room_for_ever(peer, judge):
    """Somebody else keeps the only place."""
    if not TAKEN:
        occupied()
    with peer() as connection:
        connection.associate(ECHO)
        judge(finding("UL-RQ-21", Verdict.FAIL, expected="A-ASSOCIATE-AC", actual="something else"))
'''
)


def test_a_scenario_without_room_is_made_again(tmp_path: Path) -> None:
    with EmbeddedPacs(Settings(max_associations=1)) as pacs:
        target = f"{pacs.ae_title}@127.0.0.1:{pacs.address[1]}"
        done = run_scenarios(tmp_path, LEAVES, "--pacs", target, "--pacs-readback=none")
    assert done.verdict_of("test_room_after_a_moment") == "PASS", done.output
    (note,) = done.results["scenarios"][0]["notes"]
    assert note.startswith("made again as an association had been rejected as transient; before it was INCONCLUSIVE")


def test_a_limit_is_no_violation(tmp_path: Path) -> None:
    source = (
        f"from conformance.plugin import life, protocol\nlife.REVIVAL_S = 0.1\nprotocol._PAUSES_S = (0.1,)\n{STAYS}"
    )
    with EmbeddedPacs(Settings(max_associations=1)) as pacs:
        target = f"{pacs.ae_title}@127.0.0.1:{pacs.address[1]}"
        done = run_scenarios(tmp_path, source, "--pacs", target, "--pacs-readback=none", "--pacs-timeout=1")
    (record,) = done.results["scenarios"]
    (found,) = [f for f in record["findings"] if f["requirement"] == "UL-RQ-21"]
    assert (found["verdict"], found["note"]) == (
        "INCONCLUSIVE",
        "an association was rejected for congestion or a limit, which is the target's right",
    )
