"""How an exchange ended. Different endings are different types: never None, never an empty data set."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.standard import association
from conformance.wire.command import CommandSet, command_name
from conformance.wire.pdu import Associate, Pdu, pdu_name, type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A DIMSE response came.

    Args:
        context_id: The presentation context that it came on.
        command: Its command set.
        data_set: Its data set's bytes, or None.
        t_s: When its last byte came, in seconds since the connection's transcript began.
        after_s: Seconds since the last byte of the request was sent; negative when it came before.
    """

    context_id: int
    command: CommandSet
    data_set: bytes | None
    t_s: float
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An A-ASSOCIATE-AC came."""

    associate: Associate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An A-ASSOCIATE-RJ came."""

    result: int
    source: int
    reason: int

    @property
    def is_transient(self) -> bool:
        """Result 2, rejected-transient (PS3.8 Table 9-21): trying again later may work (7.1.1.7)."""
        return self.result == 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Aborted:
    """An A-ABORT came."""

    source: int
    reason: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """An A-RELEASE-RP came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The peer closed the connection without a PDU (FIN).

    Args:
        pending: Bytes of an unfinished PDU that had come before.
    """

    pending: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The peer reset the connection (RST)."""

    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing that completes an answer came in the time given.

    Args:
        waited_s: How long was waited.
        pending: Bytes of an unfinished PDU that had come.
        instead: What came all that time and completes nothing, in words; empty when nothing came.
    """

    waited_s: float
    pending: bytes = b""
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecodable:
    """Bytes came that are no PDU, or a PDU that holds no message.

    Args:
        what: Which rule they break.
        clause: The clause of that rule.
        data: The bytes, at most 4 KiB of them.
    """

    what: str
    clause: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexpected:
    """A well-formed PDU or message came that answers nothing we asked."""

    pdu: Pdu
    command: CommandSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConnected:
    """No TCP connection could be made.

    Args:
        reason: The operating system's words.
    """

    reason: str


Ending = Aborted | Closed | Reset | Silence | Undecodable | Unexpected | NotConnected
"""What can come instead of the answer that was waited for."""

AssociationOutcome = Accepted | Rejected | Ending
ResponseOutcome = Response | Released | Ending
ReleaseOutcome = Released | Response | Ending
Outcome = Accepted | Rejected | Response | Released | Ending


def describe(outcome: Outcome) -> str:
    """An outcome in one line for people."""
    match outcome:
        case Response(command=command):
            return _response_words(command)
        case Accepted():
            return "A-ASSOCIATE-AC"
        case Rejected(result=result, source=source, reason=reason):
            return f"A-ASSOCIATE-RJ: {association.describe_rejection(result, source, reason)}"
        case Aborted(source=source, reason=reason):
            return f"A-ABORT: {association.describe_abort(source, reason)}"
        case Released():
            return "A-RELEASE-RP"
        case Closed(pending=pending):
            rest = _pending_words(pending, " after {} bytes of an unfinished PDU")
            return f"the target closed the connection{rest} (FIN)"
        case Reset():
            return "the target reset the connection (RST)"
        case Silence():
            return _silence_words(outcome)
        case Undecodable(what=what, clause=clause):
            return f"bytes that are not DICOM: {what} ({clause})"
        case Unexpected(pdu=pdu, command=command):
            name = pdu_name(type_of(pdu)) if command is None else command_name(command.command_field or 0)
            return f"an unexpected {name}"
        case NotConnected(reason=reason):
            return f"no TCP connection: {reason}"


def _silence_words(outcome: Silence) -> str:
    if outcome.instead:
        return f"no end within {outcome.waited_s:.1f} s: {outcome.instead}"
    rest = _pending_words(outcome.pending, "; {} bytes of an unfinished PDU had come")
    return f"silence for {outcome.waited_s:.1f} s{rest}"


def _response_words(command: CommandSet) -> str:
    code = "without a status" if command.status is None else f"with status {command.status:04X}H"
    return f"{command_name(command.command_field or 0)} {code}"


def _pending_words(pending: bytes, words: str) -> str:
    return words.format(len(pending)) if pending else ""


def ends_association(outcome: Outcome) -> bool:
    """Whether the association cannot be used any more after this outcome."""
    return not isinstance(outcome, Accepted | Response | Silence)
