"""Messages sorted by what they are, and requests performed one after the other (PS3.7 Chapters 7 and 9)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from conformance.target.embedded.answer import DUPLICATE_INVOCATION
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import INBOX_MESSAGES, Association
from conformance.target.embedded.supported import Service
from conformance.wire.command import CommandField, CommandSet

OPERATIONS: Final = MappingProxyType(
    {
        CommandField.C_ECHO_RQ: Service.VERIFICATION,
        CommandField.C_STORE_RQ: Service.STORAGE,
        CommandField.C_FIND_RQ: Service.FIND,
        CommandField.C_GET_RQ: Service.GET,
        CommandField.C_MOVE_RQ: Service.MOVE,
        CommandField.N_ACTION_RQ: Service.COMMITMENT,
    }
)
"""The operations that are performed, with the service whose contexts they belong to."""


def sort_message(association: Association, message: Request) -> None:
    """Put a message where it belongs: cancel, reply to us, or request to be performed."""
    command = message.command
    field = command.command_field
    if field == CommandField.C_CANCEL_RQ:
        association.behaviour.on_cancel(association, command)
        discard(message)
    elif field is not None and field & 0x8000:
        association.replies.append(command)
        discard(message)
    elif field is None or command.message_id is None:
        # Without these two there is nothing that a response could be made of.
        discard(message)
        association.abort()
    elif command.message_id == association.running:
        association.respond(message, DUPLICATE_INVOCATION)  # PS3.7 C.5.9
        discard(message)
    elif len(association.inbox) >= INBOX_MESSAGES:
        discard(message)
        association.abort()
    else:
        association.inbox.append(message)


def note_cancel(association: Association, command: CommandSet) -> None:
    """Remember a C-CANCEL that names an operation in progress or waiting; any other has no effect (PS3.7 9.3.2.3)."""
    message_id = command.message_id_being_responded_to
    waiting = {request.command.message_id for request in association.inbox}
    if message_id is not None and (message_id == association.running or message_id in waiting):
        association.cancelled.add(message_id)


def is_agreed(request: Request) -> bool:
    """Whether the operation is one that the context was negotiated for, in the role that was agreed."""
    field = request.command.command_field
    service = next((service for operation, service in OPERATIONS.items() if operation == field), None)
    return service is request.context.service and request.context.requestor_is_scu


def perform_all(association: Association) -> None:
    """Perform the requests that wait, in the order in which they came."""
    while association.inbox and association.established:
        request = association.inbox.popleft()
        message_id = request.command.message_id
        association.running = message_id
        try:
            association.behaviour.perform(association, request)
        finally:
            association.running = None
            if message_id is not None:
                association.cancelled.discard(message_id)
            association.replies.clear()
            discard(request)


def discard(message: Request) -> None:
    """Give back what a message's data set took."""
    if message.data_set is not None:
        message.data_set.discard()
