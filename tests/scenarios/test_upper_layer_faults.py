"""Each fault of the upper layer is caught by a named scenario, under the requirement that it declares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from conformance.driver import reacting
from conformance.plugin import life
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.verdict.finding import Verdict
from tests.faulty.registry import ARTIM_OF_A_SECOND, fault_named
from tests.scenarios.playing import play, play_fault
from tests.scp import Elsewhere

STATES: Final = "test_state_machine.py"
EVENT: Final = f"{STATES}::test_event"
AFTER: Final = f"{STATES}::test_event_after_the_end"
LOST: Final = f"{STATES}::test_many_connections_lost"
WELL_FORMED: Final = "test_pdus_wellformed.py"
MALFORMED: Final = "test_pdus_malformed.py"
REQUESTS: Final = "test_requests_malformed.py"
TRANSPORT: Final = "test_transport.py"
WITHOUT_REQUEST: Final = f"{TRANSPORT}::test_connection_without_a_request"
AFTER_THE_END: Final = f"{TRANSPORT}::test_connection_left_open_after_the_end"

DISRUPTIVE: Final = ("--pacs-level=disruptive",)
CAUGHT: Final = {
    "closes-without-an-abort": [f"{EVENT}[Sta6-A-ASSOCIATE-AC PDU]"],
    "passes-over-a-rejection": [f"{EVENT}[Sta6-A-ASSOCIATE-RJ PDU]"],
    "answers-a-second-request": [f"{EVENT}[Sta6-A-ASSOCIATE-RQ PDU]"],
    "aborts-instead-of-release": [f"{EVENT}[Sta6-A-RELEASE-RQ PDU]"],
    "passes-over-a-release-response": [f"{EVENT}[Sta6-A-RELEASE-RP PDU]"],
    "answers-an-abort": [f"{EVENT}[Sta6-A-ABORT PDU]"],
    "stays-open-after-an-abort": [f"{EVENT}[Sta6-A-ABORT PDU]", f"{STATES}::test_abort_with_any_values[0-5]"],
    "answers-an-abort-before-the-association": [f"{EVENT}[Sta2-A-ABORT PDU]"],
    "releases-what-is-not-there": [f"{EVENT}[Sta2-A-RELEASE-RQ PDU]"],
    "passes-over-data-before-the-association": [f"{EVENT}[Sta2-P-DATA-TF PDU]"],
    "second-association-on-a-connection": [
        f"{AFTER}[Sta13-A-ASSOCIATE-RQ PDU]",
        f"{STATES}::test_second_association_on_a_used_connection",
    ],
    "aborts-again-on-anything": [f"{AFTER}[Sta13-A-RELEASE-RQ PDU]"],
    "performs-after-the-end": [f"{AFTER}[Sta13-P-DATA-TF PDU]"],
    "aborts-as-user": [f"{EVENT}[Sta6-A-ASSOCIATE-AC PDU]"],
    "aborts-for-one-reason": [f"{EVENT}[Sta6-unrecognized or invalid PDU-type FFH]"],
    "completes-a-cut-pdu": [f"{MALFORMED}::test_cut_at_every_field[A-RELEASE-RQ]"],
    "keeps-places-of-lost-connections": [f"{LOST}[FIN-on the association]"],
    "keeps-places-before-the-association": [f"{LOST}[FIN-before the association]"],
    "no-artim-before-the-request": [WITHOUT_REQUEST],
    "first-byte-stops-artim": [WITHOUT_REQUEST],
    "every-byte-restarts-artim": [WITHOUT_REQUEST],
    "no-artim-after-the-end": [AFTER_THE_END],
    "artim-polices-the-association": [WITHOUT_REQUEST],
    "one-pdu-per-segment": [f"{TRANSPORT}::test_many_pdus_in_one_segment[twenty requests]"],
    "whole-pdus-only": [
        f"{TRANSPORT}::test_one_byte_per_segment",
        f"{TRANSPORT}::test_pause_at_every_field[P-DATA-TF]",
    ],
    "passes-over-unknown-types": [
        f"{EVENT}[Sta2-unrecognized or invalid PDU-type 00H]",
        f"{EVENT}[Sta6-unrecognized or invalid PDU-type FFH]",
        f"{MALFORMED}::test_every_unlisted_type[on the association]",
    ],
    "hangs-on-short-pdus": [f"{MALFORMED}::test_length_too_small[A-RELEASE-RP-length 0-on the association]"],
    "hangs-on-bad-values": [
        f"{MALFORMED}::test_presentation_data_value[item length 0]",
        f"{MALFORMED}::test_presentation_data_value[item length 4 GiB]",
    ],
    "checks-reserved-byte-of-p-data": [f"{WELL_FORMED}::test_reserved_byte_of_p_data[01H]"],
    "checks-reserved-bytes-of-release": [f"{WELL_FORMED}::test_reserved_bytes_of_a_release_request[byte 2]"],
    "checks-reserved-bytes-of-abort": [f"{WELL_FORMED}::test_reserved_bytes_of_an_abort[bytes 7-8]"],
    "checks-unused-control-bits": [f"{WELL_FORMED}::test_unused_bits_of_the_control_header[one fragment]"],
    "waits-behind-an-empty-fragment": [f"{WELL_FORMED}::test_empty_last_fragment"],
    "one-message-per-pdu": [f"{WELL_FORMED}::test_two_messages_in_one_pdu"],
    "accepts-even-context-ids": [f"{REQUESTS}::test_presentation_context[id 2]"],
    "accepts-context-ids-twice": [f"{REQUESTS}::test_context_id_used_twice[the same twice]"],
    "silent-without-contexts": [f"{REQUESTS}::test_association_request[no presentation context]"],
    "silent-about-blank-titles": [
        f"{REQUESTS}::test_association_request[blank called]",
        f"{REQUESTS}::test_association_request[blank calling]",
    ],
    "reads-what-it-can": [f"{REQUESTS}::test_association_request[length of 20H 65535]"],
    "guesses-a-transfer-syntax": [
        f"{REQUESTS}::test_presentation_context[no transfer syntax]",
        f"{REQUESTS}::test_presentation_context[transfer syntax of 65 characters]",
    ],
    "plain-titles-only": [f"{WELL_FORMED}::test_calling_ae_title_with_every_kind_of_character"],
    "knows-its-own-kind": [f"{WELL_FORMED}::test_any_implementation[dcm4che]"],
    "room-for-short-uids": [f"{WELL_FORMED}::test_128_contexts_with_long_uids"],
}


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that has no place, or no life, is not asked for long."""
    monkeypatch.setattr(reacting, "PLACES_S", 0.5)
    monkeypatch.setattr(life, "REVIVAL_S", 1.0)


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, *CAUGHT[name], options=DISRUPTIVE)
    assert len(played.records) == len(CAUGHT[name])
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named})
    with EmbeddedPacs(Settings(artim_s=1.0)) as pacs:
        played = play(pacs, *scenarios, options=(*DISRUPTIVE, *ARTIM_OF_A_SECOND))
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}, played.not_passed


@contextmanager
def _child(name: str) -> Iterator[Elsewhere]:
    """A faulty PACS in a process of its own."""
    command = [sys.executable, "-u", "-m", "tests.faulty.serve", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        title, _, rest = process.stdout.readline().removeprefix("listening on ").strip().partition("@")
        host, _, port = rest.partition(":")
        yield Elsewhere(ae_title=title, address=(host, int(port)))
    finally:
        process.kill()
        process.communicate()


def test_a_death_is_seen() -> None:
    scenario = f"{MALFORMED}::test_length_too_large[P-DATA-TF-4 GiB-on the association]"
    with _child("dies-of-4-gib") as pacs:
        played = play(pacs, scenario, options=DISRUPTIVE)
    assert Verdict.FAIL in played.verdicts
    assert "LIFE-01" in played.judged(Verdict.FAIL)
