"""What a target answers to SOP class extended negotiation and to a user identity. Pure judges."""

from __future__ import annotations

from typing import Final

from pydicom.tag import BaseTag

from conformance.instances.instance import Instance
from conformance.observation.exchanges import AssociationExchange, OperationExchange
from conformance.observation.outcomes import Accepted, NotConnected, Rejected, describe
from conformance.observation.stored import NotReadable, ReadBackOutcome
from conformance.verdict import negotiation
from conformance.verdict.difference import TYPE_2, Difference, DifferenceKind, tag_text
from conformance.verdict.evidence_bytes import last_received
from conformance.verdict.few import few
from conformance.verdict.fidelity import differences_of
from conformance.verdict.finding import Finding, Verdict, finding, judged
from conformance.verdict.negotiation import Answers
from conformance.verdict.responses import actual
from conformance.verdict.storing import acknowledged
from conformance.wire.items import ItemType

_STORAGE_BYTES: Final = 6
_HIGHEST_LEVEL: Final = 3
_HIGHEST_COERCION: Final = 2
_LEVEL_2: Final = 2
_TYPE_2_PATHS: Final = frozenset(tag_text(BaseTag(tag)) for tag in TYPE_2)
_OF_AN_SCU: Final = (3, 2)
_AUTHORIZATION_FAILURE: Final = ((1, 2, 1),)


def odd_request(exchange: AssociationExchange, requirement: str) -> Finding:
    """A request whose user information breaks a rule is accepted all the same, rejected, or aborted.

    A bare close and silence are a WARN: no clause fixes the reaction.
    """
    return negotiation.expect(
        exchange,
        requirement,
        accepted=True,
        rejections=(negotiation.ANY_REJECTION,),
        abort=True,
        reported=Answers(closed=True, silence=True),
        well_formed=False,
        note="no clause fixes the reaction to this request",
    )


def application_information(exchange: AssociationExchange, sop_class_uid: str) -> tuple[bytes, ...]:
    """The service class application information of each 56H that the A-ASSOCIATE-AC has for a SOP class."""
    if not isinstance(exchange.outcome, Accepted):
        return ()
    bodies = [
        item.body
        for item in exchange.outcome.associate.user_items
        if item.item_type == ItemType.SOP_CLASS_EXTENDED_NEGOTIATION
    ]
    found = []
    for body in bodies:
        end = 2 + int.from_bytes(body[:2])
        if body[2:end].rstrip(b"\0 ") == sop_class_uid.encode("latin-1"):
            found.append(body[end:])
    return tuple(found)


def storage_information(exchange: AssociationExchange, sop_class_uid: str) -> Finding:
    """The answer to extended negotiation of a storage SOP class has values of PS3.4 Table B.3-2 (UI-EXT-03).

    Returns:
        PASS for what is in range, NOT_APPLICABLE where no answer came: it is optional.
    """
    requirement = "UI-EXT-03"
    expected = (
        "no 56H",
        "56H of six bytes: level 0-3, 0, signature level 0-3 (over 0 with level 2 alone), 0, coercion 0-2, 0",
    )
    answers = application_information(exchange, sop_class_uid)
    if not answers:
        actual = describe(exchange.outcome) if not isinstance(exchange.outcome, Accepted) else "no 56H"
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual)
    faults = [fault for answer in answers for fault in _storage_faults(answer)]
    shown = ", ".join(answer.hex(" ") for answer in answers)
    if not faults and any((a[0], a[4]) == _OF_AN_SCU for a in answers):
        words = "level and coercion of an AE that is SCU only, from one that accepts storage"
        return finding(requirement, Verdict.WARN, expected=expected, actual=f"56H with {shown}", note=words)
    return judged(
        requirement,
        ok=not faults,
        expected=expected,
        actual="; ".join([*faults, f"56H with {shown}"]),
        evidence=last_received(exchange.transcript, exchange.outcome) if faults else (),
    )


def _storage_faults(answer: bytes) -> list[str]:
    if len(answer) != _STORAGE_BYTES:
        return [f"{len(answer)} bytes"]
    level, _, signature, _, coercion, _ = answer
    faults = []
    if level > _HIGHEST_LEVEL:
        faults.append(f"level of support {level}")
    if signature > _HIGHEST_LEVEL or (signature and level != _LEVEL_2):
        faults.append(f"level of digital signature support {signature} with level of support {level}")
    if coercion > _HIGHEST_COERCION:
        faults.append(f"element coercion {coercion}")
    if any(answer[1::2]):
        faults.append("reserved bytes that are not zero")
    return faults


def announced_level(exchange: AssociationExchange, sop_class_uid: str) -> tuple[int, int] | None:
    """Level of support and element coercion as announced; None where nothing legal was."""
    answers = application_information(exchange, sop_class_uid)
    if len(answers) != 1 or _storage_faults(answers[0]):
        return None
    return answers[0][0], answers[0][4]


def behaves_as_announced(
    announced: tuple[int, int], sent: Instance, stored: ReadBackOutcome, exchange: OperationExchange
) -> Finding:
    """What is kept of an instance is what level of support and element coercion say (PS3.4 B.3.1.2, B.4.1; UI-EXT-05).

    Args:
        announced: Level of support and element coercion.
        sent: The instance.
        stored: What the read-back found.
        exchange: The C-STORE.

    Returns:
        FAIL where level 2 or 1 loses what it is to keep, or where something was changed that was not to be coerced;
        NOT_APPLICABLE where nothing was acknowledged, or nothing is announced that could be contradicted.
    """
    requirement = "UI-EXT-05"
    level, coercion = announced
    keeps = {1: "every Type 1 and Type 2 element kept", _LEVEL_2: "every element kept"}.get(level)
    expected = [*([keeps] if keeps else []), *(["no element changed"] if coercion == 0 else [])]
    if not expected:
        said = f"level {level}, coercion {coercion}"
        return finding(requirement, Verdict.NOT_APPLICABLE, expected="a level to be kept to", actual=said)
    if isinstance(stored, NotReadable):
        why = f"{stored.channel}: {stored.reason}"
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=why, note="no read-back")
    if not stored.copies or not acknowledged(exchange):
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual(exchange))
    found = [d for copy in stored.copies for d in differences_of(sent, copy) if d.permitted is None]
    contrary = [d for d in found if _contradicts(d, level=level, coercion=coercion)]
    doubtful = [d for d in found if d.kind is DifferenceKind.UNDECODABLE]
    said = f"level {level}, coercion {coercion}"
    if contrary or not doubtful:
        words = few(contrary) or "kept so"
        return judged(requirement, ok=not contrary, expected=expected, actual=f"{said} announced; {words}")
    return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=f"{said} announced; {few(doubtful)}")


def _contradicts(difference: Difference, *, level: int, coercion: int) -> bool:
    match difference.kind:
        case DifferenceKind.MISSING | DifferenceKind.ITEMS:
            return level == _LEVEL_2 or (level == 1 and difference.path in _TYPE_2_PATHS)
        case DifferenceKind.CHANGED | DifferenceKind.COERCED:
            return coercion == 0
        case _:
            return False


def same_answer(first: AssociationExchange, second: AssociationExchange, requirement: str, *, what: str) -> Finding:
    """Two requests that differ in what is not to matter get the same results and the same extended negotiation.

    Args:
        first: The ordinary request.
        second: The other one.
        requirement: What the finding is about.
        what: In what the requests differ.
    """
    expected = f"the same answer, whatever {what}"
    if isinstance(first.outcome, NotConnected) or isinstance(second.outcome, NotConnected):
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual="no connection")
    before, after = _shown(first), _shown(second)
    return judged(
        requirement,
        ok=before == after,
        expected=expected,
        actual=before if before == after else f"{before}; then {after}",
    )


def _shown(exchange: AssociationExchange) -> str:
    if not isinstance(exchange.outcome, Accepted):
        return describe(exchange.outcome)
    results = [
        f"{r.context_id}: {r.result} {r.transfer_syntax if r.accepted else ''}".strip() for r in exchange.results
    ]
    extended = [
        item.body.hex()
        for item in exchange.outcome.associate.user_items
        if item.item_type == ItemType.SOP_CLASS_EXTENDED_NEGOTIATION
    ]
    return ", ".join([*results, *(f"56H {body}" for body in extended)])


def query_information(exchange: AssociationExchange, sop_class_uid: str, offered: bytes) -> Finding:
    """The answer to extended negotiation of a query SOP class takes up no more than was offered (QR-16).

    One byte is answered with one byte; each is 0 or 1, and 1 only where 1 was offered.
    """
    requirement = "QR-16"
    expected = (
        "no 56H",
        f"56H of {'one byte' if len(offered) == 1 else f'one to {len(offered)} bytes'}, 1 only where 1 was offered",
    )
    if not isinstance(exchange.outcome, Accepted):
        return finding(requirement, Verdict.INCONCLUSIVE, expected=expected, actual=describe(exchange.outcome))
    answers = application_information(exchange, sop_class_uid)
    if not answers:
        return finding(requirement, Verdict.PASS, expected=expected, actual="no 56H")
    faults = []
    for answer in answers:
        if not answer or (len(offered) == 1 and len(answer) != 1):
            faults.append(f"{len(answer)} bytes in answer to {len(offered)}")
        faults += [f"byte {n} is {value}" for n, value in enumerate(answer, 1) if value > 1]
        raised = [n for n, (o, a) in enumerate(zip(offered, answer, strict=False), 1) if a == 1 and not o]
        faults += [f"byte {n} is 1, where 0 was offered" for n in raised]
    shown = ", ".join(answer.hex(" ") for answer in answers)
    return judged(
        requirement,
        ok=not faults,
        expected=expected,
        actual="; ".join([*faults, f"56H with {shown}"]),
        evidence=last_received(exchange.transcript, exchange.outcome) if faults else (),
    )


def server_response(exchange: AssociationExchange, requirement: str = "UI-USR-04") -> Finding:
    """A server response (59H) to a user name, with or without passcode, is empty (PS3.7 Table D.3-15).

    Returns:
        NOT_APPLICABLE where none came: an acceptor may ignore the identity.
    """
    expected = ("no 59H", "59H with a server response of no bytes")
    bodies = _server_responses(exchange)
    if not bodies:
        actual = "no 59H" if isinstance(exchange.outcome, Accepted) else describe(exchange.outcome)
        return finding(requirement, Verdict.NOT_APPLICABLE, expected=expected, actual=actual)
    return judged(
        requirement,
        ok=list(bodies) == [b"\0\0"],
        expected=expected,
        actual=", ".join(f"59H with {body.hex(' ')}" for body in bodies),
        evidence=() if list(bodies) == [b"\0\0"] else last_received(exchange.transcript, exchange.outcome),
    )


def _server_responses(exchange: AssociationExchange) -> tuple[bytes, ...]:
    if not isinstance(exchange.outcome, Accepted):
        return ()
    return tuple(i.body for i in exchange.outcome.associate.user_items if i.item_type == ItemType.USER_IDENTITY_AC)


def unprovable_identity(
    exchange: AssociationExchange, requirement: str, *, otherwise: Verdict = Verdict.FAIL
) -> Finding:
    """An identity that proves nothing is ignored or rejected; one that is confirmed with 59H was let in unproved.

    Args:
        exchange: The request and what came.
        requirement: The requirement's id.
        otherwise: The verdict on 59H: WARN where operators may have chosen not to look at what would prove it.
    """
    expected = ("A-ASSOCIATE-AC without 59H", "A-ASSOCIATE-RJ")
    if _server_responses(exchange):
        return finding(
            requirement,
            otherwise,
            expected=expected,
            actual="A-ASSOCIATE-AC with 59H",
            note="PS3.7 D.3.3.7: a positive response says that the authentication succeeded",
            evidence=last_received(exchange.transcript, exchange.outcome),
        )
    return negotiation.rejected_or_accepted(exchange, requirement)


def invented_identity(exchange: AssociationExchange, requirement: str) -> Finding:
    """Credentials that nobody has are ignored, or rejected for good by the ACSE (PS3.7 D.3.3.7.3).

    An acceptor that ignores the identity accepts without 59H. One that confirms it has let in whoever came, which is a
    WARN: its operators may have configured it to.
    """
    expected = ("A-ASSOCIATE-AC without 59H", "A-ASSOCIATE-RJ 1/2/1")
    match exchange.outcome:
        case Accepted():
            confirmed = bool(_server_responses(exchange))
            return judged(
                requirement,
                ok=not confirmed,
                expected=expected,
                actual=f"A-ASSOCIATE-AC {'with' if confirmed else 'without'} 59H",
                note="a name and a passcode that were made up are confirmed" if confirmed else "",
                otherwise=Verdict.WARN,
            )
        case Rejected(result=result, source=source, reason=reason):
            fits = (result, source, reason) in _AUTHORIZATION_FAILURE
            return judged(
                requirement,
                ok=fits,
                expected=expected,
                actual=describe(exchange.outcome),
                note="" if fits else "PS3.7 D.3.3.7.3 asks for rejected-permanent by the ACSE",
                otherwise=Verdict.WARN if result == 1 else Verdict.FAIL,
            )
        case _:
            return negotiation.expect(exchange, requirement, accepted=True, rejections=_AUTHORIZATION_FAILURE)
