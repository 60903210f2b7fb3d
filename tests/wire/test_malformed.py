"""Malformed PDUs break the rule that they are named for, and nothing before it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.wire import malformed, malformed_association, malformed_pdata
from conformance.wire.errors import WireError
from conformance.wire.items import ItemType
from conformance.wire.layouts import in_one_pdu
from conformance.wire.messages import c_echo_rq
from conformance.wire.pdu import Associate, PDataTF, PduType, ReleaseRQ, decode_pdu
from conformance.wire.stimuli import INVALID_PDUS, accept_of
from tests.verdict.builders import request

REQUEST = request()
ECHO = malformed_pdata.command_pdv(c_echo_rq(1), 1)
CONTEXT = ItemType.PRESENTATION_CONTEXT_RQ
USER = ItemType.USER_INFORMATION


def test_a_header_can_claim_anything() -> None:
    good = ReleaseRQ().encode()
    assert malformed.with_length(good, 2**32 - 1)[:6] == b"\x05\x00\xff\xff\xff\xff"
    assert malformed.cut_to_length(good, 0) == b"\x05\x00\x00\x00\x00\x00"
    assert malformed.filled_to_length(good, 8) == b"\x05\x00\x00\x00\x00\x08" + bytes(8)


@pytest.mark.parametrize("data", INVALID_PDUS.values(), ids=INVALID_PDUS)
def test_invalid_pdus_are_unlisted_or_cannot_be_read(data: bytes) -> None:
    if data[0] in set(PduType):
        with pytest.raises(WireError):
            decode_pdu(data)
    else:
        assert decode_pdu(data)


def test_field_borders_ascend_and_reach_every_item() -> None:
    data = REQUEST.encode()
    offsets = [border.offset for border in malformed.field_borders(data)]
    assert offsets == sorted(offsets)
    assert len(set(offsets)) > 30
    assert {6, 26, 42, 74} <= set(offsets)
    assert max(offsets) < len(data)


def test_field_borders_of_values() -> None:
    behind = [border.behind for border in malformed.field_borders(in_one_pdu((ECHO, ECHO)))]
    assert behind.count("PDV item length") == 2
    assert behind[-1] == "message control header"


@pytest.mark.parametrize("path", [(0x10,), (CONTEXT,), (CONTEXT, 0x30), (CONTEXT, 0x40), (USER,), (USER, 0x51)])
def test_item_lengths_overrun(path: tuple[int, ...]) -> None:
    data = malformed_association.with_item_length(path, 0xFFFF)(REQUEST)
    assert len(data) == len(REQUEST.encode())
    with pytest.raises(WireError):
        decode_pdu(data)


def test_an_item_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="59H"):
        malformed_association.item_offset(REQUEST, (USER, 0x59))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_trailing_bytes_are_inside_the_length(count: int) -> None:
    data = malformed_association.with_trailing_bytes(count)(REQUEST)
    assert int.from_bytes(data[2:6]) == len(data) - 6
    with pytest.raises(WireError, match="item header"):
        decode_pdu(data)


def test_items_are_left_out_doubled_and_reversed() -> None:
    def types(changed: Associate) -> list[int]:
        return [item.item_type for item in changed.items]

    assert CONTEXT not in types(malformed_association.without_item(CONTEXT)(REQUEST))
    assert types(malformed_association.with_item_twice(0x10)(REQUEST))[:2] == [0x10, 0x10]
    reversed_types = types(malformed_association.with_items_reversed()(REQUEST))
    assert reversed_types == sorted(reversed_types, reverse=True)
    assert malformed_association.without_sub_item(ItemType.MAXIMUM_LENGTH)(REQUEST).maximum_length is None
    assert malformed_association.with_empty_item(USER)(REQUEST).user_items == ()


def test_contexts_are_replaced_in_their_place() -> None:
    item = malformed_association.context_item(2, (b"1.2",), ())
    changed = malformed_association.with_contexts(item)(REQUEST)
    assert [context.context_id for context in changed.proposed_contexts] == [2]
    assert changed.items[-1].item_type == USER


@pytest.mark.parametrize(
    "made",
    [
        lambda: malformed_pdata.with_short_pdv_first(ECHO, 0),
        lambda: malformed_pdata.with_short_pdv_first(ECHO, 1),
        lambda: malformed_pdata.with_pdv_longer(ECHO, 1),
        lambda: malformed_pdata.with_pdv_longer(ECHO, -2),
        lambda: malformed_pdata.with_bytes_behind(ECHO, 3),
        malformed_pdata.without_pdv,
    ],
    ids=["length 0", "length 1", "too long", "too short", "bytes behind", "no value"],
)
def test_values_that_cannot_be_read(made: Callable[[], bytes]) -> None:
    data = made()
    assert int.from_bytes(data[2:6]) == len(data) - 6
    with pytest.raises(WireError):
        decode_pdu(data)


def test_unused_control_bits_change_nothing_else() -> None:
    (changed,) = malformed_pdata.with_unused_control_bits((ECHO,))
    assert changed.control == 0xFF
    assert changed.is_command
    assert isinstance(decode_pdu(in_one_pdu((changed,))), PDataTF)


def test_other_protocols_are_the_same_for_the_same_seed() -> None:
    assert malformed.tls_client_hello(1) == malformed.tls_client_hello(1)
    assert malformed.tls_client_hello(1)[:3] == b"\x16\x03\x01"
    assert malformed.random_bytes(1, 64) == malformed.random_bytes(1, 64) != malformed.random_bytes(2, 64)
    assert malformed.http_request().startswith(b"GET ")
    assert malformed.ssh_banner().endswith(b"\r\n")


def test_an_accept_is_made_of_a_request() -> None:
    accept = accept_of(REQUEST)
    assert accept.pdu_type is PduType.A_ASSOCIATE_AC
    assert {result.context_id for result in accept.context_results} == {1, 3}
