"""Items and sub-items to bytes and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.errors import WireError
from conformance.wire.items import (
    ContextResult,
    Item,
    ItemType,
    ProposedContext,
    asynchronous_operations_window_item,
    context_result_item,
    decode_context_result,
    decode_items,
    decode_proposed_context,
    maximum_length_item,
    proposed_context_item,
    role_selection_item,
    sop_class_extended_negotiation_item,
    user_identity_item,
)

byte = st.integers(0, 255)
uids = st.text(alphabet="0123456789.", max_size=64)


@given(st.lists(st.builds(Item, item_type=byte, body=st.binary(max_size=50), reserved=byte), max_size=5).map(tuple))
@settings(deadline=None)
def test_items_survive_the_way_to_bytes_and_back(items: tuple[Item, ...]) -> None:
    data = b"".join(item.encode() for item in items)
    decoded = decode_items(data, base=100)
    assert decoded == items
    offset = 100
    for item in decoded:
        assert item.offset == offset
        offset += 4 + len(item.body)


@given(st.builds(ProposedContext, context_id=byte, abstract_syntax=uids, transfer_syntaxes=st.lists(uids).map(tuple)))
@settings(deadline=None)
def test_proposed_contexts_survive(context: ProposedContext) -> None:
    assert decode_proposed_context(proposed_context_item(context)) == context


@given(st.builds(ContextResult, context_id=byte, result=byte, transfer_syntaxes=st.lists(uids).map(tuple)))
@settings(deadline=None)
def test_context_results_survive(result: ContextResult) -> None:
    decoded = decode_context_result(context_result_item(result))
    assert decoded == result
    assert decoded.accepted == (result.result == 0)
    assert decoded.transfer_syntax == (result.transfer_syntaxes[0] if result.transfer_syntaxes else None)


@given(st.binary(max_size=80))
@settings(deadline=None)
def test_any_bytes_raise_nothing_but_wire_error(body: bytes) -> None:
    for decode in (decode_proposed_context, decode_context_result):
        with suppress(WireError):
            decode(Item(item_type=0x20, body=body))
    try:
        decoded = decode_items(body, base=0)
    except WireError:
        return
    assert b"".join(item.encode() for item in decoded) == body


@pytest.mark.parametrize(
    ("made", "body"),
    [
        pytest.param(lambda: maximum_length_item(16384), "00004000", id="51H"),
        pytest.param(lambda: asynchronous_operations_window_item(5, 1), "00050001", id="53H"),
        pytest.param(lambda: role_selection_item("1.2", scu=1, scp=0), "0003312e320100", id="54H"),
        pytest.param(lambda: sop_class_extended_negotiation_item("1.2", b"\x02"), "0003312e3202", id="56H"),
        pytest.param(lambda: user_identity_item(2, primary=b"me", secondary=b"x"), "020000026d65000178", id="58H"),
    ],
)
def test_sub_items_have_the_layout_of_their_tables(made: Callable[[], Item], body: str) -> None:
    item = made()
    assert item.body == bytes.fromhex(body)
    assert item.encode()[2:4] == len(item.body).to_bytes(2)


def test_a_body_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="65536 bytes"):
        Item(item_type=ItemType.USER_INFORMATION, body=bytes(65536)).encode()


def test_reserved_bytes_and_abstract_syntaxes_of_a_result_are_kept() -> None:
    body = b"\x01\x02\x00\x03" + Item(item_type=ItemType.ABSTRACT_SYNTAX, body=b"1.2").encode()
    decoded = decode_context_result(Item(item_type=ItemType.PRESENTATION_CONTEXT_AC, body=body, reserved=9))
    assert decoded.reserved == (9, 2, 3)
    assert decoded.abstract_syntaxes == ("1.2",)
