"""The A-ASSOCIATE-AC that a target sends, beside the A-ASSOCIATE-RQ that it answers (PS3.8 Table 9-17, 9.3.3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.observation.timeline import TimedPdu
from conformance.standard.association import CONTEXT_RESULTS
from conformance.verdict.dialogue import Dialogue
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Evidence, Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.items import DICOM_APPLICATION_CONTEXT, ContextResult, Item, ItemType, decode_items
from conformance.wire.pdu import Associate

_AC: Final = "A-ASSOCIATE-AC"

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "UL-AC-02": Rule(expected="bytes 11-26 as in the A-ASSOCIATE-RQ", unit=_AC),
        "UL-AC-03": Rule(expected="bytes 27-42 as in the A-ASSOCIATE-RQ", unit=_AC),
        "UL-AC-04": Rule(expected="bytes 43-74 as in the A-ASSOCIATE-RQ", unit=_AC),
        "UL-AC-05": Rule(expected="one application context item and one user information item", unit=_AC),
        "UL-AC-06": Rule(expected="one result for each proposed context, and no other", unit=_AC),
        "UL-AC-07": Rule(expected="result 0, 1, 2, 3 or 4", unit="context results"),
        "UL-AC-08": Rule(
            expected="one transfer syntax in each accepted context, out of those offered in it",
            unit="accepted contexts",
        ),
        "UL-AC-09": Rule(expected="one transfer syntax sub-item, of any value", unit="rejected contexts"),
        "UL-AC-10": Rule(expected="no abstract syntax sub-item", unit="context results"),
        "UL-AC-12": Rule(expected="UIDs without padding, of 1 to 64 characters, as PS3.5 9.1 has them", unit=_AC),
        "UL-RQ-13": Rule(expected=f"application context name {DICOM_APPLICATION_CONTEXT}", unit=_AC),
        "UL-RQ-19": Rule(expected="at most one accepted context for an id proposed twice", unit=_AC),
        "UL-RQ-25": Rule(expected="contexts accepted or rejected one by one", unit="A-ASSOCIATE-AC with both results"),
    }
)

# PS3.5 9.1: components of digits without a leading zero.
_UID: Final = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_AE_TITLE: Final = re.compile(rb"[ -\[\]-~]{16}")


def is_legal_uid(uid: str) -> bool:
    """Whether a string is a UID without padding (PS3.5 9.1, PS3.8 Annex F)."""
    return len(uid) <= 64 and _UID.fullmatch(uid) is not None


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter every A-ASSOCIATE-AC that the target sent."""
    request = dialogue.request
    for timed in dialogue.accepts:
        accept = timed.pdu
        assert isinstance(accept, Associate)
        evidence = evidence_of(dialogue.transcript, timed)
        version_ok = bool(accept.protocol_version & 1)
        ledger.check(
            "UL-AC-01",
            [] if version_ok else [f"protocol version {accept.protocol_version:04X}H"],
            evidence_of(dialogue.transcript, timed, at=6),
        )
        _judge_structure(ledger, accept, evidence)
        for result in accept.context_results:
            _judge_result(ledger, result, evidence_of(dialogue.transcript, timed, at=result.offset))
        padded_by_us = _padded_uids(request)
        _judge_uids(ledger, accept, evidence, padded_by_us)
        if request is not None and len(dialogue.accepts) == 1:
            _judge_echoes(dialogue, ledger, timed, accept, request)
            _judge_contexts(dialogue, ledger, timed, accept, request)


def _judge_structure(ledger: Ledger, accept: Associate, evidence: Evidence) -> None:
    counts = Counter(item.item_type for item in accept.items)
    wanted = {ItemType.APPLICATION_CONTEXT: "application context", ItemType.USER_INFORMATION: "user information"}
    faults = [f"{counts[t]} {name} items" for t, name in wanted.items() if counts[t] != 1]
    ledger.check("UL-AC-05", faults, evidence)


def _judge_result(ledger: Ledger, result: ContextResult, evidence: Evidence) -> None:
    where = f"context {result.context_id}"
    known = result.result in CONTEXT_RESULTS
    ledger.check("UL-AC-07", [] if known else [f"{where} with result {result.result}"], evidence)
    ledger.check(
        "UL-AC-10", [f"{where} with an abstract syntax sub-item"] if result.abstract_syntaxes else [], evidence
    )
    if not result.accepted:
        count = len(result.transfer_syntaxes)
        ledger.check(
            "UL-AC-09",
            [] if count == 1 else [f"rejected {where} with {count} transfer syntax sub-items"],
            evidence,
            verdict=Verdict.INFO,
            note="PS3.8 9.3.3.2 has one by structure, Table 9-18 calls it not significant; some peers need it",
        )


def _judge_uids(ledger: Ledger, accept: Associate, evidence: Evidence, padded_by_us: frozenset[str]) -> None:
    uids = [(uid, "application context") for uid in accept.application_contexts]
    uids += [
        (uid, f"transfer syntax of context {r.context_id}")
        for r in accept.context_results
        if r.accepted
        for uid in r.transfer_syntaxes
    ]
    uids += [
        (item.body.decode("latin-1"), "implementation class")
        for item in accept.user_items
        if item.item_type == ItemType.IMPLEMENTATION_CLASS_UID
    ]
    bad = [(uid, what) for uid, what in uids if not is_legal_uid(uid)]
    echoed = bool(bad) and all(uid in padded_by_us for uid, _ in bad)
    ledger.check(
        "UL-AC-12",
        [f"{what} {uid!r}" for uid, what in bad],
        evidence,
        verdict=Verdict.WARN if echoed else Verdict.FAIL,
        note="an echo of what we sent; the target itself shall not pad" if echoed else "",
    )


def _padded_uids(request: Associate | None) -> frozenset[str]:
    if request is None:
        return frozenset()
    syntaxes = (uid for context in request.proposed_contexts for uid in context.transfer_syntaxes)
    return frozenset(uid for uid in (*syntaxes, *request.application_contexts) if not is_legal_uid(uid))


def _judge_echoes(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, accept: Associate, request: Associate) -> None:
    titles = (
        ("UL-AC-02", 10, accept.called_ae_title, request.called_ae_title),
        ("UL-AC-03", 26, accept.calling_ae_title, request.calling_ae_title),
    )
    for requirement, at, came, sent in titles:
        if not _AE_TITLE.fullmatch(sent):
            continue
        # PS3.8 Table 9-11: leading and trailing spaces are not significant.
        same_title = came.strip(b" \0") == sent.strip(b" ")
        ledger.check(
            requirement,
            [] if came == sent else [f"{came!r} where the request had {sent!r}"],
            evidence_of(dialogue.transcript, timed, at=at),
            verdict=Verdict.WARN if same_title else Verdict.FAIL,
            note="the same title, padded otherwise; receivers shall not test it" if same_title else "",
        )
    came, sent = accept.reserved_43_74, request.reserved_43_74
    zeros = came == bytes(32)
    ledger.check(
        "UL-AC-04",
        [] if came == sent else [f"{'zeros' if zeros else came.hex(' ')} where the request had {sent.hex(' ')}"],
        evidence_of(dialogue.transcript, timed, at=42),
        verdict=Verdict.INFO if zeros else Verdict.FAIL,
        note="common, and receivers shall not test it" if zeros else "",
    )
    if request.application_contexts == (DICOM_APPLICATION_CONTEXT,) and accept.application_contexts:
        names = [name for name in accept.application_contexts if name.rstrip("\0 ") != DICOM_APPLICATION_CONTEXT]
        ledger.check(
            "UL-RQ-13",
            [f"application context name {name!r}" for name in names],
            evidence_of(dialogue.transcript, timed, at=74),
        )


def _judge_contexts(dialogue: Dialogue, ledger: Ledger, timed: TimedPdu, accept: Associate, request: Associate) -> None:
    evidence = evidence_of(dialogue.transcript, timed, at=74)
    results = accept.context_results
    offered = {
        context.context_id: {uid.rstrip("\0 ") for uid in context.transfer_syntaxes}
        for context in request.proposed_contexts
    }
    proposed = Counter(context.context_id for context in request.proposed_contexts)
    answered = Counter(result.context_id for result in results)
    twice = [i for i, n in proposed.items() if n > 1]
    if twice:
        accepted = Counter(result.context_id for result in results if result.accepted)
        faults = [f"{accepted[i]} accepted contexts with id {i}" for i in twice if accepted[i] > 1]
        ledger.check("UL-RQ-19", faults, evidence)
        return
    if proposed and _contexts_are_well_formed(request):
        ledger.check(
            "UL-AC-06",
            [
                *(f"no result for context {i}" for i in proposed if i not in answered),
                *(f"{n} results for context {i}" for i, n in answered.items() if i in proposed and n > 1),
                *(f"a result for context {i}, which was not proposed" for i in answered if i not in proposed),
            ],
            evidence,
        )
    for result in results:
        if not result.accepted or not offered.get(result.context_id):
            continue
        bare = [uid.rstrip("\0 ") for uid in result.transfer_syntaxes]
        good = len(bare) == 1 and bare[0] in offered[result.context_id]
        ledger.check(
            "UL-AC-08",
            [] if good else [f"context {result.context_id} accepted with {', '.join(bare) or 'no transfer syntax'}"],
            evidence_of(dialogue.transcript, timed, at=result.offset),
        )
    if len({result.accepted for result in results}) == 2:
        ledger.met("UL-RQ-25")


def _contexts_are_well_formed(request: Associate) -> bool:
    return all(_is_well_formed(i) for i in request.items if i.item_type == ItemType.PRESENTATION_CONTEXT_RQ)


def _is_well_formed(item: Item) -> bool:
    """Odd id, one abstract syntax, at least one transfer syntax (PS3.8 9.3.2.2)."""
    counts = Counter(sub.item_type for sub in decode_items(item.body[4:], base=item.offset + 8))
    odd = item.body[0] % 2 == 1
    return odd and counts[ItemType.ABSTRACT_SYNTAX] == 1 and counts[ItemType.TRANSFER_SYNTAX] >= 1
