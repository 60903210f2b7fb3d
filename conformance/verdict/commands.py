"""The command sets that a target sends: their encoding and their fields (PS3.7 6.3.1, 9.3, Annex E)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from pydicom.datadict import dictionary_has_tag, repeater_has_tag

from conformance.verdict.dialogue import Dialogue, SeenMessage
from conformance.verdict.evidence_bytes import evidence_of
from conformance.verdict.finding import Evidence, Verdict
from conformance.verdict.ledger import Ledger, Rule
from conformance.wire.command import (
    NO_DATA_SET,
    CommandElement,
    CommandField,
    CommandSet,
    Tag,
    command_name,
    vr_of,
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "CMD-02": Rule(expected="Command Group Length first, and right", unit="command sets"),
        "CMD-03": Rule(expected="command elements in ascending order, each once", unit="command sets"),
        "CMD-04": Rule(expected="values of even length, UIDs padded with one NUL", unit="command sets"),
        "CMD-05": Rule(expected="elements of PS3.7 Table E.1-1 only", unit="command sets"),
        "CMD-12": Rule(
            expected="Message ID, Affected SOP Class UID and Affected SOP Instance UID in C-STORE-RQ",
            unit="C-STORE-RQ of the target",
        ),
        "CMD-17": Rule(expected="no Message ID (0000,0110) in a response, or one without meaning", unit="responses"),
        "CMD-18": Rule(expected="Command Data Set Type 0101H and no data set", unit="C-STORE-RSP"),
        "CMD-20": Rule(expected="a C-STORE-RQ that announces a data set", unit="C-STORE-RQ of the target"),
        "CMD-21": Rule(expected="Priority 0, 1 or 2", unit="requests of the target with a Priority"),
        "CMD-26": Rule(expected="a Status of two bytes in each response", unit="responses"),
        "CMD-43": Rule(expected="AE titles and text padded with a space", unit="command sets with such a value"),
        "STA-14": Rule(expected="Offending Element as a list of tags of four bytes", unit="Offending Elements"),
        "STA-15": Rule(
            expected="Error Comment of at most 64 characters, without backslash and control characters",
            unit="Error Comments",
        ),
        "ECH-02": Rule(
            expected="C-ECHO-RSP with group length, 8030H, Message ID Being Responded To, 0101H and Status",
            unit="C-ECHO-RSP",
        ),
    }
)

# PS3.7 Table E.2-1.
_RETIRED: Final = frozenset(
    {
        *(0x0001, 0x0010, 0x0200, 0x0300, 0x0400, 0x0850, 0x0860, 0x0870, 0x0880, 0x0890, 0x08A0, 0x08B0),
        *(0x4000, 0x4010, 0x5010, 0x5020, 0x5110, 0x5120, 0x5130, 0x5140, 0x5150, 0x5160, 0x5170, 0x5180),
        *(0x5190, 0x51A0, 0x51B0),
    }
)
_LISTED: Final = frozenset(Tag)
_US_BYTES: Final = 2
_LO_CHARACTERS: Final = 64
_WITH_PRIORITY: Final = frozenset(
    (CommandField.C_STORE_RQ, CommandField.C_FIND_RQ, CommandField.C_GET_RQ, CommandField.C_MOVE_RQ)
)


def judge(dialogue: Dialogue, ledger: Ledger) -> None:
    """Enter every command set that the target sent."""
    echoed = {e.value for message in dialogue.ours for e in message.command.elements}
    for message in dialogue.theirs:
        evidence = evidence_of(dialogue.transcript, message.pdu, at=message.at)
        ledger.met("CMD-01")
        _judge_encoding(ledger, message.command, evidence)
        _judge_values(ledger, message.command, evidence, echoed)
        if message.is_response:
            _judge_response(ledger, message, evidence)
        elif not message.is_cancel:
            _judge_request(ledger, message.command, evidence)


def _judge_encoding(ledger: Ledger, command: CommandSet, evidence: Evidence) -> None:
    ledger.check("CMD-02", _group_length_faults(command), evidence)
    tags = [(element.group, element.tag) for element in command.elements]
    shown = " ".join(f"({group:04X},{tag:04X})" for group, tag in tags)
    ascending = all(first < second for first, second in pairwise(tags))
    ledger.check("CMD-03", [] if ascending else [f"elements in the order {shown}"], evidence)
    foreign = [e for e in command.elements if e.group != 0 or e.tag not in _LISTED]
    retired = bool(foreign) and all(e.group == 0 and e.tag in _RETIRED for e in foreign)
    ledger.check(
        "CMD-05",
        [f"element ({e.group:04X},{e.tag:04X})" for e in foreign],
        evidence,
        verdict=Verdict.WARN if retired else Verdict.FAIL,
        note="retired, PS3.7 Table E.2-1" if retired else "",
    )


def _group_length_faults(command: CommandSet) -> list[str]:
    first = command.elements[0] if command.elements else None
    if first is None or (first.group, first.tag) != (0, Tag.COMMAND_GROUP_LENGTH):
        return ["no Command Group Length at the beginning"]
    if len(first.value) != 4:
        return [f"Command Group Length of {len(first.value)} bytes"]
    says = struct.unpack("<I", first.value)[0]
    counted = sum(len(element.value) + 8 for element in command.elements[1:])
    return [] if says == counted else [f"Command Group Length {says} where {counted} bytes follow"]


def _judge_values(ledger: Ledger, command: CommandSet, evidence: Evidence, echoed: set[bytes]) -> None:
    faults, padding = [], []
    texts = 0
    for element in command.elements:
        if element.group != 0 or element.value in echoed:
            continue
        if len(element.value) % 2:
            faults.append(f"{_name(element)} of {len(element.value)} bytes")
        vr = vr_of(element.tag)
        if vr == "UI" and (element.value.endswith((b" ", b"\0\0")) or b" " in element.value):
            faults.append(f"{_name(element)} is {element.value!r}")
        if vr in {"AE", "LO"}:
            texts += 1
            padding += [f"{_name(element)} is {element.value!r}"] if element.value.endswith(b"\0") else []
    ledger.check("CMD-04", faults, evidence)
    if texts:
        ledger.check("CMD-43", padding, evidence)


def _name(element: CommandElement) -> str:
    known = element.tag in _LISTED
    words = Tag(element.tag).name.replace("_", " ").title() + " " if known else ""
    return f"{words}({element.group:04X},{element.tag:04X})"


def _judge_response(ledger: Ledger, message: SeenMessage, evidence: Evidence) -> None:
    command = message.command
    status = command.value(Tag.STATUS)
    present = status is not None and len(status) == _US_BYTES
    shown = "no Status" if status is None else f"a Status of {len(status)} bytes"
    ledger.check("CMD-26", [] if present else [f"{shown} in {_command(command)}"], evidence)
    own_id, answered_id = command.message_id, command.message_id_being_responded_to
    confusing = command.has(Tag.MESSAGE_ID) and own_id != answered_id
    ledger.check(
        "CMD-17",
        [f"Message ID {own_id} beside Message ID Being Responded To {answered_id}"] if confusing else [],
        evidence,
        verdict=Verdict.INFO,
        note="retired in responses, PS3.7 9.1.1.1.1",
    )
    if command.command_field == CommandField.C_STORE_RSP:
        faults = _data_set_faults(message)
        ledger.check("CMD-18", faults, evidence)
    if command.command_field == CommandField.C_ECHO_RSP:
        wanted = (Tag.COMMAND_GROUP_LENGTH, Tag.MESSAGE_ID_BEING_RESPONDED_TO, Tag.STATUS)
        missing = [f"no ({0:04X},{tag:04X})" for tag in wanted if not command.has(tag)]
        ledger.check("ECH-02", missing + _data_set_faults(message), evidence)
    _judge_related_fields(ledger, command, evidence)


def _data_set_faults(message: SeenMessage) -> list[str]:
    data_set_type = message.command.number(Tag.COMMAND_DATA_SET_TYPE)
    faults = []
    if data_set_type != NO_DATA_SET:
        shown = "absent" if data_set_type is None else f"{data_set_type:04X}H"
        faults.append(f"Command Data Set Type {shown}")
    if message.data_fragments:
        faults.append(f"{message.data_fragments} data set fragments")
    return faults


def _is_known(group: int, element: int) -> bool:
    tag = group << 16 | element
    return dictionary_has_tag(tag) or repeater_has_tag(tag)


def _may_be_one(group: int, element: int) -> bool:
    """Whether there may be such an element: one of a private group, or one that PS3.6 has."""
    return bool(group % 2) or _is_known(group, element)


def _judge_related_fields(ledger: Ledger, command: CommandSet, evidence: Evidence) -> None:
    offending = command.value(Tag.OFFENDING_ELEMENT)
    if offending is not None:
        faults = [f"Offending Element of {len(offending)} bytes"] if len(offending) % 4 else []
        faults += [
            f"Offending Element ({group:04X},{element:04X}), which is none; ({element:04X},{group:04X}) is one"
            for group, element in command.offending_elements
            if not _may_be_one(group, element) and _is_known(element, group)
        ]
        ledger.check("STA-14", faults, evidence)
    comment = command.value(Tag.ERROR_COMMENT)
    if comment is not None:
        text = comment.rstrip(b" \0")
        faults = [f"Error Comment of {len(text)} characters"] if len(text) > _LO_CHARACTERS else []
        # PS3.5 Table 6.2-1, LO: no backslash, no control characters but ESC.
        if any(c == 0x5C or (c < 0x20 and c != 0x1B) for c in text):
            faults.append(f"Error Comment {bytes(text)!r}")
        ledger.check("STA-15", faults, evidence)


def _judge_request(ledger: Ledger, command: CommandSet, evidence: Evidence) -> None:
    if command.command_field == CommandField.C_STORE_RQ:
        missing = [
            f"no {name}"
            for name, present in (
                ("Message ID", command.message_id is not None),
                ("Affected SOP Class UID", bool(command.affected_sop_class_uid)),
                ("Affected SOP Instance UID", bool(command.affected_sop_instance_uid)),
            )
            if not present
        ]
        ledger.check("CMD-12", missing, evidence)
        ledger.check("CMD-20", [] if command.announces_data_set else ["a C-STORE-RQ without data set"], evidence)
    if command.command_field in _WITH_PRIORITY:
        priority = command.number(Tag.PRIORITY)
        ledger.check("CMD-21", [] if priority in {0, 1, 2} else [f"Priority {priority}"], evidence)


def _command(command: CommandSet) -> str:
    return command_name(command.command_field or 0)
