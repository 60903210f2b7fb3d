"""The user information that a target puts into its A-ASSOCIATE-AC (PS3.8 Annex D; PS3.7 D.3.3)."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.verdict.accepts import is_legal_uid
from conformance.verdict.dialogue import Dialogue
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Evidence, Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.items import Item, ItemType
from conformance.wire.pdu import Associate

_AC: Final = "A-ASSOCIATE-AC"

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "UI-MAX-01": Rule(expected="one Maximum Length sub-item (51H) of four bytes", unit=_AC),
        "UI-IMP-01": Rule(expected="one Implementation Class UID (52H) that is a UID", unit=_AC),
        "UI-IMP-04": Rule(
            expected="no Implementation Version Name (55H), or one of 1 to 16 characters of ISO 646", unit=_AC
        ),
        "UI-ASY-01": Rule(expected="no asynchronous operations window (53H) that was not offered", unit=_AC),
        "UI-ASY-02": Rule(expected="window numbers no higher than offered, 0 being the highest", unit="windows (53H)"),
        "UI-ASY-08": Rule(expected="one window sub-item of four bytes", unit="A-ASSOCIATE-AC with a window (53H)"),
        "UI-ROL-01": Rule(expected="no role selection (54H) for a SOP class without one in the request", unit=_AC),
        "UI-ROL-02": Rule(expected="role 1 only where 1 was proposed", unit="role selections (54H)"),
        "UI-ROL-03": Rule(expected="roles 0 or 1", unit="role selections (54H)"),
        "UI-EXT-01": Rule(
            expected="extended negotiation (56H) only for SOP classes that the request had it for, once each",
            unit="A-ASSOCIATE-AC with extended negotiation (56H)",
        ),
        "UI-CEX-01": Rule(expected="no common extended negotiation (57H)", unit=_AC),
        "UI-USR-02": Rule(expected="no server response (59H) without a user identity (58H)", unit=_AC),
        "UI-USR-03": Rule(
            expected="no server response (59H) where no positive response was requested",
            unit="A-ASSOCIATE-AC after a user identity without request for a response",
        ),
        "UL-AC-13": Rule(
            expected="53H, 54H, 56H and 59H only in reply to 53H, 54H, 56H and 58H; never 57H and 58H", unit=_AC
        ),
    }
)

_REPLY_TO: Final[Mapping[int, int]] = MappingProxyType(
    {
        ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW: ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW,
        ItemType.ROLE_SELECTION: ItemType.ROLE_SELECTION,
        ItemType.SOP_CLASS_EXTENDED_NEGOTIATION: ItemType.SOP_CLASS_EXTENDED_NEGOTIATION,
        ItemType.USER_IDENTITY_AC: ItemType.USER_IDENTITY_RQ,
    }
)
_NEVER: Final = (ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION, ItemType.USER_IDENTITY_RQ)


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter the user information of every A-ASSOCIATE-AC that the target sent."""
    request = dialogue.request
    for timed in dialogue.accepts:
        assert isinstance(timed.pdu, Associate)
        came = timed.pdu.user_items
        at = next((i.offset for i in timed.pdu.items if i.item_type == ItemType.USER_INFORMATION), 74)
        evidence = evidence_of(dialogue.transcript, timed, at=at)
        _judge_mandatory(ledger, came, evidence)
        _judge_window_form(ledger, came, evidence)
        if request is not None and len(dialogue.accepts) == 1:
            sent = request.user_items
            _judge_replies(ledger, came, sent, evidence)
            _judge_window(ledger, came, sent, evidence)
            _judge_roles(ledger, came, sent, evidence)
            _judge_extended(ledger, came, sent, evidence)
            _judge_identity(ledger, came, sent, evidence)


def _bodies(items: tuple[Item, ...], item_type: ItemType) -> list[bytes]:
    return [item.body for item in items if item.item_type == item_type]


def _judge_mandatory(ledger: Ledger, came: tuple[Item, ...], evidence: Evidence) -> None:
    lengths = [len(body) for body in _bodies(came, ItemType.MAXIMUM_LENGTH)]
    ledger.check(
        "UI-MAX-01",
        [] if lengths == [4] else [f"{len(lengths)} Maximum Length sub-items, lengths {lengths}"],
        evidence,
    )
    classes = [body.decode("latin-1") for body in _bodies(came, ItemType.IMPLEMENTATION_CLASS_UID)]
    good = len(classes) == 1 and is_legal_uid(classes[0])
    ledger.check("UI-IMP-01", [] if good else [f"{len(classes)} Implementation Class UIDs {classes}"], evidence)
    names = _bodies(came, ItemType.IMPLEMENTATION_VERSION_NAME)
    legal = [1 <= len(name) <= 16 and all(0x20 <= character <= 0x7E for character in name) for name in names]
    ledger.check(
        "UI-IMP-04",
        [] if len(names) <= 1 and all(legal) else [f"{len(names)} Implementation Version Names {names}"],
        evidence,
        verdict=Verdict.WARN,
        note="the sub-item is optional; peers with a field of 16 characters can fail on it",
    )


def _judge_window_form(ledger: Ledger, came: tuple[Item, ...], evidence: Evidence) -> None:
    lengths = [len(body) for body in _bodies(came, ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW)]
    if lengths:
        ledger.check("UI-ASY-08", [] if lengths == [4] else [f"{len(lengths)} windows, lengths {lengths}"], evidence)


def _judge_replies(ledger: Ledger, came: tuple[Item, ...], sent: tuple[Item, ...], evidence: Evidence) -> None:
    types, asked = Counter(i.item_type for i in came), {i.item_type for i in sent}
    unasked = [
        f"{reply:02X}H without {ask:02X}H" for reply, ask in _REPLY_TO.items() if types[reply] and ask not in asked
    ]
    never = [f"{item_type:02X}H" for item_type in _NEVER if types[item_type]]
    ledger.check("UL-AC-13", unasked + never, evidence)
    common = types[ItemType.SOP_CLASS_COMMON_EXTENDED_NEGOTIATION]
    ledger.check("UI-CEX-01", [f"{common} sub-items 57H"] if common else [], evidence)


def _judge_window(ledger: Ledger, came: tuple[Item, ...], sent: tuple[Item, ...], evidence: Evidence) -> None:
    answers = _bodies(came, ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW)
    offers = _bodies(sent, ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW)
    if not offers:
        ledger.check(
            "UI-ASY-01", ["an asynchronous operations window that was not offered"] if answers else [], evidence
        )
        return
    if [len(body) for body in (*offers, *answers)] != [4, 4]:
        return
    offered, answered = struct.unpack(">HH", offers[0]), struct.unpack(">HH", answers[0])
    higher = [f"{a} where {o} was offered" for o, a in zip(offered, answered, strict=True) if o and (a == 0 or a > o)]
    ledger.check("UI-ASY-02", higher, evidence)


def _roles(items: tuple[Item, ...]) -> list[tuple[str, int, int]] | None:
    """SOP class and both roles of each role selection; None where one is malformed."""
    found = []
    for body in _bodies(items, ItemType.ROLE_SELECTION):
        if len(body) < 4 or int.from_bytes(body[:2]) != len(body) - 4:
            return None
        found.append((body[2:-2].decode("latin-1").rstrip("\0 "), body[-2], body[-1]))
    return found


def _judge_roles(ledger: Ledger, came: tuple[Item, ...], sent: tuple[Item, ...], evidence: Evidence) -> None:
    offers, answers = _roles(sent), _roles(came)
    if offers is None:
        return
    if answers is None:
        ledger.deviates("UI-ROL-03", "a role selection whose UID-length does not fit", evidence)
        return
    offered = {uid for uid, _, _ in offers}
    ledger.check("UI-ROL-01", [f"a role selection for {uid}" for uid, _, _ in answers if uid not in offered], evidence)
    for uid, scu, scp in answers:
        ledger.check("UI-ROL-03", [] if {scu, scp} <= {0, 1} else [f"roles {scu}/{scp} for {uid}"], evidence)
        proposals = [(u, p) for o, u, p in offers if o == uid]
        if len(proposals) == 1:
            raised = scu > proposals[0][0] or scp > proposals[0][1]
            words = f"roles {scu}/{scp} for {uid}, proposed {proposals[0][0]}/{proposals[0][1]}"
            ledger.check("UI-ROL-02", [words] if raised else [], evidence)


def _judge_extended(ledger: Ledger, came: tuple[Item, ...], sent: tuple[Item, ...], evidence: Evidence) -> None:
    def classes(items: tuple[Item, ...]) -> list[bytes]:
        bodies = _bodies(items, ItemType.SOP_CLASS_EXTENDED_NEGOTIATION)
        return [body[2 : 2 + int.from_bytes(body[:2])].rstrip(b"\0 ") for body in bodies]

    offered, answered = set(classes(sent)), Counter(classes(came))
    if answered:
        faults = [f"{n} for {uid!r}" for uid, n in answered.items() if uid not in offered or n > 1]
        ledger.check("UI-EXT-01", faults, evidence)


def _judge_identity(ledger: Ledger, came: tuple[Item, ...], sent: tuple[Item, ...], evidence: Evidence) -> None:
    answers = _bodies(came, ItemType.USER_IDENTITY_AC)
    asked = _bodies(sent, ItemType.USER_IDENTITY_RQ)
    unasked = [f"{len(answers)} server responses"] if answers else []
    if not asked:
        ledger.check("UI-USR-02", unasked, evidence)
    # PS3.7 Table D.3-14: the second byte asks for a positive response.
    elif len(asked) == 1 and asked[0][1:2] == b"\0":
        ledger.check("UI-USR-03", unasked, evidence)
