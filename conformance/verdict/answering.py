"""The responses that a target sends, beside the requests that they answer (PS3.7 9.1, 9.2, 9.3, Annex C)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from conformance.standard.sop_classes import VERIFICATION
from conformance.standard.statuses import (
    C_ECHO,
    C_STORE,
    ERROR_COMMENT,
    ERROR_ID,
    OFFENDING_ELEMENT,
    StatusClass,
    status_class,
    status_words,
)
from conformance.verdict.accepts import is_legal_uid
from conformance.verdict.dialogue import Dialogue, SeenMessage
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Evidence, Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.verdict.statuses import judge_listed
from conformance.wire.command import CommandField, CommandSet, Tag, command_name
from conformance.wire.items import ItemType
from conformance.wire.pdu import Associate

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "CMD-13": Rule(expected="the Command Field of the request with bit 15 set", unit="responses"),
        "CMD-14": Rule(expected="the Message ID of a request of ours", unit="responses"),
        "CMD-24": Rule(expected="Affected SOP UIDs absent, or those of the request", unit="C-STORE-RSP"),
        "CMD-25": Rule(expected="both Affected SOP UIDs in the response", unit="C-STORE-RSP"),
        "CMD-27": Rule(expected="one final response for each request", unit="final responses"),
        "CMD-28": Rule(
            expected="Success or Warning only after the whole request", unit="responses of class Success or Warning"
        ),
        "PDV-31": Rule(expected="the presentation context of the request", unit="responses"),
        "CAN-02": Rule(expected="no response to C-CANCEL-RQ", unit="C-CANCEL-RQ sent"),
        "STA-01": Rule(
            expected="0000H; 0001H, 0107H, 0116H, Bxxx; Axxx, Cxxx, 01xx, 02xx; FE00H; FF00H, FF01H (PS3.7 Annex C), "
            "out of those that the service lists",
            unit="statuses",
        ),
        "STA-02": Rule(
            expected="0000H, B000H, B006H, B007H, A7xx, A9xx, Cxxx, 0117H, 0122H, 0124H, 0210H, 0211H, 0212H",
            unit="C-STORE statuses",
        ),
        "STA-04": Rule(expected="a Failure that the C-STORE clause lists", unit="C-STORE statuses 0110H or 0111H"),
        "STA-05": Rule(expected="0122H or 0124H", unit="C-STORE statuses 0112H or 0214H"),
        "STA-06": Rule(
            expected="no Offending Element, Error Comment or Error ID with Success", unit="Success responses"
        ),
        "STA-07": Rule(expected="Error Comment or nothing with A7xx", unit="responses with A7xx"),
        "STA-08": Rule(
            expected="Offending Element, Error Comment or nothing with A9xx and Cxxx",
            unit="responses with A9xx or Cxxx",
        ),
        "STA-09": Rule(
            expected="Offending Element, Error Comment or nothing with a Warning", unit="responses with a Warning"
        ),
        "STA-10": Rule(expected="Error Comment or nothing with 0122H and 0124H", unit="responses with 0122H or 0124H"),
        "STA-11": Rule(
            expected="the Affected SOP Instance UID of the request or nothing with 0117H", unit="responses with 0117H"
        ),
        "STA-12": Rule(
            expected="no related fields with 0210H, 0211H and 0212H", unit="responses with 0210H, 0211H or 0212H"
        ),
        "STA-13": Rule(expected="Error ID with 0110H only", unit="C-STORE-RSP with another status"),
        "STA-26": Rule(expected="one final response: no Pending, no Cancel", unit="C-STORE-RSP"),
        "ECH-03": Rule(expected=f"Affected SOP Class UID absent or {VERIFICATION}", unit="C-ECHO-RSP"),
        "ECH-07": Rule(expected="status 0000H for a proper C-ECHO-RQ", unit="C-ECHO-RSP"),
    }
)

_KNOWN_REQUESTS: Final = frozenset(f for f in CommandField if not f & 0x8000 and f != CommandField.C_CANCEL_RQ)
_CANCEL_RSP: Final = 0x8FFF


@dataclass(slots=True)
class _Book:
    """Our requests, turned to in the order in which they were sent, to be found by Message ID."""

    to_come: list[SeenMessage]
    """Requests that are not reached yet, the next one last."""
    waiting: dict[int, list[SeenMessage]] = field(default_factory=dict)
    answered: dict[int, set[int]] = field(default_factory=dict)
    """Command Fields of the requests that had their final response, by Message ID."""
    shared: set[int] = field(default_factory=set)
    """Message IDs under which several requests waited at once: which of them a response is to cannot be told."""
    unclear: bool = False
    """Whether a request without Message ID or Command Field, or with two, was sent: its answer cannot be told."""

    def turn_to(self, t_s: float) -> None:
        """Take up the requests that had begun by then."""
        while self.to_come and self.to_come[-1].began_s <= t_s:
            message = self.to_come.pop()
            number = message.command.message_id
            if number is None or message.command.command_field is None or _is_ambiguous(message.command):
                self.unclear = True
            else:
                self.waiting.setdefault(number, []).append(message)

    def asked(self, number: int) -> set[int]:
        """The Command Fields of all requests with a Message ID."""
        return {m.command.command_field or 0 for m in self.waiting.get(number, ())} | self.answered.get(number, set())

    def finish(self, number: int, message: SeenMessage) -> None:
        """A request had its final response."""
        self.waiting[number].remove(message)
        self.answered.setdefault(number, set()).add(message.command.command_field or 0)


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter every response that the target sent, and the answers that C-CANCEL must not have."""
    book = _Book([m for m in reversed(dialogue.ours) if not m.is_response and not m.is_cancel])
    responses = [message for message in dialogue.theirs if message.is_response]
    for response in responses:
        evidence = evidence_of(dialogue.transcript, response.pdu, at=response.at)
        _judge_status(ledger, response, evidence)
        if response.command.command_field != _CANCEL_RSP and response.began_s < dialogue.unsettled_from_s:
            _judge_match(dialogue, ledger, book, response, evidence)
    answered_cancel = [m for m in responses if m.command.command_field == _CANCEL_RSP]
    for message in answered_cancel:
        evidence = evidence_of(dialogue.transcript, message.pdu, at=message.at)
        ledger.deviates("CAN-02", "a response with Command Field 8FFFH", evidence)
    if not answered_cancel:
        for message in dialogue.ours:
            if message.is_cancel:
                ledger.met("CAN-02")


def _judge_match(dialogue: Dialogue, ledger: Ledger, book: _Book, response: SeenMessage, evidence: Evidence) -> None:
    book.turn_to(response.began_s)
    if book.unclear:
        return
    command = response.command
    number = command.message_id_being_responded_to
    asked = book.asked(number) if number is not None else set()
    if number is None or not asked:
        waiting_ids = ", ".join(str(known) for known, messages in book.waiting.items() if messages) or "none"
        words = f"{_name(response)} to Message ID {number}; waiting for an answer: {waiting_ids}"
        ledger.deviates("CMD-14", words, evidence)
        return
    ledger.met("CMD-14")
    wanted = (command.command_field or 0) & 0x7FFF
    if asked <= _KNOWN_REQUESTS:
        names = " or ".join(sorted(command_name(known) for known in asked))
        ledger.check("CMD-13", [] if wanted in asked else [f"{_name(response)} in answer to {names}"], evidence)
    waiting = [m for m in book.waiting.get(number, ()) if m.command.command_field == wanted]
    if waiting:
        if len(waiting) > 1:
            book.shared.add(number)
        if command.status is None or status_class(command.status) is not StatusClass.PENDING:
            book.finish(number, waiting[0])
            ledger.met("CMD-27")
        if number not in book.shared:
            _judge_against(dialogue, ledger, waiting[0], response, evidence)
    elif wanted in asked:
        ledger.deviates("CMD-27", f"another {_name(response)} to Message ID {number}, already answered", evidence)


def _judge_against(
    dialogue: Dialogue, ledger: Ledger, request: SeenMessage, response: SeenMessage, evidence: Evidence
) -> None:
    same = response.context_id == request.context_id
    words = f"context {response.context_id} in answer to a request on {request.context_id}"
    ledger.check("PDV-31", [] if same else [words], evidence)
    status = response.command.status
    if status is not None and status_class(status) in {StatusClass.SUCCESS, StatusClass.WARNING}:
        early = response.began_s < request.ended_s
        rest = "; the request never ended" if not request.complete else ""
        words = f"status {status:04X}H before the last fragment of the request was sent{rest}"
        ledger.check("CMD-28", [words] if early else [], evidence)
    if request.command.command_field == CommandField.C_STORE_RQ:
        _judge_uids(ledger, request, response, evidence)
    if request.command.command_field == CommandField.C_ECHO_RQ:
        _judge_echo(dialogue, ledger, request, response, evidence)


def _is_ambiguous(request: CommandSet) -> bool:
    """Whether a request says twice what it is; no clause says which of the two counts."""
    return any(_times(request, tag) > 1 for tag in (Tag.COMMAND_FIELD, Tag.MESSAGE_ID))


def _times(command: CommandSet, tag: int) -> int:
    return sum(element.group == 0 and element.tag == tag for element in command.elements)


def _judge_uids(ledger: Ledger, request: SeenMessage, response: SeenMessage, evidence: Evidence) -> None:
    absent, other = [], []
    judged = False
    for tag in (Tag.AFFECTED_SOP_CLASS_UID, Tag.AFFECTED_SOP_INSTANCE_UID):
        asked, came = request.command.text(tag), response.command.text(tag)
        if asked is None or not is_legal_uid(asked) or _times(request.command, tag) > 1:
            continue
        judged = True
        if came is None:
            absent.append(f"no (0000,{tag:04X})")
        elif came != asked:
            other.append(f"(0000,{tag:04X}) is {came!r}, the request had {asked!r}")
            if tag == Tag.AFFECTED_SOP_INSTANCE_UID and response.command.status == 0x0117:
                ledger.deviates("STA-11", other[-1], evidence, verdict=Verdict.WARN)
    if judged:
        ledger.check("CMD-24", other, evidence)
        ledger.check(
            "CMD-25",
            absent,
            evidence,
            verdict=Verdict.INFO,
            note="PS3.7 Table 9.1-1 has them optional, Table 9.3-2 lists them; some requestors need them",
        )


def _judge_echo(
    dialogue: Dialogue, ledger: Ledger, request: SeenMessage, response: SeenMessage, evidence: Evidence
) -> None:
    asked, came = request.command.affected_sop_class_uid, response.command.affected_sop_class_uid
    if asked != VERIFICATION:
        return
    ledger.check("ECH-03", [f"Affected SOP Class UID {came!r}"] if came not in {None, VERIFICATION} else [], evidence)
    if not _on_verification(dialogue, request) or request.command.announces_data_set:
        return
    status = response.command.status
    if status is not None:
        ledger.check("ECH-07", [status_words(C_ECHO, status)] if status else [], evidence)


def _on_verification(dialogue: Dialogue, request: SeenMessage) -> bool:
    associate = dialogue.request
    agreed = dialogue.agreed_contexts
    if associate is None or agreed is None or request.context_id not in agreed:
        return False
    syntaxes = [c.abstract_syntax for c in associate.proposed_contexts if c.context_id == request.context_id]
    return syntaxes == [VERIFICATION] and _is_user(associate, dialogue)


def _is_user(request: Associate, dialogue: Dialogue) -> bool:
    """Whether no role selection of either side takes the role of SCU from us (PS3.7 D.3.3.4)."""
    accepts = [timed.pdu for timed in dialogue.accepts if isinstance(timed.pdu, Associate)]
    items = [item for side in (request, *accepts) for item in side.user_items]
    return all(item.body[-2:-1] == b"\1" for item in items if item.item_type == ItemType.ROLE_SELECTION)


def _judge_status(ledger: Ledger, response: SeenMessage, evidence: Evidence) -> None:
    command = response.command
    status = command.status
    if status is None:
        return
    service = (command.command_field or 0) & 0x7FFF
    requirement, verdict, why = judge_listed(command)
    words = f"{_name(response)} with status {status_words(service, status)}"
    of_class = status_class(status)
    if verdict is Verdict.PASS:
        ledger.met(requirement)
    else:
        ledger.deviates(requirement, words, evidence, verdict=verdict, note=why)
    if requirement != "STA-01" and of_class is not None:
        ledger.met("STA-01")
    if service != C_STORE or of_class is None:
        return
    if requirement != "STA-26":
        ledger.met("STA-26")
    _judge_related(ledger, response, status, evidence)


_FIELD_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {OFFENDING_ELEMENT: "Offending Element", ERROR_COMMENT: "Error Comment", ERROR_ID: "Error ID"}
)
_BOTH: Final = frozenset({OFFENDING_ELEMENT, ERROR_COMMENT})
_COMMENT: Final = frozenset({ERROR_COMMENT})


def _related_rule(status: int) -> tuple[str, frozenset[int], Verdict] | None:
    """Which requirement speaks of the fields beside a status, which it allows, and the verdict of another."""
    match status:
        case 0x0000:
            return "STA-06", frozenset(), Verdict.FAIL
        case 0x0210 | 0x0211 | 0x0212:
            return "STA-12", frozenset(), Verdict.WARN
        case 0x0122 | 0x0124:
            return "STA-10", _COMMENT, Verdict.WARN
        case 0x0117:
            return "STA-11", frozenset(), Verdict.WARN
        case 0xB000 | 0xB006 | 0xB007:
            return "STA-09", _BOTH, Verdict.WARN
        case _ if status >> 8 == 0xA7:
            return "STA-07", _COMMENT, Verdict.WARN
        case _ if status >> 8 == 0xA9 or status >> 12 == 0xC:
            return "STA-08", _BOTH, Verdict.WARN
        case _:
            return None


def _judge_related(ledger: Ledger, response: SeenMessage, status: int, evidence: Evidence) -> None:
    present = {tag for tag in _FIELD_NAMES if response.command.has(tag)}
    if status != 0x0110:
        faults = [f"Error ID with status {status:04X}H"] if ERROR_ID in present else []
        ledger.check("STA-13", faults, evidence, verdict=Verdict.WARN)
    rule = _related_rule(status)
    if rule is not None:
        requirement, allowed, verdict = rule
        faults = [f"{_FIELD_NAMES[tag]} with status {status:04X}H" for tag in sorted(present - allowed)]
        ledger.check(requirement, faults, evidence, verdict=verdict)


def _name(message: SeenMessage) -> str:
    return command_name(message.command.command_field or 0)
