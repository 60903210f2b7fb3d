"""The PDUs that a target sends: lengths, reserved fields, codes, and what may follow what (PS3.8 9.3, 9.2, 7)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.observation.timeline import TimedPdu
from conformance.observation.transcript import EventKind
from conformance.standard.association import (
    ABORT_REASONS,
    ABORT_SOURCES,
    REJECTION_REASONS,
    REJECTION_RESULTS,
    REJECTION_SOURCES,
    describe_abort,
    describe_rejection,
)
from conformance.verdict.dialogue import Dialogue
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.errors import WireError
from conformance.wire.items import Item, ItemType, decode_items
from conformance.wire.pdu import (
    HEADER_BYTES,
    AbortPdu,
    Associate,
    AssociateRJ,
    Pdu,
    PduType,
    ReleaseRP,
    ReleaseRQ,
    UnknownPdu,
    pdu_name,
    type_of,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "UL-PDU-01": Rule(
            expected="PDUs of a type that PS3.8 9.3.1 lists, with a big-endian length that fits", unit="PDUs"
        ),
        "UL-PDU-02": Rule(expected="reserved fields sent as zero", unit="PDUs"),
        "UL-PDU-05": Rule(expected="items in ascending order of their types", unit="association PDUs"),
        "UL-RJ-01": Rule(expected="type 03H, length 4", unit="A-ASSOCIATE-RJ"),
        "UL-RJ-02": Rule(expected="result 1 or 2", unit="A-ASSOCIATE-RJ"),
        "UL-RJ-03": Rule(expected="source 1, 2 or 3", unit="A-ASSOCIATE-RJ"),
        "UL-RJ-04": Rule(
            expected="source 1 with reason 1, 2, 3 or 7; source 2 with 1 or 2; source 3 with 1 or 2",
            unit="A-ASSOCIATE-RJ",
        ),
        "UL-RJ-07": Rule(expected="no PDU but A-ABORT after A-ASSOCIATE-RJ", unit="A-ASSOCIATE-RJ"),
        "UL-TCP-15": Rule(
            expected="congestion and local limits rejected as transient (result 2)",
            unit="A-ASSOCIATE-RJ for a limit",
        ),
        "UL-REL-01": Rule(expected="type 06H, length 4, four zero bytes", unit="A-RELEASE-RP"),
        "UL-REL-04": Rule(expected="nothing after A-RELEASE-RP", unit="A-RELEASE-RP"),
        "UL-REL-07": Rule(expected="no A-RELEASE-RQ from the association acceptor", unit="associations"),
        "UL-ABT-01": Rule(expected="type 07H, length 4, bytes 7 and 8 zero", unit="A-ABORT"),
        "UL-ABT-02": Rule(expected="source 0 or 2", unit="A-ABORT"),
        "UL-ABT-03": Rule(expected="with source 2, reason 0, 1, 2, 4, 5 or 6", unit="A-ABORT by the provider"),
        "UL-ABT-04": Rule(expected="with source 0, reason 0", unit="A-ABORT by the user"),
        "UL-ABT-10": Rule(expected="nothing but another A-ABORT after A-ABORT", unit="A-ABORT"),
        "PDV-16": Rule(expected="PDV item length of at least 2", unit="P-DATA-TF PDUs that cannot be decoded"),
        "PDV-17": Rule(expected="PDV items that end inside their PDU", unit="P-DATA-TF PDUs that cannot be decoded"),
        "PDV-18": Rule(expected="at least one PDV in each P-DATA-TF", unit="P-DATA-TF PDUs that cannot be decoded"),
        "UL-AC-01": Rule(
            expected="type 02H, exact length, items that fill it, protocol version with bit 0 set",
            unit="A-ASSOCIATE-AC",
        ),
    }
)

_FIXED_LENGTH: Final = frozenset((PduType.A_ASSOCIATE_RJ, PduType.A_RELEASE_RQ, PduType.A_RELEASE_RP, PduType.A_ABORT))
_STRUCTURE: Final[Mapping[int, str]] = MappingProxyType(
    {
        PduType.A_ASSOCIATE_AC: "UL-AC-01",
        PduType.A_ASSOCIATE_RJ: "UL-RJ-01",
        PduType.A_RELEASE_RP: "UL-REL-01",
        PduType.A_ABORT: "UL-ABT-01",
    }
)


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter every PDU that the target sent."""
    for timed in dialogue.received:
        if isinstance(timed.pdu, WireError):
            _judge_undecodable(dialogue, ledger, timed, timed.pdu)
        else:
            _judge_pdu(dialogue, ledger, timed, timed.pdu)
    if dialogue.target_is_acceptor:
        _judge_release_requests(dialogue, ledger)
    _judge_what_follows(dialogue, ledger)


def _judge_undecodable(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, error: WireError) -> None:
    evidence = evidence_of(dialogue.transcript, timed)
    if len(timed.data) < HEADER_BYTES:
        if _cut_by_the_target(dialogue):
            ledger.deviates("UL-PDU-01", f"the connection closed after {len(timed.data)} bytes of a PDU", evidence)
        return
    pdu_type, _, length = struct.unpack_from(">BBI", timed.data)
    if length == len(timed.data) - HEADER_BYTES:
        requirement = _STRUCTURE.get(pdu_type) or _data_requirement(pdu_type, error)
        ledger.deviates(requirement, str(error), evidence)
        return
    (swapped,) = struct.unpack_from("<I", timed.data, 2)
    name = pdu_name(pdu_type)
    if pdu_type not in set(PduType):
        ledger.deviates("UL-PDU-01", f"bytes that begin no PDU: type {pdu_type:02X}H", evidence)
    elif (pdu_type in _FIXED_LENGTH and length != 4) or swapped == len(timed.data) - HEADER_BYTES:
        ledger.deviates("UL-PDU-01", f"{name} with PDU-length {length}, {len(timed.data) - 6} bytes follow", evidence)
    elif _cut_by_the_target(dialogue):
        ledger.deviates(
            "UL-PDU-01",
            f"{name} with PDU-length {length}, the connection closed after {len(timed.data) - 6} bytes",
            evidence,
            verdict=Verdict.WARN,
            note="the target broke off inside a PDU",
        )


def _data_requirement(pdu_type: int, error: WireError) -> str:
    if pdu_type != PduType.P_DATA_TF:
        return "UL-PDU-01"
    if error.clause == "PS3.8 Table 9-22":
        return "PDV-18"
    return "PDV-16" if error.what.startswith("PDV item length") else "PDV-17"


def _cut_by_the_target(dialogue: Dialogue) -> bool:
    """Whether the stream ended by the target's doing, before we ended it and with nothing dropped by us."""
    ours = {EventKind.CLOSED, EventKind.RESET, EventKind.SEND_FAILED}
    for event in dialogue.transcript.events:
        if event.kind in ours:
            return False
        if event.kind is EventKind.PEER_CLOSED:
            aborted = any(isinstance(pdu.pdu, AbortPdu) for pdu in dialogue.sent)
            return not aborted and not dialogue.transcript.dropped_bytes
    return False


def _judge_pdu(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, pdu: Pdu) -> None:
    evidence = evidence_of(dialogue.transcript, timed)
    if isinstance(pdu, UnknownPdu):
        ledger.deviates("UL-PDU-01", f"a PDU of type {pdu.pdu_type:02X}H", evidence)
        return
    ledger.met("UL-PDU-01")
    reserved = _nonzero_reserved(pdu)
    at = reserved[0][0] if reserved else 0
    ledger.check(
        "UL-PDU-02",
        [f"{pdu_name(type_of(pdu))}: {what}" for _, what in reserved],
        evidence_of(dialogue.transcript, timed, at=at),
    )
    match pdu:
        case Associate():
            types = [item.item_type for item in pdu.items]
            shown = " ".join(f"{item_type:02X}H" for item_type in types)
            ledger.check("UL-PDU-05", [] if types == sorted(types) else [f"items in the order {shown}"], evidence)
        case AssociateRJ():
            _judge_rejection(ledger, pdu, dialogue, timed)
        case ReleaseRP():
            zero = pdu.reserved_7_10 == bytes(4)
            ledger.check("UL-REL-01", [] if zero else [f"bytes 7-10 are {pdu.reserved_7_10.hex(' ')}"], evidence)
        case AbortPdu():
            _judge_abort(ledger, pdu, dialogue, timed)
        case _:
            pass


def _judge_rejection(ledger: Ledger, pdu: AssociateRJ, dialogue: Dialogue, timed: TimedPdu) -> None:
    evidence = evidence_of(dialogue.transcript, timed)
    words = describe_rejection(pdu.result, pdu.source, pdu.reason)
    ledger.met("UL-RJ-01")
    ledger.check("UL-RJ-02", [] if pdu.result in REJECTION_RESULTS else [words], evidence)
    ledger.check("UL-RJ-03", [] if pdu.source in REJECTION_SOURCES else [words], evidence)
    if pdu.source in REJECTION_SOURCES:
        ledger.check("UL-RJ-04", [] if (pdu.source, pdu.reason) in REJECTION_REASONS else [words], evidence)
    if pdu.source == 3 and pdu.result in REJECTION_RESULTS:
        ledger.check(
            "UL-TCP-15",
            [words] if pdu.result == 1 else [],
            evidence,
            verdict=Verdict.WARN,
            note="permanent tells the requestor not to try again, though the limit passes",
        )


def _judge_abort(ledger: Ledger, pdu: AbortPdu, dialogue: Dialogue, timed: TimedPdu) -> None:
    evidence = evidence_of(dialogue.transcript, timed)
    words = describe_abort(pdu.source, pdu.reason)
    zero = pdu.reserved_7_8 == bytes(2)
    ledger.check("UL-ABT-01", [] if zero else [f"bytes 7-8 are {pdu.reserved_7_8.hex(' ')}"], evidence)
    ledger.check("UL-ABT-02", [] if pdu.source in ABORT_SOURCES else [words], evidence)
    if pdu.source == 2:
        ledger.check("UL-ABT-03", [] if pdu.reason in ABORT_REASONS else [words], evidence)
    elif pdu.source == 0:
        ledger.check("UL-ABT-04", [] if pdu.reason == 0 else [f"source 0 with reason {pdu.reason}"], evidence)


def _nonzero_reserved(pdu: Pdu) -> list[tuple[int, str]]:
    """Reserved fields that are not zero: where in the PDU, in bytes from 0, and in words with bytes from 1."""
    found = [(1, f"byte 2 is {pdu.reserved:02X}H")] if pdu.reserved else []
    match pdu:
        case Associate():
            if pdu.reserved_9_10 != bytes(2):
                found.append((8, f"bytes 9-10 are {pdu.reserved_9_10.hex(' ')}"))
            for item in pdu.items:
                found += _nonzero_in_item(item)
        case AssociateRJ(reserved_7=value) if value:
            found.append((6, f"byte 7 is {value:02X}H"))
        case AbortPdu(reserved_7_8=value) | ReleaseRQ(reserved_7_10=value) | ReleaseRP(reserved_7_10=value) if any(
            value
        ):
            found.append((6, f"bytes from 7 on are {value.hex(' ')}"))
        case _:
            pass
    return found


def _nonzero_in_item(item: Item) -> list[tuple[int, str]]:
    name = f"item {item.item_type:02X}H"
    found = [(item.offset + 1, f"byte 2 of {name} is {item.reserved:02X}H")] if item.reserved else []
    fixed: tuple[int, ...] = ()
    match item.item_type:
        case ItemType.PRESENTATION_CONTEXT_AC:
            fixed, subs = (5, 7), decode_items(item.body[4:], base=item.offset + 8)
        case ItemType.PRESENTATION_CONTEXT_RQ:
            fixed, subs = (5, 6, 7), decode_items(item.body[4:], base=item.offset + 8)
        case ItemType.USER_INFORMATION:
            subs = decode_items(item.body, base=item.offset + 4)
        case _:
            return found
    # PS3.8 Table 9-18: bytes 6 and 8; Table 9-13: bytes 6 to 8.
    found += [
        (item.offset + at, f"byte {at + 1} of {name} is {item.body[at - 4]:02X}H") for at in fixed if item.body[at - 4]
    ]
    for sub in subs:
        if sub.reserved:
            found.append((sub.offset + 1, f"byte 2 of sub-item {sub.item_type:02X}H is {sub.reserved:02X}H"))
    return found


def _judge_release_requests(dialogue: Dialogue, ledger: Ledger) -> None:
    if not dialogue.accepts:
        return
    requests = [timed for timed in dialogue.received if isinstance(timed.pdu, ReleaseRQ)]
    if not requests:
        ledger.met("UL-REL-07")
    for timed in requests:
        ledger.deviates("UL-REL-07", "A-RELEASE-RQ from the acceptor", evidence_of(dialogue.transcript, timed))


_LAST_WORDS: Final[Mapping[type, str]] = MappingProxyType(
    {ReleaseRP: "UL-REL-04", AssociateRJ: "UL-RJ-07", AbortPdu: "UL-ABT-10"}
)


def _judge_what_follows(dialogue: Dialogue, ledger: Ledger) -> None:
    """After A-RELEASE-RP, A-ASSOCIATE-RJ and A-ABORT the target has nothing more to say (PS3.8 7.2.2.4, Table 9-10)."""
    for index, timed in enumerate(dialogue.received):
        requirement = _LAST_WORDS.get(type(timed.pdu))
        if requirement is None:
            continue
        after_release = requirement == "UL-REL-04"
        # Table 9-10, Sta13: a new request or an invalid PDU of ours draws A-ABORT, after a release too.
        abort_is_legal = not after_release or _sent_behind_release(dialogue)
        followers = [
            later
            for later in dialogue.received[index + 1 :]
            if not isinstance(later.pdu, WireError) and not (abort_is_legal and isinstance(later.pdu, AbortPdu))
        ]
        if followers and not isinstance(followers[0].pdu, WireError):
            name = pdu_name(type_of(followers[0].pdu))
            own = "A-RELEASE-RP" if after_release else pdu_name(timed.data[0])
            ledger.deviates(requirement, f"{name} after {own}", evidence_of(dialogue.transcript, followers[0]))
        elif _was_put_to_the_test(dialogue, timed, after_release=after_release):
            ledger.met(requirement)
        return


def _sent_behind_release(dialogue: Dialogue) -> bool:
    """Whether we sent anything behind an A-RELEASE-RQ of ours."""
    requests = [index for index, sent in enumerate(dialogue.sent) if isinstance(sent.pdu, ReleaseRQ)]
    return bool(requests) and requests[0] < len(dialogue.sent) - 1


def _was_put_to_the_test(dialogue: Dialogue, timed: TimedPdu, *, after_release: bool) -> bool:
    """Whether we read on, and after a rejection or an abort also sent something that could have drawn an answer."""
    sent_more = any(pdu.t_s > timed.t_s for pdu in dialogue.sent)
    return dialogue.reading_ended_after(timed.t_s) and (after_release or sent_more)
