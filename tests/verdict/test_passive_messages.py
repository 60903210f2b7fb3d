"""The P-DATA-TF PDUs, command sets and responses of the target beside our requests."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from conformance.observation.transcript import EventKind
from conformance.standard import sop_classes
from conformance.verdict.finding import Verdict
from conformance.wire import items, messages
from conformance.wire.command import CommandElement, CommandField, CommandSet, Tag, ui, us
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ProposedContext
from conformance.wire.pdu import ReleaseRP, ReleaseRQ
from tests.verdict.builders import (
    CT,
    DATA,
    IMPLICIT,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    Wire,
    accept,
    deviations,
    edited,
    judged,
    pdvs,
    request,
    store_rq,
    without,
)

FAIL, WARN, INFO = Verdict.FAIL, Verdict.WARN, Verdict.INFO
STORE = store_rq()
ECHO = messages.c_echo_rq(1)
STORED = messages.response(STORE, status=0)
ECHOED = messages.response(ECHO, status=0)


def store(answer: CommandSet, data_set: bytes | None = None, *, context_id: int = 1) -> Wire:
    return Wire().associated().ask(STORE, DATA).answer(answer, data_set, context_id=context_id)


def echo(answer: CommandSet) -> Wire:
    return Wire().associated().ask(ECHO, context_id=3).answer(answer, context_id=3)


PAYLOAD = STORED.encode()
GET_CONTEXTS = (
    ProposedContext(context_id=1, abstract_syntax=STUDY_ROOT_GET, transfer_syntaxes=(IMPLICIT,)),
    ProposedContext(context_id=3, abstract_syntax=CT, transfer_syntaxes=(IMPLICIT,)),
)
GET = messages.c_get_rq(1, sop_class_uid=STUDY_ROOT_GET)
FIND = messages.c_find_rq(1, sop_class_uid=STUDY_ROOT_FIND)


def get_with(sub_operation: CommandSet, data_set: bytes | None = DATA) -> Wire:
    return (
        Wire()
        .associated(GET_CONTEXTS)
        .ask(GET, DATA)
        .answer(sub_operation, data_set, context_id=3)
        .ask(messages.response(sub_operation, status=0), context_id=3)
        .answer(messages.response(GET, status=0))
    )


def test_an_ordinary_dialogue_passes_everything_it_touches() -> None:
    wire = Wire().associated().store().store(0xB007, message_id=2)
    wire.ask(ECHO, context_id=3).answer(ECHOED, context_id=3)
    wire.sent(ReleaseRQ()).received(ReleaseRP()).event(EventKind.PEER_CLOSED)
    findings = judged(wire)
    assert {f.verdict for f in findings.values()} == {Verdict.PASS}
    assert findings["CMD-27"].actual == "3 final responses"
    assert findings["STA-02"].actual == "2 C-STORE statuses"
    expected = {"PDV-05", "PDV-08", "PDV-12", "PDV-14", "PDV-22", "PDV-31", "UI-MAX-04", "CMD-01", "CMD-02", "CMD-03"}
    expected |= {"CMD-04", "CMD-05", "CMD-13", "CMD-14", "CMD-17", "CMD-18", "CMD-24", "CMD-25", "CMD-26", "CMD-28"}
    expected |= {"STA-01", "STA-06", "STA-09", "STA-13", "STA-26", "ECH-02", "ECH-03", "ECH-07", "PDV-10", "PDV-19"}
    assert expected <= findings.keys()


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(store(edited(STORED, {0x0002: None, 0x1000: None})), id="no-sop-uids"),
        pytest.param(store(edited(STORED, {Tag.MESSAGE_ID: us(9)})), id="message-id-in-response"),
    ],
)
def test_what_the_standard_leaves_open_is_a_note(wire: Wire) -> None:
    assert set(deviations(wire).values()) == {INFO}


@pytest.mark.parametrize(
    "status", [0x0000, 0xB000, 0xB006, 0xA700, 0xA9FF, 0xC123, 0x0117, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212], ids=hex
)
def test_every_status_of_the_table_passes(status: int) -> None:
    assert deviations(Wire().associated().store(status)) == {}


def test_related_fields_of_the_table_pass() -> None:
    both: dict[int, bytes] = {Tag.OFFENDING_ELEMENT: struct.pack("<HH", 0x10, 0x10), Tag.ERROR_COMMENT: b"no patient"}
    assert deviations(Wire().associated().store(0xA900, extra=both)) == {}
    assert deviations(Wire().associated().store(0xB000, extra=both)) == {}
    assert deviations(Wire().associated().store(0xA700, extra={Tag.ERROR_COMMENT: b"full"})) == {}


def said_twice(tag: int, value: bytes) -> CommandSet:
    """The C-STORE-RQ with a second value behind that of an element."""
    again = [CommandElement(tag=tag, value=value)]
    return CommandSet(elements=tuple(x for e in STORE.elements for x in (e, *(again if e.tag == tag else ()))))


@pytest.mark.parametrize(
    ("request_twice", "answer"),
    [
        pytest.param(said_twice(Tag.COMMAND_FIELD, us(0x30)), {Tag.COMMAND_FIELD: us(0x8030)}, id="command-field"),
        pytest.param(said_twice(Tag.MESSAGE_ID, us(9)), {Tag.MESSAGE_ID_BEING_RESPONDED_TO: us(9)}, id="message-id"),
        pytest.param(
            said_twice(Tag.AFFECTED_SOP_INSTANCE_UID, ui("1.2.9")),
            {Tag.AFFECTED_SOP_INSTANCE_UID: ui("1.2.9")},
            id="sop-instance-uid",
        ),
    ],
)
def test_either_of_two_values_in_a_request_may_be_answered(
    request_twice: CommandSet, answer: dict[int, bytes | None]
) -> None:
    wire = Wire().associated().ask(request_twice, DATA).answer(edited(STORED, answer))
    assert FAIL not in deviations(wire).values()


def test_two_requests_under_one_message_id_may_be_answered_in_any_order() -> None:
    other = edited(STORE, {Tag.AFFECTED_SOP_INSTANCE_UID: ui("1.2.9")})
    wire = Wire().associated().ask(STORE, DATA).ask(other, DATA)
    wire.answer(messages.response(other, status=0x0210)).answer(STORED)
    assert FAIL not in deviations(wire).values()


def oversize() -> Wire:
    wire = Wire().associated(max_pdu_bytes=64).ask(STORE, DATA)
    return wire.received(message_bytes(STORED, None, context_id=1, max_pdu_bytes=66))


def explicit_vr() -> bytes:
    element = struct.pack("<HH2sHI", 0, 0, b"UL", 4, 10) + struct.pack("<HH2sHH", 0, 0x900, b"US", 2, 0)
    return pdvs((1, 3, element)).encode()


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        pytest.param(oversize(), {"PDV-22": FAIL, "UI-MAX-04": FAIL}, id="over-our-maximum"),
        pytest.param(
            Wire().associated().ask(STORE, DATA).received(pdvs((1, 1, PAYLOAD)), pdvs((1, 3, b""))),
            {"PDV-05": FAIL},
            id="empty-pdv",
        ),
        pytest.param(
            Wire().associated().ask(STORE, DATA).received(pdvs((1, 0xFF, PAYLOAD))), {"PDV-08": FAIL}, id="control-bits"
        ),
        pytest.param(
            Wire().associated().ask(STORE, DATA).received(pdvs((1, 1, PAYLOAD[:13])), pdvs((1, 3, PAYLOAD[13:]))),
            {"PDV-12": FAIL},
            id="odd-fragments",
        ),
        pytest.param(store(STORED, context_id=5), {"PDV-14": FAIL, "PDV-31": FAIL}, id="context-never-agreed"),
        pytest.param(store(STORED, context_id=3), {"PDV-31": FAIL}, id="other-context"),
        pytest.param(
            Wire().associated().ask(STORE, DATA).received(pdvs((1, 2, PAYLOAD))), {"PDV-19": FAIL}, id="flagged-as-data"
        ),
        pytest.param(
            Wire().associated().ask(STORE, DATA).received(pdvs((1, 1, PAYLOAD[:20])), pdvs((3, 3, PAYLOAD[20:]))),
            {"PDV-09": FAIL, "CMD-01": FAIL},
            id="command-on-two-contexts",
        ),
        pytest.param(
            store(STORED).received(pdvs((1, 2, DATA))), {"PDV-21": FAIL, "CMD-18": FAIL}, id="data-set-unannounced"
        ),
        pytest.param(
            Wire()
            .associated()
            .store()
            .ask(store_rq(2), DATA)
            .received(pdvs((1, 3, PAYLOAD), (1, 3, messages.response(store_rq(2), status=0).encode()))),
            {"PDV-10": FAIL, "CMD-27": FAIL},
            id="two-messages-in-one-pdu",
        ),
        pytest.param(
            Wire()
            .associated(GET_CONTEXTS)
            .ask(GET, DATA)
            .answer(store_rq(), None, context_id=3)
            .answer(messages.response(GET, status=0)),
            {"PDV-20": FAIL},
            id="announced-data-set-missing",
        ),
        pytest.param(Wire().associated().ask(STORE, DATA).received(explicit_vr()), {"CMD-01": FAIL}, id="explicit-vr"),
        pytest.param(store(without(STORED, 0)), {"CMD-02": FAIL}, id="no-group-length"),
        pytest.param(
            store(replace(STORED, elements=(replace(STORED.elements[0], value=bytes(4)), *STORED.elements[1:]))),
            {"CMD-02": FAIL},
            id="wrong-group-length",
        ),
        pytest.param(
            store(replace(STORED, elements=(STORED.elements[0], *STORED.elements[:0:-1]))),
            {"CMD-03": FAIL},
            id="descending",
        ),
        pytest.param(
            store(edited(STORED, {Tag.AFFECTED_SOP_CLASS_UID: CT.encode() + b" "})),
            {"CMD-04": FAIL},
            id="uid-and-space",
        ),
        pytest.param(
            store(edited(STORED, {Tag.AFFECTED_SOP_CLASS_UID: CT.encode()})),
            {"CMD-04": FAIL, "PDV-12": FAIL},
            id="uid-odd",
        ),
        pytest.param(store(edited(STORED, {0x0099: b"\0\0"})), {"CMD-05": FAIL}, id="invented-element"),
        pytest.param(store(edited(STORED, {0x0001: bytes(4)})), {"CMD-05": WARN}, id="retired-element"),
        pytest.param(store(edited(STORED, {Tag.COMMAND_FIELD: us(0x8030)})), {"CMD-13": FAIL}, id="echo-rsp-to-store"),
        pytest.param(
            store(edited(STORED, {Tag.MESSAGE_ID_BEING_RESPONDED_TO: us(99)})), {"CMD-14": FAIL}, id="other-message-id"
        ),
        pytest.param(
            store(edited(STORED, {Tag.COMMAND_DATA_SET_TYPE: us(0)}), DATA), {"CMD-18": FAIL}, id="store-rsp-with-data"
        ),
        pytest.param(store(edited(STORED, {Tag.COMMAND_DATA_SET_TYPE: None})), {"CMD-18": FAIL}, id="no-data-set-type"),
        pytest.param(
            store(edited(STORED, {Tag.AFFECTED_SOP_INSTANCE_UID: ui("1.2.3")})), {"CMD-24": FAIL}, id="other-instance"
        ),
        pytest.param(
            store(edited(STORED, {Tag.AFFECTED_SOP_INSTANCE_UID: b""})), {"CMD-24": FAIL}, id="empty-instance-uid"
        ),
        pytest.param(store(edited(STORED, {Tag.STATUS: None})), {"CMD-26": FAIL}, id="no-status"),
        pytest.param(store(edited(STORED, {Tag.STATUS: bytes(4)})), {"CMD-26": FAIL}, id="long-status"),
        pytest.param(store(STORED).answer(STORED), {"CMD-27": FAIL}, id="second-response"),
        pytest.param(
            Wire().associated().ask(STORE).answer(STORED).sent(pdvs((1, 2, DATA))), {"CMD-28": FAIL}, id="early-success"
        ),
        pytest.param(
            Wire().associated().ask(messages.c_cancel_rq(1)).answer(edited(STORED, {Tag.COMMAND_FIELD: us(0x8FFF)})),
            {"CAN-02": FAIL},
            id="response-to-cancel",
        ),
        pytest.param(Wire().associated().store(0xD000), {"STA-01": FAIL}, id="status-without-class"),
        pytest.param(Wire().associated().store(0xA801), {"STA-02": FAIL}, id="status-not-listed"),
        pytest.param(Wire().associated().store(0x0111), {"STA-04": WARN}, id="status-0111"),
        pytest.param(Wire().associated().store(0x0112), {"STA-05": WARN}, id="status-0112"),
        pytest.param(Wire().associated().store(0xFF00), {"STA-26": FAIL}, id="pending-store"),
        pytest.param(
            Wire().associated().store(0, extra={Tag.ERROR_COMMENT: b"fine"}), {"STA-06": FAIL}, id="comment-on-success"
        ),
        pytest.param(
            Wire().associated().store(0xA700, extra={Tag.OFFENDING_ELEMENT: bytes(4)}), {"STA-07": WARN}, id="sta-07"
        ),
        pytest.param(
            Wire().associated().store(0xC000, extra={Tag.ERROR_ID: us(1)}),
            {"STA-08": WARN, "STA-13": WARN},
            id="error-id",
        ),
        pytest.param(
            Wire().associated().store(0xB000, extra={Tag.ERROR_ID: us(1)}),
            {"STA-09": WARN, "STA-13": WARN},
            id="error-id-with-warning",
        ),
        pytest.param(
            Wire().associated().store(0x0122, extra={Tag.OFFENDING_ELEMENT: bytes(4)}), {"STA-10": WARN}, id="sta-10"
        ),
        pytest.param(
            Wire().associated().store(0x0117, extra={Tag.AFFECTED_SOP_INSTANCE_UID: ui("1.2.9")}),
            {"STA-11": WARN, "CMD-24": FAIL},
            id="sta-11",
        ),
        pytest.param(
            Wire().associated().store(0x0211, extra={Tag.ERROR_COMMENT: b"no"}), {"STA-12": WARN}, id="sta-12"
        ),
        pytest.param(
            Wire().associated().store(0xA900, extra={Tag.OFFENDING_ELEMENT: b"PatientID "}), {"STA-14": FAIL}, id="at"
        ),
        pytest.param(
            Wire().associated().store(0xA900, extra={Tag.OFFENDING_ELEMENT: bytes.fromhex("1800 0800")}),
            {"STA-14": FAIL},
            id="at-with-its-halves-exchanged",
        ),
        pytest.param(
            Wire().associated().store(0xC000, extra={Tag.ERROR_COMMENT: b"x" * 66}), {"STA-15": FAIL}, id="long-comment"
        ),
        pytest.param(
            Wire().associated().store(0xC000, extra={Tag.ERROR_COMMENT: b"a\\b\n"}), {"STA-15": FAIL}, id="bad-comment"
        ),
        pytest.param(
            Wire().associated().store(0xC000, extra={Tag.ERROR_COMMENT: b"no\0\0"}),
            {"CMD-43": FAIL},
            id="comment-padded-with-nul",
        ),
        pytest.param(
            echo(edited(ECHOED, {Tag.MESSAGE_ID_BEING_RESPONDED_TO: None})),
            {"ECH-02": FAIL, "CMD-14": FAIL},
            id="echo-without-id",
        ),
        pytest.param(
            echo(edited(ECHOED, {Tag.AFFECTED_SOP_CLASS_UID: ui(CT)})), {"ECH-03": FAIL}, id="echo-other-class"
        ),
        pytest.param(echo(messages.response(ECHO, status=0x0122)), {"ECH-07": FAIL}, id="echo-refused"),
        pytest.param(get_with(edited(store_rq(), {Tag.PRIORITY: None})), {"CMD-21": FAIL}, id="target-rq-no-priority"),
        pytest.param(get_with(edited(store_rq(), {Tag.PRIORITY: us(3)})), {"CMD-21": FAIL}, id="target-rq-priority-3"),
        pytest.param(
            get_with(edited(store_rq(), {Tag.AFFECTED_SOP_INSTANCE_UID: None})), {"CMD-12": FAIL}, id="target-rq-no-uid"
        ),
        pytest.param(
            get_with(edited(store_rq(), {Tag.COMMAND_DATA_SET_TYPE: us(0x0101)}), None),
            {"CMD-20": FAIL},
            id="target-rq-no-data",
        ),
        pytest.param(
            get_with(edited(store_rq(), {Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE: b"ME\0\0"})),
            {"CMD-43": FAIL},
            id="target-rq-nul-in-title",
        ),
    ],
)
def test_what_deviates_is_found_and_nothing_else(wire: Wire, expected: dict[str, Verdict]) -> None:
    assert deviations(wire) == expected
    for name in expected:
        finding = judged(wire)[name]
        received = wire.transcript.bytes_of(EventKind.RECEIVED)
        assert all(received[e.offset :].startswith(e.data) for e in finding.evidence)


def test_sub_operations_of_a_get_pass() -> None:
    wire = get_with(store_rq())
    assert deviations(wire) == {}
    assert judged(wire)["CMD-12"].actual == "1 C-STORE-RQ of the target"


def test_no_limit_means_no_limit() -> None:
    wire = Wire().associated(max_pdu_bytes=0).ask(STORE, DATA).received(pdvs((1, 3, PAYLOAD)))
    assert deviations(wire) == {}
    assert "PDV-23" in judged(wire)
    assert "PDV-22" not in judged(wire)


def test_a_maximum_without_room_is_our_fault() -> None:
    wire = Wire().associated(max_pdu_bytes=7).ask(STORE, DATA)
    assert deviations(wire.received(message_bytes(STORED, None, context_id=1, max_pdu_bytes=16384))) == {"PDV-25": WARN}


def test_two_maxima_of_ours_set_no_limit() -> None:
    two = (items.maximum_length_item(16),)
    wire = Wire().sent(request(max_pdu_bytes=64, user_items=two)).received(accept()).ask(STORE, DATA).answer(STORED)
    assert "PDV-22" not in judged(wire)


def test_a_find_has_many_responses_and_one_end() -> None:
    wire = Wire().associated((replace(GET_CONTEXTS[0], abstract_syntax=STUDY_ROOT_FIND),)).ask(FIND, DATA)
    for _ in range(3):
        wire.answer(messages.response(FIND, status=0xFF00, data_set=True), DATA)
    wire.ask(messages.c_cancel_rq(1)).answer(messages.response(FIND, status=0xFE00))
    assert deviations(wire) == {}
    assert judged(wire)["CMD-27"].actual == "1 final responses"
    assert judged(wire)["CAN-02"].verdict is Verdict.PASS


def test_command_elements_of_another_group() -> None:
    foreign = CommandElement(group=9, tag=1, value=b"\0\0")
    with_foreign = replace(STORED, elements=(*STORED.elements, foreign))
    length = replace(STORED.elements[0], value=struct.pack("<I", len(with_foreign.encode()) - 12))
    wire = store(replace(with_foreign, elements=(length, *with_foreign.elements[1:])))
    assert deviations(wire) == {"CMD-05": FAIL}


def test_requests_of_the_target_have_no_status() -> None:
    assert store_rq().command_field == CommandField.C_STORE_RQ
    assert "CMD-26" in judged(get_with(store_rq()))


@pytest.mark.parametrize("ours", [True, False], ids=["proposed", "answered"])
@pytest.mark.parametrize(("roles", "accused"), [((1, 0), True), ((1, 1), True), ((0, 0), False), ((0, 1), False)])
def test_an_echo_is_owed_to_an_scu_alone(*, ours: bool, roles: tuple[int, int], accused: bool) -> None:
    """PS3.7 D.3.3.4: without the role of SCU there is nothing to ask for."""
    sub_items = [
        items.role_selection_item(sop_classes.VERIFICATION, scu=scu, scp=scp)
        for scu, scp in (roles if ours else (1, 1), (1, 1) if ours else roles)
    ]
    wire = Wire().sent(request(user_items=sub_items[:1])).received(accept(user_items=sub_items[1:]))
    wire.ask(ECHO, context_id=3).answer(messages.response(ECHO, status=0x0211), context_id=3)
    assert ("ECH-07" in deviations(wire)) is accused


COMMENT: dict[int, bytes] = {Tag.ERROR_COMMENT: b"no"}
ELEMENT: dict[int, bytes] = {Tag.OFFENDING_ELEMENT: b"\x10\x00\x20\x00"}


@pytest.mark.parametrize(
    ("status", "requirement", "allowed", "verdict"),
    [
        (0x0000, "STA-06", (), FAIL),
        (0x0117, "STA-11", (), WARN),
        (0x0210, "STA-12", (), WARN),
        (0x0211, "STA-12", (), WARN),
        (0x0212, "STA-12", (), WARN),
        (0x0122, "STA-10", (COMMENT,), WARN),
        (0x0124, "STA-10", (COMMENT,), WARN),
        (0xA700, "STA-07", (COMMENT,), WARN),
        (0xA7FF, "STA-07", (COMMENT,), WARN),
        (0xA900, "STA-08", (COMMENT, ELEMENT), WARN),
        (0xA9FF, "STA-08", (COMMENT, ELEMENT), WARN),
        (0xC000, "STA-08", (COMMENT, ELEMENT), WARN),
        (0xCFFF, "STA-08", (COMMENT, ELEMENT), WARN),
        (0xB000, "STA-09", (COMMENT, ELEMENT), WARN),
        (0xB006, "STA-09", (COMMENT, ELEMENT), WARN),
        (0xB007, "STA-09", (COMMENT, ELEMENT), WARN),
    ],
)
def test_what_may_stand_beside_a_status(
    status: int, requirement: str, allowed: tuple[dict[int, bytes], ...], verdict: Verdict
) -> None:
    """PS3.7 9.1.1.1.9 and Annex C."""
    for extra in (COMMENT, ELEMENT):
        found = deviations(Wire().associated().store(status, extra=extra))
        assert found.get(requirement) is (None if extra in allowed else verdict)
    assert requirement not in deviations(Wire().associated().store(status))


@pytest.mark.parametrize(
    ("comment", "accused"),
    [
        (b"x" * 64, False),
        (b"x" * 65 + b" ", True),
        (b"\x1b$B", False),
        (b"\x1a ", True),
        (b"\\ ", True),
        (b"[]", False),
    ],
)
def test_bounds_of_an_error_comment(comment: bytes, accused: bool) -> None:
    """LO: 64 characters, no backslash and no control character but ESC (PS3.5 6.2)."""
    found = deviations(Wire().associated().store(0xC000, extra={Tag.ERROR_COMMENT: comment}))
    assert ("STA-15" in found) is accused
