"""The P-DATA-TF PDUs that a target sends: the maximum length, presentation data values, their order (PS3.8 D.1, E)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.observation.timeline import TimedPdu
from conformance.observation.transcript import EventKind
from conformance.verdict.dialogue import Dialogue, SeenMessage
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.items import ItemType
from conformance.wire.pdu import HEADER_BYTES, AbortPdu, PDataTF, Pdv, ReleaseRP

_LEAST_WORKABLE_BYTES: Final = 8
"""Room for a PDV item of two bytes: 4 length, 1 context id, 1 control header, 2 fragment."""
_LIMIT: Final = Rule(
    expected="PDU-length of each P-DATA-TF within the maximum that we announced", unit="P-DATA-TF PDUs"
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "PDV-22": _LIMIT,
        "UI-MAX-04": _LIMIT,
        "PDV-23": Rule(expected="answers in PDUs of any length after a maximum of 0", unit="P-DATA-TF PDUs"),
        "PDV-25": Rule(
            expected="A-ASSOCIATE-RJ or A-ABORT where the maximum has no room for a fragment", unit="P-DATA-TF PDUs"
        ),
        "PDV-05": Rule(expected="no PDV with a message control header alone", unit="PDVs"),
        "PDV-08": Rule(expected="bits 2-7 of the message control header zero", unit="PDVs"),
        "PDV-09": Rule(expected="all fragments of a message on one presentation context", unit="messages"),
        "PDV-10": Rule(expected="fragments of one message only in each P-DATA-TF", unit="P-DATA-TF PDUs"),
        "PDV-12": Rule(expected="fragments of even length", unit="PDVs"),
        "PDV-14": Rule(expected="a presentation context that was accepted", unit="PDVs"),
        "PDV-19": Rule(expected="messages that begin with their command set", unit="messages"),
        "PDV-20": Rule(expected="the whole command set, then the data set that it announces", unit="messages"),
        "PDV-21": Rule(expected="no data set after a command set with 0101H", unit="messages"),
        "CMD-01": Rule(expected="command sets in Implicit VR Little Endian", unit="command sets"),
    }
)
_ENDS: Final = frozenset(
    {EventKind.CLOSED, EventKind.RESET, EventKind.PEER_CLOSED, EventKind.PEER_RESET, EventKind.TIMED_OUT}
)
_ORDER: Final = ("PDV-09", "PDV-19", "PDV-20", "PDV-21")


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter every P-DATA-TF that the target sent."""
    limit = announced_limit(dialogue)
    agreed = dialogue.agreed_contexts
    # PS3.8 7.6.1 is ours to keep first: on a context that we used without agreement, an answer is no fault.
    misused_by_us = {message.context_id for message in dialogue.ours} - (agreed or {}).keys()
    for timed in dialogue.received:
        if not isinstance(timed.pdu, PDataTF):
            continue
        _judge_length(dialogue, ledger, timed, limit)
        for pdv in timed.pdu.pdvs:
            _judge_pdv(dialogue, ledger, timed, pdv, workable=not limit or limit >= _LEAST_WORKABLE_BYTES)
            if agreed is not None and pdv.context_id not in misused_by_us:
                faults = [] if pdv.context_id in agreed else [f"context {pdv.context_id}, which was not accepted"]
                ledger.check("PDV-14", faults, evidence_of(dialogue.transcript, timed, at=pdv.offset))
    _judge_order(dialogue, ledger)


def announced_limit(dialogue: Dialogue) -> int | None:
    """The maximum length that we announced, in bytes; 0 is no limit; None where we did not announce one properly."""
    own = dialogue.announcement
    if own is None:
        return None
    bodies = [item.body for item in own.user_items if item.item_type == ItemType.MAXIMUM_LENGTH]
    return own.maximum_length if len(bodies) == 1 and len(bodies[0]) == 4 else None


def _judge_length(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, limit: int | None) -> None:
    if limit is None:
        return
    if limit == 0:
        ledger.met("PDV-23")
        return
    length = len(timed.data) - HEADER_BYTES
    faults = [f"P-DATA-TF with PDU-length {length} after a maximum of {limit}"] if length > limit else []
    evidence = evidence_of(dialogue.transcript, timed)
    if limit < _LEAST_WORKABLE_BYTES:
        ledger.check("PDV-25", faults, evidence, verdict=Verdict.WARN, note="no fragment fits that maximum")
        return
    ledger.check("PDV-22", faults, evidence)
    ledger.check("UI-MAX-04", faults, evidence)


def _judge_pdv(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, pdv: Pdv, *, workable: bool) -> None:
    evidence = evidence_of(dialogue.transcript, timed, at=pdv.offset)
    size = len(pdv.fragment)
    ledger.check("PDV-08", [f"message control header {pdv.control:02X}H"] if pdv.control > 3 else [], evidence)
    if not workable:
        return
    ledger.check("PDV-05", [] if size else ["a PDV without a fragment"], evidence)
    ledger.check("PDV-12", [f"a fragment of {size} bytes"] if size % 2 else [], evidence)


def _judge_order(dialogue: Dialogue, ledger: Ledger) -> None:
    for fault in dialogue.misplaced:
        ledger.deviates(fault.requirement, fault.what, evidence_of(dialogue.transcript, fault.pdu, at=fault.at))
    unfinished = _unfinished(dialogue)
    for message, verdict, what in unfinished:
        words = f"a command set that announces a data set, then {what}"
        ledger.deviates("PDV-20", words, evidence_of(dialogue.transcript, message.pdu, at=message.at), verdict=verdict)
    if dialogue.misplaced or unfinished:
        return
    for _ in dialogue.theirs:
        for requirement in _ORDER:
            ledger.met(requirement)
    for timed in dialogue.received:
        if isinstance(timed.pdu, PDataTF):
            ledger.met("PDV-10")


def _unfinished(dialogue: Dialogue) -> list[tuple[SeenMessage, Verdict, str]]:
    """Messages whose data set never came to its end, though neither side aborted and we read on."""
    last = dialogue.theirs[-1] if dialogue.theirs else None
    if last is None or last.complete or dialogue.transcript.dropped_bytes:
        return []
    aborts = [pdu for pdu in (*dialogue.received, *dialogue.sent) if isinstance(pdu.pdu, AbortPdu)]
    if any(abort.t_s >= last.began_s for abort in aborts):
        return []
    if any(isinstance(pdu.pdu, ReleaseRP) and pdu.t_s >= last.began_s for pdu in dialogue.received):
        return [(last, Verdict.FAIL, "A-RELEASE-RP")]
    ended = next((e for e in dialogue.transcript.events if e.kind in _ENDS and e.t_s >= last.began_s), None)
    if ended is None or ended.kind in {EventKind.CLOSED, EventKind.RESET}:
        return []
    return [(last, Verdict.WARN, ended.kind.value)]
