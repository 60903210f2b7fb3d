"""What an A-ASSOCIATE-RQ is answered with."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable

import pytest

from conformance.standard.sop_classes import PATIENT_ROOT_GET, VERIFICATION, all_storage
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import FOR_STORAGE
from conformance.wire.command import Tag, ui
from conformance.wire.fragments import message_bytes
from conformance.wire.items import (
    Item,
    ItemType,
    ProposedContext,
    application_context_item,
    asynchronous_operations_window_item,
    maximum_length_item,
    proposed_context_item,
    role_selection_item,
    sop_class_extended_negotiation_item,
    user_identity_item,
    user_information_item,
)
from conformance.wire.messages import c_echo_rq, c_store_rq
from conformance.wire.pdu import Associate, AssociateRJ, PDataTF
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, CT_IMPLICIT, ECHO, EXPLICIT, IMPLICIT, MR, Seen, is_abort, peer, request


def answer(pacs: EmbeddedPacs, rq: Associate) -> Seen:
    with peer(pacs.address) as connected:
        connected.send(rq.encode())
        return connected.see()


def accepted(pacs: EmbeddedPacs, rq: Associate) -> Associate:
    seen = answer(pacs, rq)
    assert isinstance(seen, Associate), seen
    return seen


def results(ac: Associate) -> list[tuple[int, int, str | None]]:
    return [(r.context_id, r.result, r.transfer_syntax) for r in ac.context_results]


def context(context_id: int, abstract: str, *transfer: str) -> ProposedContext:
    return ProposedContext(context_id=context_id, abstract_syntax=abstract, transfer_syntaxes=transfer)


@pytest.mark.parametrize("version", [0x0001, 0x0003, 0x8001, 0xFFFF], ids=hex)
def test_bit_0_of_the_protocol_version_alone_counts(pacs: EmbeddedPacs, version: int) -> None:
    assert accepted(pacs, dataclasses.replace(request(), protocol_version=version)).protocol_version == 1


@pytest.mark.parametrize("version", [0x0000, 0x0002, 0xFFFE], ids=hex)
def test_another_protocol_version_is_rejected(pacs: EmbeddedPacs, version: int) -> None:
    seen = answer(pacs, dataclasses.replace(request(), protocol_version=version))
    assert seen == AssociateRJ(result=1, source=2, reason=2)


def test_the_acceptance_repeats_bytes_11_to_74(pacs: EmbeddedPacs) -> None:
    rq = dataclasses.replace(
        request(),
        called_ae_title=b"  EMBEDDED      ",
        calling_ae_title=b"   TESTER       ",
        reserved_43_74=bytes(range(32)),
        reserved_9_10=b"\xaa\xbb",
        reserved=0xFF,
    )
    ac = accepted(pacs, rq)
    assert (ac.called_ae_title, ac.calling_ae_title) == (rq.called_ae_title, rq.calling_ae_title)
    assert ac.reserved_43_74 == rq.reserved_43_74
    assert (ac.reserved, ac.reserved_9_10) == (0, b"\0\0")


def test_the_acceptance_has_what_it_must_and_nothing_unasked(pacs: EmbeddedPacs) -> None:
    ac = accepted(pacs, request())
    assert ac.application_contexts == ("1.2.840.10008.3.1.1.1",)
    assert [i.item_type for i in ac.items] == [0x10, 0x21, 0x21, 0x50]
    assert sorted(i.item_type for i in ac.user_items) == [0x51, 0x52, 0x55]
    assert ac.implementation_version_name is not None
    assert len(ac.implementation_version_name) <= 16


@pytest.mark.parametrize(
    ("called", "calling", "required", "rejection"),
    [
        ("EMBEDDED", "A", True, None),
        ("   EMBEDDED", "A", True, None),
        ("embedded", "A", True, (1, 1, 7)),
        ("OTHER", "A", True, (1, 1, 7)),
        ("OTHER", "A", False, None),
        ("", "A", False, (1, 1, 7)),
        ("A", "", False, (1, 1, 3)),
        ("A\\B", "A", False, (1, 1, 7)),
        ("A", "../A\0", False, (1, 1, 3)),
        ("ABCDEFGHIJKLMNOP", "abc def-.,;:_!?", False, None),
    ],
    ids=[
        "own",
        "leading-spaces",
        "lower-case",
        "other",
        "other-allowed",
        "blank-called",
        "blank-calling",
        "backslash",
        "nul",
        "sixteen",
    ],
)
def test_ae_titles(
    start: Start, called: str, calling: str, required: bool, rejection: tuple[int, int, int] | None
) -> None:
    pacs = start(Settings(called_ae_required=required))
    seen = answer(pacs, request(called=called, calling=calling))
    if rejection is None:
        assert isinstance(seen, Associate)
    else:
        assert isinstance(seen, AssociateRJ)
        assert (seen.result, seen.source, seen.reason) == rejection


def without(item_type: ItemType) -> Callable[[Associate], Associate]:
    return lambda rq: dataclasses.replace(rq, items=tuple(i for i in rq.items if i.item_type != item_type))


def with_items(*items: Item) -> Callable[[Associate], Associate]:
    return lambda rq: dataclasses.replace(rq, items=(*rq.items[:1], *items, rq.items[-1]))


@pytest.mark.parametrize(
    ("change", "rejection"),
    [
        (without(ItemType.APPLICATION_CONTEXT), (1, 2, 1)),
        (without(ItemType.PRESENTATION_CONTEXT_RQ), (1, 2, 1)),
        (without(ItemType.USER_INFORMATION), (1, 2, 1)),
        (with_items(application_context_item(), proposed_context_item(ECHO)), (1, 2, 1)),
        (with_items(proposed_context_item(context(0, CT, IMPLICIT))), (1, 2, 1)),
        (with_items(proposed_context_item(context(254, CT, IMPLICIT))), (1, 2, 1)),
        (with_items(proposed_context_item(ECHO), proposed_context_item(ECHO)), (1, 2, 1)),
        (lambda rq: dataclasses.replace(rq, items=(application_context_item("1.2.3.4"), *rq.items[1:])), (1, 1, 2)),
        (lambda _: request(max_pdu_bytes=7), (1, 1, 1)),
    ],
    ids=["no-10H", "no-20H", "no-50H", "two-10H", "id-0", "id-254", "same-id", "application-context", "maximum-7"],
)
def test_requests_that_are_rejected(
    pacs: EmbeddedPacs, change: Callable[[Associate], Associate], rejection: tuple[int, int, int]
) -> None:
    seen = answer(pacs, change(request()))
    assert isinstance(seen, AssociateRJ)
    assert (seen.result, seen.source, seen.reason) == rejection
    assert (seen.reserved, seen.reserved_7) == (0, 0)


def overlong(item: bytes, at: int) -> bytes:
    """The item with the two-byte length at this offset made too long."""
    return item[:at] + struct.pack(">H", 0x1000) + item[at + 2 :]


@pytest.mark.parametrize(
    ("item_type", "body"),
    [
        (0x20, overlong(proposed_context_item(CT_IMPLICIT).encode()[4:], 6)),
        (0x20, b"\x01\0\0"),
        (0x50, overlong(maximum_length_item(1000).encode(), 2)),
        (0x50, b"\x51\0"),
    ],
    ids=["30H-overruns-20H", "20H-too-short", "51H-overruns-50H", "50H-cut"],
)
def test_items_that_overrun_make_the_pdu_invalid(pacs: EmbeddedPacs, item_type: int, body: bytes) -> None:
    rq = with_items(proposed_context_item(ECHO), Item(item_type=item_type, body=body))(request())
    assert is_abort(answer(pacs, rq), 0, 0)


@pytest.mark.parametrize("item_type", [0x11, 0x22, 0x60, 0xFF], ids=hex)
@pytest.mark.parametrize("length", [0, 200])
def test_unknown_items_are_skipped(pacs: EmbeddedPacs, item_type: int, length: int) -> None:
    unknown = Item(item_type=item_type, body=bytes(length))
    rq = with_items(unknown, proposed_context_item(CT_IMPLICIT), unknown, proposed_context_item(ECHO))(request())
    assert results(accepted(pacs, rq)) == [(1, 0, IMPLICIT), (3, 0, IMPLICIT)]


@pytest.mark.parametrize(
    "sub_item",
    [
        Item(item_type=0x5A, body=b""),
        Item(item_type=0xA0, body=bytes(1000)),
        asynchronous_operations_window_item(5, 5),
        sop_class_extended_negotiation_item(CT, b"\2\0\0\0\2\0"),
        Item(item_type=0x57, body=bytes(30)),
        user_identity_item(1, primary="müller".encode(), response_requested=True),
        Item(item_type=0x58, body=b"\x01"),
        Item(item_type=0x54, body=b"\x00\xff1.2"),
        Item(item_type=0x55, body=bytes(64)),
        Item(item_type=0x51, body=b"\0\1"),
    ],
    ids=["5AH", "A0H", "window", "extended", "common-extended", "identity", "58H-cut", "54H-cut", "55H", "two-51H"],
)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_sub_items_that_are_not_answered(pacs: EmbeddedPacs, sub_item: Item, first: bool) -> None:
    known = request().user_items
    user = (sub_item, *known) if first and sub_item.item_type != 0x51 else (*known, sub_item)
    rq = dataclasses.replace(request(), items=(*request().items[:-1], user_information_item(user)))
    ac = accepted(pacs, rq)
    assert sorted(i.item_type for i in ac.user_items) == [0x51, 0x52, 0x55]


def test_each_context_has_one_result_in_the_order_of_the_request(pacs: EmbeddedPacs) -> None:
    rq = request(
        context(5, CT, EXPLICIT, IMPLICIT),
        context(1, "1.2.3.4", IMPLICIT),
        context(255, CT, "1.2.3.5"),
        context(3, CT, "1.2.3.5", IMPLICIT, IMPLICIT),
        context(7, VERIFICATION, IMPLICIT),
        context(9, VERIFICATION, "1.2.840.10008.1.2.4.90"),
        context(11, CT),
        context(13, CT, IMPLICIT + "\0"),
        context(15, CT + "\0", IMPLICIT),
    )
    assert [(i, r) for i, r, _ in results(accepted(pacs, rq))] == [
        (5, 0), (1, 3), (255, 4), (3, 0), (7, 0), (9, 4), (11, 4), (13, 4), (15, 3)
    ]  # fmt: skip
    assert all(uid is not None for _, _, uid in results(accepted(pacs, rq)))


@pytest.mark.parametrize(
    ("items", "result"),
    [
        (Item(item_type=0x40, body=IMPLICIT.encode()).encode(), 3),
        (Item(item_type=0x30, body=CT.encode()).encode(), 4),
        (
            Item(item_type=0x30, body=CT.encode()).encode() * 2 + Item(item_type=0x40, body=IMPLICIT.encode()).encode(),
            2,
        ),
    ],
    ids=["no-30H", "no-40H", "two-30H"],
)
def test_a_malformed_context_is_rejected_alone(pacs: EmbeddedPacs, items: bytes, result: int) -> None:
    malformed = Item(item_type=0x20, body=b"\1\0\0\0" + items)
    ac = accepted(pacs, with_items(malformed, proposed_context_item(ECHO))(request()))
    assert [(i, r) for i, r, _ in results(ac)] == [(1, result), (3, 0)]


def test_128_contexts_of_30_transfer_syntaxes(pacs: EmbeddedPacs) -> None:
    made_up = tuple(f"1.2.840.10008.9.9.9.{n}" for n in range(29))
    rq = request(*(context(2 * n + 1, CT, *made_up, IMPLICIT) for n in range(128)))
    assert results(accepted(pacs, rq)) == [(2 * n + 1, 0, IMPLICIT) for n in range(128)]


def test_every_storage_class_is_accepted(pacs: EmbeddedPacs) -> None:
    classes = [row.uid for row in all_storage()]
    for batch in (classes[:128], classes[128:]):
        rq = request(*(context(2 * n + 1, uid, IMPLICIT) for n, uid in enumerate(batch)))
        assert all(r.accepted for r in accepted(pacs, rq).context_results)


def test_transfer_syntaxes_one_by_one(pacs: EmbeddedPacs) -> None:
    offered = [row.uid for row in TRANSFER_SYNTAXES] + ["1.2.840.10008.1.2.4.107.1", "1.2.840.10008.1.2.4.108.1"]
    rq = request(*(context(2 * n + 1, CT, uid) for n, uid in enumerate(offered)))
    agreed = {uid for uid, r in zip(offered, accepted(pacs, rq).context_results, strict=True) if r.accepted}
    assert agreed == FOR_STORAGE
    assert {row.uid for row in TRANSFER_SYNTAXES if row.encapsulated and not row.retired} < agreed
    assert not any(uid.startswith("1.2.840.10008.1.2.7.") for uid in agreed)


@pytest.mark.parametrize(
    ("items", "granted"),
    [
        ([role_selection_item(CT, scu=1, scp=0)], {CT: (1, 0)}),
        ([role_selection_item(CT, scu=0, scp=1)], {CT: (0, 1)}),
        ([role_selection_item(CT, scu=1, scp=1)], {CT: (1, 1)}),
        ([role_selection_item(CT, scu=0, scp=0)], {}),
        ([role_selection_item(CT, scu=255, scp=2)], {}),
        ([role_selection_item("1.2.3", scu=1, scp=1)], {}),
        ([role_selection_item(CT, scu=1, scp=0), role_selection_item(CT, scu=0, scp=1)], {CT: (1, 0)}),
        ([role_selection_item(VERIFICATION, scu=1, scp=1)], {VERIFICATION: (1, 0)}),
        ([role_selection_item(PATIENT_ROOT_GET, scu=0, scp=1)], {}),
    ],
    ids=["scu", "scp", "both", "neither", "odd-values", "not-proposed", "twice", "verification", "get-scp"],
)
def test_roles(pacs: EmbeddedPacs, items: list[Item], granted: dict[str, tuple[int, int]]) -> None:
    rq = request(CT_IMPLICIT, ECHO, context(5, PATIENT_ROOT_GET, IMPLICIT), user=items)
    answered = [i.body for i in accepted(pacs, rq).user_items if i.item_type == ItemType.ROLE_SELECTION]
    assert {body[2:-2].decode(): (body[-2], body[-1]) for body in answered} == granted


def test_a_requestor_that_is_scp_alone_may_not_store(pacs: EmbeddedPacs) -> None:
    image = ct()
    rq = c_store_rq(1, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID)
    with peer(pacs.address) as connected:
        connected.associate(CT_IMPLICIT, user=[role_selection_item(CT, scu=0, scp=1)])
        response, _ = connected.call(rq, encoded(image))
        assert response.status == 0x0211
    assert pacs.store.instances() == ()


@pytest.mark.parametrize("max_pdu_bytes", [8, 20, 21, 64, 127, 16384, 0])
def test_no_pdu_is_longer_than_the_peer_allows(pacs: EmbeddedPacs, max_pdu_bytes: int) -> None:
    with peer(pacs.address) as connected:
        connected.associate(max_pdu_bytes=max_pdu_bytes)
        response, _ = connected.call(c_echo_rq(0xFFFF), context_id=3)
        assert response.message_id_being_responded_to == 0xFFFF
        data = [p for p in connected.pdus if p[0] == 4]
    assert all(max_pdu_bytes == 0 or len(p) - 6 <= max_pdu_bytes for p in data)
    for pdu in data:
        assert struct.unpack_from(">I", pdu, 6)[0] == len(pdu) - 10
        assert len(pdu) % 2 == 0
        assert pdu[11] in (0x01, 0x03)


@pytest.mark.parametrize("excess", [0, 2, 1000])
def test_own_maximum_is_kept_to(start: Start, excess: int) -> None:
    pacs = start(Settings(max_pdu_bytes=1024))
    image = ct()
    rq = c_store_rq(1, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID)
    data = encoded(ct(pixels=32))
    with peer(pacs.address) as connected:
        ac = connected.associate()
        assert ac.maximum_length == 1024
        connected.send(message_bytes(rq, data, context_id=1, max_pdu_bytes=1024 + excess))
        seen = connected.see()
    assert isinstance(seen, PDataTF) if excess == 0 else is_abort(seen, 2, 6)


def test_too_many_associations_are_rejected_as_transient(start: Start) -> None:
    pacs = start(Settings(max_associations=2))
    with peer(pacs.address) as first, peer(pacs.address) as second:
        first.associate()
        second.associate()
        assert answer(pacs, request()) == AssociateRJ(result=2, source=3, reason=2)
        first.release()
        assert isinstance(answer(pacs, request()), Associate)
        response, _ = second.call(c_echo_rq(1), context_id=3)
        assert response.status == 0


def test_a_stalled_peer_keeps_nobody_waiting(start: Start) -> None:
    pacs = start(Settings(max_associations=1))
    with peer(pacs.address) as stalled:
        stalled.send(request().encode()[:30])
        assert isinstance(answer(pacs, request(context(1, MR, IMPLICIT))), Associate)


def test_a_uid_in_a_response_is_padded_with_nul(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as connected:
        connected.associate()
        response, _ = connected.call(c_echo_rq(1), context_id=3)
    assert response.value(Tag.AFFECTED_SOP_CLASS_UID) == ui(VERIFICATION)
