"""Scenarios of negotiation, PDUs and connections that no table of a family names: each, by itself, catches a fault."""

from __future__ import annotations

from typing import Final

import pytest

from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.faulty.registry import fault_named
from tests.scenarios.playing import caught_by_each, play

NEGOTIATION: Final = "test_negotiation.py"
COMPANIONS: Final = f"{NEGOTIATION}::test_companion_sop_classes"
MALFORMED: Final = "test_pdus_malformed.py"
WELL_FORMED: Final = "test_pdus_wellformed.py"
STATES: Final = "test_state_machine.py"
TRANSPORT: Final = "test_transport.py"
VERIFICATION: Final = "test_verification.py"
DISRUPTIVE: Final = ("--pacs-level=disruptive",)


def _companions(*rows: str) -> tuple[str, ...]:
    return tuple(f"{COMPANIONS}[{row}]" for row in rows)


CAUGHT: Final[dict[str, tuple[str, ...]]] = {
    "first-context-decides-for-its-class": (f"{NEGOTIATION}::test_default_transfer_syntax_in_a_context_of_its_own",),
    "closes-where-nothing-is-acceptable": (f"{NEGOTIATION}::test_only_an_unknown_abstract_syntax",),
    "rejects-for-a-retired-class": (f"{NEGOTIATION}::test_retired_storage_sop_classes",),
    "takes-no-presentation-states": _companions(
        "ST-28f-EnhancedMRImage-GrayscaleSoftcopyPresentationState",
        "ST-28g-EnhancedCTImage-GrayscaleSoftcopyPresentationState",
        "ST-28h-EnhancedMRColorImage-ColorSoftcopyPresentationState",
        "ST-28i-EnhancedPETImage-GrayscaleSoftcopyPresentationState",
    ),
    "takes-no-images-for-presentation": _companions(
        *(
            f"{row}-{kind}ImageStorageForProcessing-{kind}ImageStorageForPresentation"
            for row, kind in (
                ("ST-28a", "DigitalXRay"),
                ("ST-28b", "DigitalMammographyXRay"),
                ("ST-28c", "DigitalIntraOralXRay"),
                ("ST-28d", "IntravascularOpticalCoherenceTomography"),
                ("ST-28e", "BreastProjectionXRay"),
            )
        )
    ),
    "no-verification-beside-queries": (f"{VERIFICATION}::test_echo_beside_other_services",),
    "assumes-the-length-of-a-release-request": (
        f"{MALFORMED}::test_length_too_large[A-RELEASE-RQ-length too large-on the association]",
    ),
    "answers-in-http": (f"{MALFORMED}::test_another_protocol[HTTP request-on the association]",),
    "passes-over-odd-fragments": (f"{WELL_FORMED}::test_fragments_of_odd_length[7 bytes]",),
    "finds-no-room-to-answer": (f"{WELL_FORMED}::test_maximum_length_without_room[7]",),
    "loses-what-stands-behind-a-request": (f"{STATES}::test_event_in_the_same_write[Sta3-A-ABORT PDU]",),
    "one-buffer-for-all-requests": (f"{TRANSPORT}::test_stalled_peer",),
    "lingers-behind-a-request": (f"{TRANSPORT}::test_close_behind_a_request",),
    "one-node-in-ten-is-broken": (f"{VERIFICATION}::test_echo_on_ten_associations_in_turn",),
    "verifies-in-implicit-vr-alone": (f"{VERIFICATION}::test_echo_in_explicit_vr_only",),
    "takes-the-caller-for-the-called": (f"{VERIFICATION}::test_unknown_calling_ae_title",),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught_by_each_scenario(name: str) -> None:
    fault = fault_named(name)
    assert caught_by_each(name, *CAUGHT[name]).judged(fault.caught_as) >= set(fault.catches)


def test_the_same_scenarios_find_nothing_in_a_pacs_without_a_fault() -> None:
    scenarios = sorted({scenario for named in CAUGHT.values() for scenario in named})
    with EmbeddedPacs() as pacs:
        played = play(pacs, *scenarios, options=DISRUPTIVE)
    assert len(played.records) == len(scenarios)
    assert played.verdicts <= {Verdict.PASS, Verdict.INFO}, played.not_passed
