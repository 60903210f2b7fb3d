"""The command sets of the services that we use, well formed (PS3.7 9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.wire.command import (
    DATA_SET_PRESENT,
    NO_DATA_SET,
    CommandField,
    CommandSet,
    Tag,
    ae,
    command_set,
    ui,
    us,
)

VERIFICATION_SOP_CLASS: Final = "1.2.840.10008.1.1"
MEDIUM_PRIORITY: Final = 0


def c_echo_rq(message_id: int) -> CommandSet:
    """C-ECHO-RQ (PS3.7 Table 9.3-12)."""
    return command_set(
        (
            (Tag.AFFECTED_SOP_CLASS_UID, ui(VERIFICATION_SOP_CLASS)),
            (Tag.COMMAND_FIELD, us(CommandField.C_ECHO_RQ)),
            (Tag.MESSAGE_ID, us(message_id)),
            (Tag.COMMAND_DATA_SET_TYPE, us(NO_DATA_SET)),
        )
    )


def c_store_rq(
    message_id: int,
    *,
    sop_class_uid: str,
    sop_instance_uid: str,
    priority: int = MEDIUM_PRIORITY,
    move_originator: tuple[str, int] | None = None,
    data_set_type: int = DATA_SET_PRESENT,
) -> CommandSet:
    """C-STORE-RQ (PS3.7 Table 9.3-1).

    Args:
        message_id: 0 to 65535.
        sop_class_uid: Affected SOP Class UID.
        sop_instance_uid: Affected SOP Instance UID.
        priority: 0 medium, 1 high, 2 low.
        move_originator: AE title and Message ID of the C-MOVE that this is a sub-operation of.
        data_set_type: Anything but 0101H announces a data set.
    """
    elements = [
        (Tag.AFFECTED_SOP_CLASS_UID, ui(sop_class_uid)),
        (Tag.COMMAND_FIELD, us(CommandField.C_STORE_RQ)),
        (Tag.MESSAGE_ID, us(message_id)),
        (Tag.PRIORITY, us(priority)),
        (Tag.COMMAND_DATA_SET_TYPE, us(data_set_type)),
        (Tag.AFFECTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
    ]
    if move_originator is not None:
        elements.append((Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE, ae(move_originator[0])))
        elements.append((Tag.MOVE_ORIGINATOR_MESSAGE_ID, us(move_originator[1])))
    return command_set(elements)


def c_find_rq(message_id: int, *, sop_class_uid: str, priority: int = MEDIUM_PRIORITY) -> CommandSet:
    """C-FIND-RQ (PS3.7 Table 9.3-3); the identifier follows as data set."""
    return _query_rq(CommandField.C_FIND_RQ, message_id, sop_class_uid, priority)


def c_get_rq(message_id: int, *, sop_class_uid: str, priority: int = MEDIUM_PRIORITY) -> CommandSet:
    """C-GET-RQ (PS3.7 Table 9.3-6); the identifier follows as data set."""
    return _query_rq(CommandField.C_GET_RQ, message_id, sop_class_uid, priority)


def c_move_rq(
    message_id: int, *, sop_class_uid: str, move_destination: str, priority: int = MEDIUM_PRIORITY
) -> CommandSet:
    """C-MOVE-RQ (PS3.7 Table 9.3-9); the identifier follows as data set."""
    base = _query_rq(CommandField.C_MOVE_RQ, message_id, sop_class_uid, priority)
    rest = ((e.tag, e.value) for e in base.elements if e.tag != Tag.COMMAND_GROUP_LENGTH)
    return command_set((*rest, (Tag.MOVE_DESTINATION, ae(move_destination))))


def n_action_rq(message_id: int, *, sop_class_uid: str, sop_instance_uid: str, action_type_id: int) -> CommandSet:
    """N-ACTION-RQ (PS3.7 Table 10.3-7); the action information follows as data set."""
    return command_set(
        (
            (Tag.REQUESTED_SOP_CLASS_UID, ui(sop_class_uid)),
            (Tag.COMMAND_FIELD, us(CommandField.N_ACTION_RQ)),
            (Tag.MESSAGE_ID, us(message_id)),
            (Tag.COMMAND_DATA_SET_TYPE, us(DATA_SET_PRESENT)),
            (Tag.REQUESTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
            (Tag.ACTION_TYPE_ID, us(action_type_id)),
        )
    )


def n_event_report_rq(message_id: int, *, sop_class_uid: str, sop_instance_uid: str, event_type_id: int) -> CommandSet:
    """N-EVENT-REPORT-RQ (PS3.7 Table 10.3-1); the event information follows as data set."""
    return command_set(
        (
            (Tag.AFFECTED_SOP_CLASS_UID, ui(sop_class_uid)),
            (Tag.COMMAND_FIELD, us(CommandField.N_EVENT_REPORT_RQ)),
            (Tag.MESSAGE_ID, us(message_id)),
            (Tag.COMMAND_DATA_SET_TYPE, us(DATA_SET_PRESENT)),
            (Tag.AFFECTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
            (Tag.EVENT_TYPE_ID, us(event_type_id)),
        )
    )


def c_cancel_rq(message_id_being_responded_to: int) -> CommandSet:
    """C-CANCEL-RQ: names an operation, has no data set and no response (PS3.7 Tables 9.3-5, 9.3-8, 9.3-11)."""
    return command_set(
        (
            (Tag.COMMAND_FIELD, us(CommandField.C_CANCEL_RQ)),
            (Tag.MESSAGE_ID_BEING_RESPONDED_TO, us(message_id_being_responded_to)),
            (Tag.COMMAND_DATA_SET_TYPE, us(NO_DATA_SET)),
        )
    )


def response(
    request: CommandSet,
    *,
    status: int,
    data_set: bool = False,
    extra: Mapping[int, bytes] | None = None,
) -> CommandSet:
    """The response to a request: bit 15 of the Command Field set, Message ID and SOP UIDs as requested.

    Args:
        request: The request as it was received.
        status: (0000,0900).
        data_set: Whether a data set follows.
        extra: Further elements, by element number.
    """
    elements: dict[int, bytes] = {
        Tag.COMMAND_FIELD: us((request.command_field or 0) | 0x8000),
        Tag.MESSAGE_ID_BEING_RESPONDED_TO: us(request.message_id or 0),
        Tag.COMMAND_DATA_SET_TYPE: us(DATA_SET_PRESENT if data_set else NO_DATA_SET),
        Tag.STATUS: us(status),
    }
    for tag in (Tag.AFFECTED_SOP_CLASS_UID, Tag.AFFECTED_SOP_INSTANCE_UID):
        uid = request.text(tag)
        if uid:
            elements[tag] = ui(uid)
    return command_set((elements | dict(extra or {})).items())


def _query_rq(command_field: CommandField, message_id: int, sop_class_uid: str, priority: int) -> CommandSet:
    return command_set(
        (
            (Tag.AFFECTED_SOP_CLASS_UID, ui(sop_class_uid)),
            (Tag.COMMAND_FIELD, us(command_field)),
            (Tag.MESSAGE_ID, us(message_id)),
            (Tag.PRIORITY, us(priority)),
            (Tag.COMMAND_DATA_SET_TYPE, us(DATA_SET_PRESENT)),
        )
    )
