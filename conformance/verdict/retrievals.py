"""C-GET and C-MOVE after a store: what is brought, how it is counted, and in which encoding (PS3.4 C.4.2, C.4.3).

Pure judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments

from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange
from conformance.observation.outcomes import Accepted, Response
from conformance.observation.queries import Retrieved
from conformance.standard.statuses import StatusClass, status_class
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.few import few
from conformance.verdict.finding import Finding, Verdict, finding
from conformance.verdict.responses import NOTHING, Reactions, actual, expect
from conformance.wire.command import Tag
from conformance.wire.items import ItemType

_IDENTIFIER_MISMATCH: Final = (0xA900, range(0xC000, 0xD000))
_MOVE_DESTINATION_UNKNOWN: Final = 0xA801


def brought_all(
    retrieved: Retrieved, wanted: Collection[str], requirement: str = "QR-31", *, unusual: bool = False
) -> Finding:
    """A retrieval brings all instances below its level, and no others (QR-31).

    Args:
        retrieved: The retrieval.
        wanted: The SOP Instance UIDs of what it names.
        requirement: The requirement's id.
        unusual: Whether few ask so: a Failure is a WARN then, while Success without all is as wrong as ever.
    """
    expected = f"Success, and {len(wanted)} instances, each once"
    if retrieved.exchange.status != 0:
        reported = Reactions(failure=True) if unusual else Reactions(codes=(0xA701, 0xA702))
        return expect(retrieved.exchange, requirement, success=True, reported=reported, note=expected)
    counted = Counter(one.sop_instance_uid for one in retrieved.brought)
    faults = [f"{uid} is not brought" for uid in wanted if uid not in counted]
    faults += [f"{uid} was not asked for" for uid in counted if uid not in wanted]
    faults += [f"{uid} came {times} times" for uid, times in counted.items() if times > 1]
    return _judged(retrieved, requirement, faults, expected=expected, fine=f"{len(retrieved.brought)} instances")


def priority_of_sub_operations(retrieved: Retrieved, priority: int) -> Finding:
    """Sub-operations have the priority of the retrieval (QR-30).

    PS3.4 C.4.3.1.2 says that the same priority shall be used for all sub-operations, and also that processing of
    priorities is not required: one other priority for all of them is a WARN, and several priorities are a FAIL.
    """
    expected = f"Priority {priority} in each C-STORE-RQ"
    seen = list(dict.fromkeys(one.command.number(Tag.PRIORITY) for one in retrieved.brought))
    if not seen:
        words = f"nothing brought; {actual(retrieved.exchange)}"
        return finding("QR-30", Verdict.INCONCLUSIVE, expected=expected, actual=words)
    faults = [f"Priority {value}" for value in seen if value != priority]
    otherwise = Verdict.WARN if len(seen) == 1 else Verdict.FAIL
    fine = f"{len(retrieved.brought)} C-STORE-RQ with it"
    return _judged(retrieved, "QR-30", faults, expected=expected, fine=fine, otherwise=otherwise)


def roles_granted(association: AssociationExchange) -> frozenset[str]:
    """The SOP classes of which the acceptor agrees that the requestor is an SCP (PS3.7 D.3.3.4)."""
    if not isinstance(association.outcome, Accepted):
        return frozenset()
    return frozenset(
        item.body[2:-2].decode("latin-1").rstrip("\0 ")
        for item in association.outcome.associate.user_items
        if item.item_type == ItemType.ROLE_SELECTION and item.body[-1:] == b"\1"
    )


def roles_of_sub_operations(association: AssociationExchange, retrieved: Retrieved) -> Finding:
    """Sub-operations of a C-GET come only where we were granted the SCP role (UI-ROL-05)."""
    expected = "54H with SCP role 1 for the SOP class of each C-STORE-RQ"
    if not isinstance(association.outcome, Accepted) or not retrieved.brought:
        return finding(
            "UI-ROL-05",
            Verdict.INCONCLUSIVE,
            expected=expected,
            actual=f"nothing brought; {actual(retrieved.exchange)}",
        )
    granted = roles_granted(association)
    used = dict.fromkeys(one.command.affected_sop_class_uid or "" for one in retrieved.brought)
    faults = [f"C-STORE-RQ of {uid}, for which the role was not granted" for uid in used if uid not in granted]
    return _judged(retrieved, "UI-ROL-05", faults, expected=expected, fine=f"granted for {len(granted)} SOP classes")


def nothing_without_a_role(retrieved: Retrieved) -> Finding:
    """Where the requestor proposed no role it is no SCP, and a C-GET has nothing that it could send (UI-ROL-05).

    That no role was proposed is our doing: what comes all the same, or is called a success, is no more than a WARN.
    """
    expected = "a Failure or Warning status, and no C-STORE-RQ"
    if retrieved.brought:
        words = f"{len(retrieved.brought)} C-STORE-RQ; {actual(retrieved.exchange)}"
        return _judged(retrieved, "UI-ROL-05", [words], expected=expected, fine="", otherwise=Verdict.WARN)
    return expect(
        retrieved.exchange,
        "UI-ROL-05",
        failure=True,
        warning=True,
        abort=True,
        otherwise=Verdict.WARN,
        note="no role was proposed",
    )


def statuses_counted(retrieved: Retrieved, *, total: int) -> Finding:
    """The final response tells how the sub-operations went, as we answered them (QR-25).

    Args:
        retrieved: A C-GET.
        total: How many sub-operations there were to be.
    """
    requirement = "QR-25"
    classes = Counter(status_class(one.answered) for one in retrieved.brought)
    failed, warned = classes[StatusClass.FAILURE], classes[StatusClass.WARNING]
    expected = f"B000H with {failed} failed and {warned} warnings"
    outcome = retrieved.exchange.outcome
    if len(retrieved.brought) != total or not isinstance(outcome, Response):
        words = f"{len(retrieved.brought)} of {total} sub-operations; {actual(retrieved.exchange)}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=words)
    if failed == total:
        return expect(
            retrieved.exchange, requirement, failure=True, reported=Reactions(warning=True), note="every one failed"
        )
    if not failed and not warned:
        return expect(retrieved.exchange, requirement, success=True)
    return expect(retrieved.exchange, requirement, warning=True, note=expected)


def counted_as_answered(retrieved: Retrieved, *, total: int) -> Finding:
    """The final response counts each sub-operation once, by the status that it was answered with (QR-27).

    Args:
        retrieved: A C-GET.
        total: How many sub-operations there were to be.
    """
    classes = Counter(status_class(one.answered) for one in retrieved.brought)
    answered = {
        Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS: classes[StatusClass.SUCCESS],
        Tag.NUMBER_OF_FAILED_SUBOPERATIONS: classes[StatusClass.FAILURE],
        Tag.NUMBER_OF_WARNING_SUBOPERATIONS: classes[StatusClass.WARNING],
    }
    expected = f"{', '.join(str(count) for count in answered.values())} (completed, failed, warning), as answered"
    outcome = retrieved.exchange.outcome
    if len(retrieved.brought) != total or not isinstance(outcome, Response):
        words = f"{len(retrieved.brought)} of {total} sub-operations; {actual(retrieved.exchange)}"
        return finding("QR-27", Verdict.INCONCLUSIVE, expected=expected, actual=words)
    counted = {tag: outcome.command.number(tag) for tag in answered}
    shown = ", ".join("absent" if count is None else str(count) for count in counted.values())
    wrong = any(count not in (None, answered[tag]) for tag, count in counted.items())
    return _judged(retrieved, "QR-27", [shown] if wrong else [], expected=expected, fine=shown)


def failed_for_want_of_a_context(retrieved: Retrieved, possible: Collection[str], *, failed: int) -> Finding:
    """Instances whose context was not offered are counted as failed, and the others are brought (QR-29)."""
    expected = f"{len(possible)} instances brought, {failed} sub-operations failed, B000H"
    outcome = retrieved.exchange.outcome
    if not isinstance(outcome, Response):
        return expect(retrieved.exchange, "QR-29", warning=True)
    came = {one.sop_instance_uid for one in retrieved.brought}
    faults = [f"{uid} is not brought" for uid in possible if uid not in came]
    counted = outcome.command.number(Tag.NUMBER_OF_FAILED_SUBOPERATIONS)
    if counted is not None and counted != failed:
        faults.append(f"{counted} failed sub-operations are counted")
    if outcome.command.status == 0:
        faults.append("status 0000H")
    return _judged(retrieved, "QR-29", faults, expected=expected, fine=actual(retrieved.exchange))


def unknown_destination(retrieved: Retrieved) -> Finding:
    """A C-MOVE to a destination that nobody knows is refused with A801; another Failure is a WARN (QR-24)."""
    return expect(retrieved.exchange, "QR-24", codes=(_MOVE_DESTINATION_UNKNOWN,), reported=Reactions(failure=True))


def key_that_is_not_unique(retrieved: Retrieved) -> Finding:
    """A retrieval with another key than unique ones is refused, or the key is ignored, and never chooses (QR-32).

    Args:
        retrieved: Of a study that is not there, with a key that everything stored would match.
    """
    expected = "A900H or Cxxx; nothing brought"
    if retrieved.brought:
        words = f"{len(retrieved.brought)} instances brought"
        return _judged(retrieved, "QR-32", [words], expected=expected, fine="")
    reported = Reactions(success=True, failure=True, warning=True)
    return expect(retrieved.exchange, "QR-32", codes=_IDENTIFIER_MISMATCH, reported=reported, reported_as=Verdict.INFO)


def on_another_association(retrieved: Retrieved, arrived: Mapping[str, int]) -> Finding:
    """The sub-operations of a C-MOVE come to the destination, and not on the association of the C-MOVE (QR-22).

    Args:
        retrieved: The C-MOVE.
        arrived: How often each instance came to the destination.
    """
    expected = f"{len(arrived)} instances at the destination, none on the association of the C-MOVE"
    if retrieved.exchange.status != 0:
        reported = Reactions(failure=True, warning=True)
        return expect(retrieved.exchange, "QR-22", success=True, reported=reported, reported_as=Verdict.INCONCLUSIVE)
    faults = [f"{len(retrieved.brought)} C-STORE-RQ on the association"] if retrieved.brought else []
    faults += [f"{uid} came {times} times" for uid, times in arrived.items() if times != 1]
    return _judged(retrieved, "QR-22", faults, expected=expected, fine=f"{len(arrived)} arrived")


def arrived_all(retrieved: Retrieved, arrived: Mapping[str, int]) -> Finding:
    """A C-MOVE that ends in Success has brought all instances below its level to the destination (QR-31).

    Args:
        retrieved: The C-MOVE.
        arrived: How often each instance that is stored below the level came to the destination.
    """
    expected = f"{len(arrived)} instances at the destination"
    if retrieved.exchange.status != 0:
        reported = Reactions(failure=True, warning=True)
        return expect(retrieved.exchange, "QR-31", success=True, reported=reported, reported_as=Verdict.INCONCLUSIVE)
    faults = [f"{uid} is not brought" for uid, times in arrived.items() if not times]
    return _judged(retrieved, "QR-31", faults, expected=expected, fine=f"{len(arrived)} arrived")


def move_originator(originators: Sequence[tuple[str | None, int | None]], ae_title: str, message_id: int) -> Finding:
    """A C-STORE-RQ of a C-MOVE names who asked for it, or nobody (QR-23).

    Args:
        originators: Move Originator AE Title and Message ID of each C-STORE-RQ.
        ae_title: Ours, as the invoker of the C-MOVE.
        message_id: The C-MOVE-RQ's.
    """
    expected = ("no move originator", f"{ae_title} and Message ID {message_id}")
    if not originators:
        return finding("QR-23", Verdict.INCONCLUSIVE, expected=expected, actual="nothing arrived")
    faults = [
        f"Move Originator {title!r}, Message ID {number}"
        for title, number in dict.fromkeys(originators)
        if (title is not None and title.strip(" ") != ae_title) or (number is not None and number != message_id)
    ]
    return finding(
        "QR-23",
        Verdict.FAIL if faults else Verdict.PASS,
        expected=expected,
        actual=few(faults) if faults else f"right or absent in {len(originators)} C-STORE-RQ",
    )


def in_the_syntax_of_its_context(retrieved: Retrieved, requirement: str = "QR-34") -> Finding:
    """What a C-GET brings can be read to its end in the transfer syntax of its context (QR-34)."""
    expected = "data sets in the transfer syntax of their context"
    if not retrieved.brought:
        return finding(
            requirement, Verdict.INCONCLUSIVE, expected=expected, actual=f"nothing; {actual(retrieved.exchange)}"
        )
    faults = [f"{one.sop_instance_uid}: {one.defect}" for one in retrieved.brought if one.defect]
    return _judged(retrieved, requirement, faults, expected=expected, fine=f"{len(retrieved.brought)} data sets")


def given_in_the_default_syntax(retrieved: Retrieved, *, obliged: bool) -> Finding:
    """Who resends what came losslessly compressed is able to give it in the default transfer syntax (QR-33).

    Args:
        retrieved: A C-GET that offers Implicit VR Little Endian alone.
        obliged: Whether the instance was losslessly compressed, so that no waiver of PS3.5 10.1 holds.
    """
    expected = "the instance in Implicit VR Little Endian"
    if retrieved.brought:
        return _judged(retrieved, "QR-33", [], expected=expected, fine="brought")
    return expect(
        retrieved.exchange,
        "QR-33",
        otherwise=Verdict.FAIL if obliged else Verdict.WARN,
        reported=NOTHING if obliged else Reactions(warning=True, failure=True),
        reported_as=Verdict.INFO,
        note=f"{expected}, as PS3.5 10.1 has it for what was not lossily compressed",
    )


def _judged(
    retrieved: Retrieved,
    requirement: str,
    faults: Sequence[str],
    *,
    expected: str,
    fine: str,
    otherwise: Verdict = Verdict.FAIL,
) -> Finding:
    return finding(
        requirement,
        otherwise if faults else Verdict.PASS,
        expected=expected,
        actual=few(faults) if faults else fine,
        evidence=last_received(retrieved.exchange.transcript, retrieved.exchange.outcome) if faults else (),
    )


def same_pixels(retrieved: Retrieved, native: Instance) -> Finding:
    """What was losslessly compressed has the pixels of the original when it is brought uncompressed (FID-02)."""
    expected = "the pixel data before compression"
    if not retrieved.brought:
        return finding(
            "FID-02", Verdict.INCONCLUSIVE, expected=expected, actual=f"nothing; {actual(retrieved.exchange)}"
        )
    wanted = bytes(native.dataset.PixelData)
    came = [bytes(one.dataset.get("PixelData") or b"") for one in retrieved.brought]
    faults = [f"{len(pixels)} bytes that differ" for pixels in came if pixels != wanted]
    return _judged(retrieved, "FID-02", faults, expected=expected, fine=f"{len(wanted)} bytes, the same")


def same_stream(retrieved: Retrieved, image: Instance) -> Finding:
    """A lossy image goes out as it came in, where the peer takes its transfer syntax (QR-35)."""
    expected = "the compressed stream that was stored"
    if not retrieved.brought:
        return expect(retrieved.exchange, "QR-35", reported=Reactions(warning=True, failure=True), note=expected)
    wanted = _fragments(image.dataset)
    faults = [
        "another compressed stream under the same SOP Instance UID"
        for one in retrieved.brought
        if _fragments(one.dataset) != wanted
    ]
    return _judged(retrieved, "QR-35", faults, expected=expected, fine=f"{len(wanted)} bytes, the same")


def _fragments(dataset: Dataset) -> bytes:
    """The compressed frames, whatever the fragments and the offset table that they stand in; padding removed."""
    data = bytes(dataset.get("PixelData") or b"")
    try:
        _, *fragments = generate_fragments(data)
    except ValueError:
        return data
    return b"".join(fragments).rstrip(b"\0")
