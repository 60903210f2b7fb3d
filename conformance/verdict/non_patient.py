"""Objects that belong to no patient (PS3.4 Annex GG): stored, and kept as they came where that can be seen."""

from __future__ import annotations

from typing import Final

from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict.difference import Difference, DifferenceKind
from conformance.verdict.fidelity import differences_of
from conformance.verdict.finding import Finding, Verdict, finding

_REQUIREMENT: Final = "ST-43"
_UNCHANGED: Final = "every attribute stored as sent; Type 3 and private ones may be added or modified"
# Channels that ask a query service of the information model, where these objects need not be (PS3.4 GG.1.2).
_BY_QUERY: Final = frozenset({"dimse", "dicomweb"})
_NOT_LISTED: Final = "PS3.4 GG.1.2: who stores these objects need not answer queries for them"
_WORST_FIRST: Final = (Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.PASS)


def kept_unchanged(sent: Instance, stored: ReadBackOutcome, exchange: OperationExchange) -> Finding:
    """Judge an acknowledged object against what the read-back found under its SOP Instance UID.

    Args:
        sent: The object; its C-STORE was acknowledged.
        stored: What the read-back found.
        exchange: The C-STORE.

    Returns:
        FAIL where it is not there or attributes are lost; WARN where values changed (PS3.4 GG.4.2 permits that for
        Type 3 and private attributes alone); INFO where the read-back asks a query service, which need not list it.
    """
    if isinstance(stored, NotReadable):
        return _unseen(stored)
    if not stored.copies:
        actual = f"acknowledged, and not found ({stored.channel})"
        if stored.channel in _BY_QUERY:
            return finding(_REQUIREMENT, Verdict.INFO, expected=_UNCHANGED, actual=actual, note=_NOT_LISTED)
        return finding(_REQUIREMENT, Verdict.FAIL, expected=_UNCHANGED, actual=actual)
    sent_in = exchange.sent.transfer_syntax_uid if exchange.sent else None
    found = [d for copy in stored.copies for d in differences_of(sent, copy, sent_transfer_syntax=sent_in)]
    changes = [d for d in found if d.permitted is None and d.kind is not DifferenceKind.ADDED]
    verdict = min(map(_verdict_of, changes), key=_WORST_FIRST.index, default=Verdict.PASS)
    actual = "; ".join(map(str, changes)) or f"stored as sent ({stored.channel})"
    return finding(_REQUIREMENT, verdict, expected=_UNCHANGED, actual=actual)


def _verdict_of(difference: Difference) -> Verdict:
    match difference.kind:
        case DifferenceKind.UNDECODABLE:
            return Verdict.INCONCLUSIVE
        case DifferenceKind.MISSING | DifferenceKind.ITEMS:
            return Verdict.FAIL
        case _:
            return Verdict.WARN


def _unseen(stored: NotReadable) -> Finding:
    actual = f"{stored.channel}: {stored.reason}"
    if stored.channel in _BY_QUERY:
        return finding(_REQUIREMENT, Verdict.INFO, expected=_UNCHANGED, actual=actual, note=_NOT_LISTED)
    return finding(_REQUIREMENT, Verdict.INCONCLUSIVE, expected=_UNCHANGED, actual=actual, note="no read-back")
