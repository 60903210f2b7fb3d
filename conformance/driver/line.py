"""An association on which an instance can be sent, with Verification beside it: for faulty commands and data sets."""

from __future__ import annotations

from typing import Final

from conformance.driver.peer import Peer
from conformance.driver.sending import sent_bytes_of, sent_of
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.wire.command import DATA_SET_PRESENT, CommandSet
from conformance.wire.messages import c_store_rq

VERIFICATION_ID: Final = 3
GIVING_UP_S: Final = 3.0
"""How much longer than the time-out an answer is waited for: a target may give up after just as long as we do."""
UNOWED_S: Final = 5.0
"""How long an answer is waited for at most that no clause owes us."""


class Line:
    """A peer, the presentation context for an instance and the transfer syntax agreed on it.

    Args:
        connection: Associated; context 3 was proposed for Verification.
        context_id: The context for the instance.
        transfer_syntax: Its transfer syntax.
    """

    def __init__(self, connection: Peer, context_id: int, transfer_syntax: str) -> None:
        self.connection = connection
        self.context_id = context_id
        self.transfer_syntax = transfer_syntax

    def patience_s(self, data_set_bytes: int = 0) -> float:
        """How long the answer to a data set of this length is waited for."""
        return self.connection.endpoint.patience_s(data_set_bytes) + GIVING_UP_S

    @property
    def unowed_s(self) -> float:
        """How long an answer is waited for whose lack is no failure."""
        return min(self.connection.endpoint.timeout_s, UNOWED_S)

    @property
    def can_echo(self) -> bool:
        """Whether Verification was accepted."""
        return VERIFICATION_ID in self.connection.accepted

    def echo(self) -> OperationExchange:
        """Send a C-ECHO-RQ and wait for the response."""
        return self.connection.echo(context_id=VERIFICATION_ID, timeout_s=self.patience_s())

    def command_for(self, instance: Instance, *, data_set_type: int = DATA_SET_PRESENT) -> CommandSet:
        """A well-formed C-STORE-RQ for an instance."""
        return c_store_rq(
            self.connection.next_message_id(),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            data_set_type=data_set_type,
        )

    def store(
        self,
        instance: Instance,
        command: CommandSet | None = None,
        *,
        data_set: bool = True,
        message_id: int | None = None,
        timeout_s: float | None = None,
    ) -> OperationExchange:
        """Send an instance, with another command set than the well-formed one or without its data set."""
        sent, encoded = sent_of(instance, self.transfer_syntax), instance.encoded(self.transfer_syntax)
        wait_s = self.patience_s(len(encoded)) if timeout_s is None else timeout_s
        if command is None:
            return self.connection.store(
                encoded, sent, context_id=self.context_id, message_id=message_id, timeout_s=wait_s
            )
        return self.connection.request(
            command, encoded if data_set else None, context_id=self.context_id, sent=sent, timeout_s=wait_s
        )

    def store_bytes(self, instance: Instance, data_set: bytes, *, label: str) -> OperationExchange:
        """Send other bytes under the UIDs of an instance."""
        sent = sent_bytes_of(instance, data_set, self.transfer_syntax, label=f"{instance.label}, {label}")
        wait_s = self.patience_s(len(data_set))
        return self.connection.store(data_set, sent, context_id=self.context_id, timeout_s=wait_s)

    def ask(self, command: CommandSet, data_set: bytes | None = None) -> OperationExchange:
        """Send any request on the context of the instance and wait for the response."""
        wait_s = self.patience_s(len(data_set or b""))
        return self.connection.request(command, data_set, context_id=self.context_id, timeout_s=wait_s)
