"""One association of a bulk sending, and how an instance goes over it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Final

from conformance.driver.endpoint import DEFAULT_MAX_PDU_BYTES, Endpoint
from conformance.driver.peer import Peer
from conformance.load.files import DicomFile
from conformance.load.payload import ChangedFileError, Payload, bytes_payload, file_payload
from conformance.load.plan import NATIVE_LITTLE_ENDIAN, Batch
from conformance.load.reencode import NotReencodableError, reencoded
from conformance.load.result import Fate, InstanceResult, answered, unanswered
from conformance.load.tally import Tally, TallyRecorder
from conformance.observation.outcomes import (
    Accepted,
    AssociationOutcome,
    Response,
    ResponseOutcome,
    Silence,
    describe,
)
from conformance.standard.association import describe_context_result
from conformance.standard.transfer_syntaxes import transfer_syntax_name
from conformance.wire import messages
from conformance.wire.command import CommandField, CommandSet, command_name
from conformance.wire.fragments import Message, segments
from conformance.wire.items import ContextResult

_LOOK_S: Final = 50e-6
"""How long is looked whether the target has ended the association while nothing was asked of it."""
_INTERRUPTED: Final = "interrupted while it was being sent"
_SLICE_S: Final = 0.25
"""How often a wait looks whether it was interrupted."""
_RELEASE_S: Final = 5.0
_MAX_MESSAGE_ID: Final = 0xFFFF
_ABSTRACT_SYNTAX_NOT_SUPPORTED: Final = 3  # PS3.8 Table 9-18


class Line:
    """An association with the target; a context manager that closes its connection.

    Args:
        endpoint: Where the target is and who we are.
        batch: Whose presentation contexts are proposed.
        max_pdu_bytes: The maximum length announced, and the longest PDU sent; None for the usual.
        go_on: Says no once the sending is interrupted.
    """

    def __init__(
        self, endpoint: Endpoint, batch: Batch, *, max_pdu_bytes: int | None, go_on: Callable[[], bool]
    ) -> None:
        self._recorder = TallyRecorder()
        self._peer = Peer(endpoint, self._recorder, max_pdu_bytes=max_pdu_bytes or DEFAULT_MAX_PDU_BYTES)
        self._go_on = go_on
        self._timeout_s = endpoint.timeout_s
        self._message_id = 0
        self._answers: dict[tuple[str, str], int] = {}
        self._refusals: dict[tuple[str, str], str] = {}
        self.usable = False
        self.outcome: AssociationOutcome = self._associate(batch, max_pdu_bytes)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.close()

    @property
    def sent_bytes(self) -> int:
        """Bytes that went out on the connection, headers included."""
        transcript = self._peer.transcript
        return transcript.sent_bytes if isinstance(transcript, Tally) else 0

    def _associate(self, batch: Batch, max_pdu_bytes: int | None) -> AssociationOutcome:
        exchange = self._peer.associate(batch.contexts)
        self._recorder.associations.clear()
        if not isinstance(exchange.outcome, Accepted):
            self._peer.close()
            return exchange.outcome
        self.usable = True
        theirs = self._peer.target_max_pdu_bytes
        if max_pdu_bytes is not None:
            self._peer.target_max_pdu_bytes = min(theirs, max_pdu_bytes) if theirs else max_pdu_bytes
        for context in batch.contexts:
            result = exchange.result_of(context.context_id)
            agreed = (result.transfer_syntax or "").rstrip("\0 ") if result is not None and result.accepted else ""
            if agreed in context.transfer_syntaxes:
                self._answers[context.abstract_syntax, agreed] = context.context_id
                continue
            for syntax in context.transfer_syntaxes:
                self._refusals[context.abstract_syntax, syntax] = _refusal(result, agreed)
        return exchange.outcome

    def ended_by_target(self) -> str | None:
        """What the target did to the association while nothing was asked of it; None when it stands."""
        came = self._peer.next_message(timeout_s=_LOOK_S)
        if isinstance(came, Silence):
            return None
        self._give_up()
        return "an unexpected message" if isinstance(came, Message) else describe(came)

    def store(self, file: DicomFile) -> InstanceResult:
        """Send an instance in its own transfer syntax, else in a native one, and wait for the response."""
        own = self._answers.get((file.sop_class_uid, file.transfer_syntax_uid))
        if own is not None:
            return self._with_payload(file, own, file.transfer_syntax_uid, file_payload(file), note="")
        refusal = self._refusals[file.sop_class_uid, file.transfer_syntax_uid]
        for native in NATIVE_LITTLE_ENDIAN:
            context_id = self._answers.get((file.sop_class_uid, native))
            if context_id is None:
                continue
            note = (
                f"re-encoded: the target takes {transfer_syntax_name(native)}"
                f" and not {transfer_syntax_name(file.transfer_syntax_uid)}"
            )
            try:
                data_set = reencoded(file, native)
            except (NotReencodableError, OSError) as error:
                return unanswered(file, Fate.FAILED, refusal, note=str(error))
            return self._with_payload(file, context_id, native, nullcontext(bytes_payload(data_set)), note=note)
        return unanswered(file, Fate.FAILED, refusal)

    def _with_payload(
        self,
        file: DicomFile,
        context_id: int,
        sent_in: str,
        opened: AbstractContextManager[Payload],
        *,
        note: str,
    ) -> InstanceResult:
        began_s = time.perf_counter()
        self._message_id = self._message_id % _MAX_MESSAGE_ID + 1
        command = messages.c_store_rq(
            self._message_id, sop_class_uid=file.sop_class_uid, sop_instance_uid=file.sop_instance_uid
        )
        started = False
        try:
            with opened as payload:
                started = True
                complete = self._peer.send_buffers(self._buffers(command, payload, context_id))
                length_bytes = payload.length_bytes
        except (OSError, ChangedFileError) as error:
            if started:
                self._give_up()
            return unanswered(file, Fate.FAILED, f"the file cannot be read: {error}", sent_in=sent_in, note=note)
        outcome = self._response(complete=complete)
        seconds = time.perf_counter() - began_s
        if isinstance(outcome, Response):
            status, trouble = _status_of(outcome.command, self._message_id)
            if status is not None:
                return answered(
                    file,
                    status=status,
                    comment=outcome.command.error_comment or "",
                    sent_in=sent_in,
                    sent_bytes=length_bytes,
                    seconds=seconds,
                    note=note,
                )
            words = trouble
        else:
            words = _INTERRUPTED if not self._go_on() else f"no response: {describe(outcome)}"
            if not complete and isinstance(outcome, Silence) and self._go_on():
                words = f"no response: the target stopped reading for {self._timeout_s:.1f} s"
        self._give_up()
        fate = Fate.REMAINING if words == _INTERRUPTED else Fate.FAILED
        return unanswered(file, fate, words, sent_in=sent_in, seconds=seconds, note=note)

    def _buffers(self, command: CommandSet, payload: Payload, context_id: int) -> Iterator[bytes | memoryview]:
        max_pdu_bytes = self._peer.target_max_pdu_bytes
        heads = segments(command.encode(), context_id=context_id, command=True, max_pdu_bytes=max_pdu_bytes)
        return chain(
            (part for pair in heads for part in pair),
            payload.pdus(context_id=context_id, max_pdu_bytes=max_pdu_bytes, go_on=self._go_on),
        )

    def _response(self, *, complete: bool) -> ResponseOutcome:
        """The response, or what came instead; a wait that is interrupted ends as silence."""
        sent_at_s = self._peer.transcript.now_s()
        wait_s = self._timeout_s if complete else min(self._timeout_s, _SLICE_S)
        began_s = time.monotonic()
        while True:
            left_s = began_s + wait_s - time.monotonic()
            outcome = self._peer.next_response(sent_at_s=sent_at_s, timeout_s=max(0.0, min(_SLICE_S, left_s)))
            if not isinstance(outcome, Silence):
                return outcome
            if left_s <= _SLICE_S or not self._go_on():
                return Silence(waited_s=time.monotonic() - began_s, pending=outcome.pending)

    def release(self) -> None:
        """End the association in order, or by an abort once the sending is interrupted."""
        if not self.usable:
            return
        self.usable = False
        if self._go_on():
            self._peer.release(timeout_s=min(self._timeout_s, _RELEASE_S))
        else:
            self._peer.abort()

    def _give_up(self) -> None:
        if self.usable:
            self.usable = False
            self._peer.abort()


def _refusal(result: ContextResult | None, agreed: str) -> str:
    if result is None:
        return "transfer syntax not accepted: its presentation context was not answered"
    if result.accepted:
        return f"transfer syntax not accepted: its presentation context came back with {agreed!r}, not proposed"
    what = "SOP class" if result.result == _ABSTRACT_SYNTAX_NOT_SUPPORTED else "transfer syntax"
    return f"{what} not accepted: presentation context result {describe_context_result(result.result)}"


def _status_of(command: CommandSet, message_id: int) -> tuple[int | None, str]:
    """The status of the response to a C-STORE; without one, what is wrong with the response."""
    if command.command_field != CommandField.C_STORE_RSP:
        return None, f"the answer was {command_name(command.command_field or 0)} and no C-STORE-RSP"
    if command.message_id_being_responded_to != message_id:
        return None, f"the C-STORE-RSP was for message {command.message_id_being_responded_to}, not for {message_id}"
    if command.status is None:
        return None, "the C-STORE-RSP carries no status"
    return command.status, ""
