"""PDUs to bytes and back, and bytes that are none."""

from __future__ import annotations

import struct
import tracemalloc
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.errors import WireError
from conformance.wire.items import (
    Item,
    ProposedContext,
    application_context_item,
    implementation_class_uid_item,
    implementation_version_name_item,
    maximum_length_item,
    proposed_context_item,
    user_information_item,
)
from conformance.wire.pdu import (
    AbortPdu,
    Associate,
    AssociateRJ,
    PDataTF,
    Pdu,
    PduType,
    Pdv,
    ReleaseRP,
    ReleaseRQ,
    UnknownPdu,
    ae_title_field,
    decode_pdu,
    header,
    pdu_name,
    type_of,
)

byte = st.integers(0, 255)
leaf_items = st.builds(Item, item_type=st.integers(0x80, 0xFF), body=st.binary(max_size=40), reserved=byte)
known_pdu_types = set(PduType)

pdus: st.SearchStrategy[Pdu] = st.one_of(
    st.builds(
        Associate,
        pdu_type=st.sampled_from((PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC)),
        called_ae_title=st.binary(min_size=16, max_size=16),
        calling_ae_title=st.binary(min_size=16, max_size=16),
        items=st.lists(leaf_items, max_size=4).map(tuple),
        protocol_version=st.integers(0, 0xFFFF),
        reserved=byte,
        reserved_9_10=st.binary(min_size=2, max_size=2),
        reserved_43_74=st.binary(min_size=32, max_size=32),
    ),
    st.builds(AssociateRJ, result=byte, source=byte, reason=byte, reserved=byte, reserved_7=byte),
    st.builds(
        PDataTF,
        pdvs=st.lists(
            st.builds(Pdv, context_id=byte, control=byte, fragment=st.binary(max_size=60)), min_size=1, max_size=4
        ).map(tuple),
        reserved=byte,
    ),
    st.builds(ReleaseRQ, reserved=byte, reserved_7_10=st.binary(min_size=4, max_size=4)),
    st.builds(ReleaseRP, reserved=byte, reserved_7_10=st.binary(min_size=4, max_size=4)),
    st.builds(AbortPdu, source=byte, reason=byte, reserved=byte, reserved_7_8=st.binary(min_size=2, max_size=2)),
    st.builds(
        UnknownPdu, pdu_type=byte.filter(lambda t: t not in known_pdu_types), body=st.binary(max_size=60), reserved=byte
    ),
)


@given(pdus)
@settings(deadline=None)
def test_every_pdu_survives_the_way_to_bytes_and_back(pdu: Pdu) -> None:
    data = pdu.encode()
    decoded = decode_pdu(data)
    assert decoded == pdu
    assert decoded.encode() == data
    assert struct.unpack_from(">I", data, 2)[0] == len(data) - 6
    assert type_of(pdu) == data[0]


@given(st.one_of(st.sampled_from(sorted(known_pdu_types)), byte), st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_a_body_of_any_bytes_raises_nothing_but_wire_error(pdu_type: int, body: bytes) -> None:
    data = header(pdu_type, len(body)) + body
    try:
        decoded = decode_pdu(data)
    except WireError:
        return
    match decoded:
        case Associate():
            assert (decoded.maximum_length or 0) >= 0
            _ = decoded.implementation_class_uid, decoded.implementation_version_name
            _ = decoded.asynchronous_operations_window, decoded.application_contexts
        case _:
            assert decoded.encode() == data


@given(st.data())
@settings(deadline=None)
def test_a_spoilt_association_raises_nothing_but_wire_error(data: st.DataObject) -> None:
    raw = bytearray(association().encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(6, len(raw) - 1))] = data.draw(byte)
    cut = data.draw(st.integers(0, 20))
    spoilt = bytes(raw[6 : len(raw) - cut])
    try:
        decoded = decode_pdu(header(raw[0], len(spoilt)) + spoilt)
    except WireError:
        return
    assert isinstance(decoded, Associate)
    _ = decoded.proposed_contexts, decoded.context_results, decoded.user_items, decoded.maximum_length


@given(st.binary(max_size=40))
@settings(deadline=None)
def test_any_bytes_raise_nothing_but_wire_error(data: bytes) -> None:
    with suppress(WireError):
        decode_pdu(data)


def association() -> Associate:
    context = ProposedContext(
        context_id=1, abstract_syntax="1.2.840.10008.1.1", transfer_syntaxes=("1.2.840.10008.1.2",)
    )
    user = (
        maximum_length_item(16384),
        implementation_class_uid_item("1.2.3"),
        implementation_version_name_item("VERSION"),
    )
    return Associate(
        pdu_type=PduType.A_ASSOCIATE_RQ,
        called_ae_title=ae_title_field("PACS"),
        calling_ae_title=ae_title_field("ME"),
        items=(application_context_item(), proposed_context_item(context), user_information_item(user)),
    )


def test_fields_of_an_association_are_read() -> None:
    decoded = decode_pdu(association().encode())
    assert isinstance(decoded, Associate)
    assert decoded.called_ae_title == b"PACS" + b" " * 12
    assert decoded.application_contexts == ("1.2.840.10008.3.1.1.1",)
    assert [c.context_id for c in decoded.proposed_contexts] == [1]
    assert decoded.maximum_length == 16384
    assert decoded.implementation_class_uid == "1.2.3"
    assert decoded.implementation_version_name == "VERSION"
    assert decoded.asynchronous_operations_window is None
    assert decoded.context_results == ()


def test_the_layout_is_the_one_of_table_9_11() -> None:
    data = replace(association(), reserved_43_74=bytes(range(32))).encode()
    assert data[:2] == b"\x01\x00"
    assert data[6:8] == b"\x00\x01"
    assert data[10:14] == b"PACS"
    assert data[26:28] == b"ME"
    assert data[42:74] == bytes(range(32))
    assert data[74] == 0x10


def test_rejection_and_abort_have_the_layout_of_their_tables() -> None:
    assert AssociateRJ(result=1, source=2, reason=3).encode() == bytes.fromhex("03 00 00000004 00 01 02 03")
    assert AbortPdu(source=2, reason=6).encode() == bytes.fromhex("07 00 00000004 0000 02 06")
    assert AbortPdu(source=2, reason=6, reserved=9).encode()[1] == 9


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"\x04\0\0", "a header has 6", id="header-cut"),
        pytest.param(header(4, 10) + b"\0", "PDU-length says 10", id="length-differs"),
        pytest.param(header(7, 3) + bytes(3), "A-ABORT with PDU-length 3", id="abort-short"),
        pytest.param(header(1, 10) + bytes(10), "fixed part has 74", id="association-short"),
        pytest.param(header(4, 0), "without a presentation data value", id="no-pdv"),
        pytest.param(header(4, 2) + b"\0\0", "2 bytes left", id="pdv-length-cut"),
        pytest.param(header(4, 4) + b"\0\0\0\1", "PDV item length 1", id="pdv-length-1"),
        pytest.param(header(4, 6) + b"\xff\xff\xff\xff\1\3", "4294967295 bytes", id="pdv-of-4-gib"),
    ],
)
def test_broken_pdus_say_what_and_where(data: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words) as caught:
        decode_pdu(data)
    assert 0 <= caught.value.offset <= len(data)
    assert caught.value.clause.startswith("PS3.8 ")
    assert caught.value.what in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said", "offset", "clause"),
    [
        (header(3, 3) + bytes(3), "A-ASSOCIATE-RJ with PDU-length 3", 2, "PS3.8 Table 9-21"),
        (header(5, 3) + bytes(3), "A-RELEASE-RQ with PDU-length 3", 2, "PS3.8 Table 9-24"),
        (header(6, 3) + bytes(3), "A-RELEASE-RP with PDU-length 3", 2, "PS3.8 Table 9-25"),
        (header(7, 3) + bytes(3), "A-ABORT with PDU-length 3", 2, "PS3.8 Table 9-26"),
        (header(4, 0), "P-DATA-TF without a presentation data value", 2, "PS3.8 Table 9-22"),
        (header(4, 10) + b"\0", "PDU-length says 10 bytes, 1 follow", 2, "PS3.8 9.3.1"),
        (b"\x04\0\0", "PDU of 3 bytes; a header has 6", 0, "PS3.8 9.3.1"),
        (header(4, 6) + b"\0\0\0\x09\1\3", "PDV item says 9 bytes, 2 are left", 6, "PS3.8 Table 9-23"),
        (header(1, 10) + bytes(10), "association PDU of 16 bytes", 2, "PS3.8 Table 9-11"),
    ],
)
def test_an_error_names_its_place_and_its_table(data: bytes, said: str, offset: int, clause: str) -> None:
    with pytest.raises(WireError) as caught:
        decode_pdu(data)
    assert caught.value.what.startswith(said)
    assert (caught.value.offset, caught.value.clause) == (offset, clause)


@pytest.mark.parametrize(("pdu_type", "clause"), [(1, "PS3.8 Table 9-11"), (2, "PS3.8 Table 9-17")])
def test_a_broken_association_pdu_names_its_own_table(pdu_type: int, clause: str) -> None:
    for body in (bytes(10), bytes(68) + b"\x10"):
        with pytest.raises(WireError) as caught:
            decode_pdu(header(pdu_type, len(body)) + body)
        assert caught.value.clause == clause


def test_claimed_lengths_allocate_nothing() -> None:
    claims = [
        header(4, 6) + b"\xff\xff\xff\xff\1\3",
        header(1, 72) + bytes(68) + b"\x10\0\xff\xff",
        header(7, 0xFFFFFFFF),
    ]
    tracemalloc.start()
    try:
        for data in claims:
            with pytest.raises(WireError):
                decode_pdu(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def test_names_of_pdu_types() -> None:
    assert pdu_name(4) == "P-DATA-TF"
    assert pdu_name(0x99) == "PDU type 99H"


def test_ae_titles_are_padded_and_cut_to_16_bytes() -> None:
    assert ae_title_field("A") == b"A" + b" " * 15
    assert len(ae_title_field("A" * 20)) == 16
