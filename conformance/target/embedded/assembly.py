"""Presentation data values put together into messages, the data set going into a spool (PS3.8 Annex E)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.standard.upper_layer import AbortReason
from conformance.target.embedded.negotiation import Context
from conformance.target.embedded.spool import Spool
from conformance.wire.command import CommandSet, decode_command_set
from conformance.wire.errors import WireError
from conformance.wire.pdu import Pdv

COMMAND_LIMIT_BYTES: Final = 1 << 16


class ProtocolError(Exception):
    """A presentation data value that PS3.8 Annex E does not allow here.

    Args:
        what: The rule that is broken.
        reason: What the A-ABORT says.
    """

    def __init__(self, what: str, reason: AbortReason) -> None:
        super().__init__(what)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A message that has arrived as a whole."""

    context: Context
    command: CommandSet
    data_set: Spool | None


class Assembler:
    """Collects the fragments of one message after the other.

    Args:
        contexts: The accepted presentation contexts by their id.
        new_spool: Makes the place for a data set.
        on_command: Told of a command set whose data set is still to come.
    """

    def __init__(
        self,
        contexts: Mapping[int, Context],
        new_spool: Callable[[], Spool],
        on_command: Callable[[Context, CommandSet], None],
    ) -> None:
        self._contexts = contexts
        self._new_spool = new_spool
        self._on_command = on_command
        self._context: Context | None = None
        self._command_bytes = bytearray()
        self.command: CommandSet | None = None
        self.data_set: Spool | None = None

    @property
    def context(self) -> Context | None:
        """The context of the message that is being received, or None between messages."""
        return self._context

    def feed(self, pdv: Pdv) -> Request | None:
        """Take in the next value; the message that it completes, or None.

        Raises:
            ProtocolError: The value cannot come here.
        """
        context = self.check_place(pdv)
        self._context = context
        if pdv.is_command:
            self._command_bytes += pdv.fragment
            if len(self._command_bytes) > COMMAND_LIMIT_BYTES:
                raise ProtocolError(
                    f"command set of more than {COMMAND_LIMIT_BYTES} bytes", AbortReason.INVALID_PDU_PARAMETER_VALUE
                )
            return self._command_complete(context) if pdv.is_last else None
        assert self.data_set is not None
        self.data_set.append(pdv.fragment)
        return self.finish() if pdv.is_last else None

    def check_place(self, pdv: Pdv) -> Context:
        """The context of a value that may come here.

        Raises:
            ProtocolError: It may not.
        """
        context = self._contexts.get(pdv.context_id)
        if context is None:  # PS3.8 7.6.1
            raise ProtocolError(
                f"presentation context {pdv.context_id} is not agreed", AbortReason.INVALID_PDU_PARAMETER_VALUE
            )
        if self._context is not None and context.context_id != self._context.context_id:
            raise ProtocolError(
                f"context {pdv.context_id} inside a message on {self._context.context_id}",
                AbortReason.UNEXPECTED_PDU_PARAMETER,
            )
        if pdv.is_command is (self.command is not None):
            what = "command fragment where a data set should go on" if pdv.is_command else "data set without a command"
            raise ProtocolError(what, AbortReason.UNEXPECTED_PDU_PARAMETER)
        return context

    def finish(self) -> Request:
        """The message as it stands; the next value begins another."""
        assert self._context is not None
        assert self.command is not None
        request = Request(context=self._context, command=self.command, data_set=self.data_set)
        self._forget()
        return request

    def discard(self) -> None:
        """Forget what came of a message that will not be completed."""
        if self.data_set is not None:
            self.data_set.discard()
        self._forget()

    def _forget(self) -> None:
        self._context = self.command = self.data_set = None
        self._command_bytes = bytearray()

    def _command_complete(self, context: Context) -> Request | None:
        try:
            self.command = decode_command_set(bytes(self._command_bytes))
        except WireError as error:
            raise ProtocolError(str(error), AbortReason.INVALID_PDU_PARAMETER_VALUE) from error
        if not self.command.announces_data_set:
            return self.finish()
        self.data_set = self._new_spool()
        self._on_command(context, self.command)
        return None
