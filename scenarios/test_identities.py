"""Identities and mandatory user information, made up or odd: ignored, refused or served, and never believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from conformance.driver.edits import with_items, with_user_items
from conformance.driver.peer import AssociateEdit, Peer
from conformance.driver.sending import contexts_of
from conformance.instances.instance import Instance
from conformance.plugin.fixtures import NATIVE, Judge, Peers
from conformance.verdict import extended, messages, negotiation, responses
from conformance.verdict.finding import Verdict
from conformance.verdict.negotiation import Answers
from conformance.wire import items
from conformance.wire.extended_items import (
    user_identity_with_lengths,
)
from conformance.wire.items import Item, ItemType
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = [pytest.mark.topic("extended negotiation"), pytest.mark.alone]

IMPLICIT: Final = "1.2.840.10008.1.2"
VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT,))])
VENDORS: Final = {
    "DCMTK": "1.2.276.0.7230010.3.0.3.6.7",
    "dcm4che": "1.2.40.0.13.1.3",
    "pynetdicom": "1.2.826.0.1.3680043.9.3811.3.0.4",
    "GDCM": "1.2.826.0.1.3680043.2.1143.107.104.103.115.3.0.24",
    "one component after the root": "1.2",
}


def _echoes(connection: Peer, judge: Judge, requirement: str, *, context_id: int = 1) -> None:
    """The association can be used, where there is one."""
    if context_id in connection.accepted:
        judge(responses.expect(connection.echo(context_id=context_id), requirement, success=True))
        connection.release()


TYPES: Final = {
    "user name": (1, b"CONFORMANCE-NOBODY", b""),
    "user name and passcode": (2, b"CONFORMANCE-NOBODY", b"not-the-passcode"),
    "Kerberos ticket": (3, bytes(range(64)), b""),
    "SAML assertion": (4, b"<saml:Assertion/>", b""),
    "JSON web token": (5, b"e30.e30.", b""),
}


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-01", "UI-USR-03", "UI-USR-04", "UI-USR-05")
@pytest.mark.parametrize("response_requested", [False, True], ids=["no response asked", "response asked"])
@pytest.mark.parametrize("identity", TYPES)
def test_invented_identity(peer: Peers, judge: Judge, identity: str, response_requested: bool) -> None:
    """An identity that was made up is ignored, or the association rejected for good by the ACSE."""
    number, primary, secondary = TYPES[identity]
    item = items.user_identity_item(number, primary=primary, secondary=secondary, response_requested=response_requested)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        # A user name alone is not to be proved: whoever names it is that user.
        judge(
            negotiation.rejected_or_accepted(exchange, "UI-USR-01")
            if number == 1
            else extended.invented_identity(exchange, "UI-USR-05")
        )
        if number <= 2:
            judge(extended.server_response(exchange))
        _echoes(connection, judge, "UI-USR-01")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-06")
@pytest.mark.parametrize("number", [0, 6, 255])
def test_unknown_type_of_identity(peer: Peers, judge: Judge, number: int) -> None:
    """An identity of a reserved type is ignored or rejected, and never confirmed."""
    item = items.user_identity_item(number, primary=b"NOBODY", response_requested=True)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        judge(extended.unprovable_identity(exchange, "UI-USR-06"))
        _echoes(connection, judge, "UI-USR-06")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-07")
@pytest.mark.parametrize(
    ("number", "secondary"), [(1, b"passcode"), (2, b"")], ids=["name with a passcode", "passcode missing"]
)
def test_secondary_field_of_an_identity(peer: Peers, judge: Judge, number: int, secondary: bytes) -> None:
    """A passcode where none belongs is ignored or rejected; a missing one is never taken for the right one."""
    item = items.user_identity_item(number, primary=b"NOBODY", secondary=secondary, response_requested=True)
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, user_items=[item])
        judge(
            extended.odd_request(exchange, "UI-USR-07")
            if number == 1
            else extended.unprovable_identity(exchange, "UI-USR-07", otherwise=Verdict.WARN)
        )


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-USR-08")
def test_identity_beyond_ascii(peer: Peers, judge: Judge) -> None:
    """A user name in UTF-8 beyond ASCII is treated like any other."""
    exchanges = []
    for name in ("NOBODY", "Grün-山田"):
        with peer() as connection:
            item = items.user_identity_item(1, primary=name.encode())
            exchanges.append(connection.associate(VERIFICATION, user_items=[item]))
            connection.release()
    judge(extended.same_answer(exchanges[0], exchanges[1], "UI-USR-08", what="the characters of the name are"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UI-USR-09")
@pytest.mark.parametrize(
    ("primary_length", "secondary_length"),
    [(0xFFFF, 0), (3, 0), (7, 0), (6, 0xFFFF), (6, 1)],
    ids=["primary of 65535", "primary cut", "primary one too long", "secondary of 65535", "secondary one too long"],
)
def test_lengths_of_an_identity(peer: Peers, judge: Judge, primary_length: int, secondary_length: int) -> None:
    """An identity whose lengths do not add up is ignored, rejected or aborted."""
    item = user_identity_with_lengths(1, b"NOBODY", primary_length=primary_length, secondary_length=secondary_length)
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, user_items=[item]), "UI-USR-09"))


def _without(item_type: ItemType) -> AssociateEdit:
    return with_user_items(lambda found: tuple(i for i in found if i.item_type != item_type))


def _with_body(item_type: ItemType, *bodies: bytes) -> AssociateEdit:
    """The request with sub-items of a type in place of those that it has."""

    def change(found: tuple[Item, ...]) -> tuple[Item, ...]:
        rest = tuple(i for i in found if i.item_type != item_type)
        return (*rest, *(Item(item_type=item_type, body=body) for body in bodies))

    return with_user_items(change)


@pytest.mark.level("safe")
@pytest.mark.parametrize(
    ("requirement", "edit"),
    [
        pytest.param(
            "UI-MAX-02",
            _without(ItemType.MAXIMUM_LENGTH),
            id="no maximum length",
            marks=pytest.mark.requirement("UI-MAX-02"),
        ),
        *(
            pytest.param(
                "UI-MAX-03",
                _with_body(ItemType.MAXIMUM_LENGTH, *bodies),
                id=name,
                marks=pytest.mark.requirement("UI-MAX-03"),
            )
            for name, bodies in {
                "maximum length twice": (b"\0\0\x40\0", b"\0\0\x80\0"),
                "maximum length of 2 bytes": (b"\x40\0",),
                "maximum length of 8 bytes": (bytes(6) + b"\x40\0",),
                "maximum length of 0 bytes": (b"",),
            }.items()
        ),
        pytest.param(
            "UI-IMP-03",
            _without(ItemType.IMPLEMENTATION_CLASS_UID),
            id="no implementation class UID",
            marks=pytest.mark.requirement("UI-IMP-03"),
        ),
        *(
            pytest.param(
                "UI-IMP-03",
                _with_body(ItemType.IMPLEMENTATION_CLASS_UID, *bodies),
                id=f"implementation class UID {name}",
                marks=pytest.mark.requirement("UI-IMP-03"),
            )
            for name, bodies in {
                "twice": (b"1.2.3", b"1.2.4"),
                "of 0 bytes": (b"",),
                "of 65 characters": (b"1.2." + b"3" * 61,),
                "of letters": (b"not.a.uid",),
                "padded": (b"1.2.3\0",),
            }.items()
        ),
    ],
)
def test_mandatory_sub_item_missing_or_odd(peer: Peers, judge: Judge, requirement: str, edit: AssociateEdit) -> None:
    """A request without a mandatory sub-item, or with an odd one, is accepted and served, rejected or aborted."""
    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, edit=edit), requirement))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), requirement))


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-IMP-05")
@pytest.mark.parametrize(
    "name",
    [b"", b"SIXTEEN-LETTERS-", b"SEVENTEEN-LETTERS", b"X" * 64, b"X" * 1000, "Grün".encode(), b"\0\1\2\3", b" PADDED "],
    ids=["0", "16", "17", "64", "1000", "non-ASCII", "control characters", "spaces"],
)
def test_implementation_version_name(peer: Peers, judge: Judge, name: bytes) -> None:
    """An implementation version name of any length and any characters is no reason to refuse."""
    with peer() as connection:
        exchange = connection.associate(VERIFICATION, edit=_with_body(ItemType.IMPLEMENTATION_VERSION_NAME, name))
        reported = Answers(rejections=(negotiation.ANY_REJECTION,), abort=True, closed=True)
        judge(negotiation.expect(exchange, "UI-IMP-05", accepted=True, reported=reported, well_formed=False))
        _echoes(connection, judge, "UI-IMP-05")


@pytest.mark.level("safe")
@pytest.mark.requirement("UI-IMP-06")
@pytest.mark.parametrize("vendor", VENDORS)
def test_implementation_of_another_vendor(peer: Peers, judge: Judge, ct_image: Instance, vendor: str) -> None:
    """The answer does not depend on whose implementation class UID the request has."""
    contexts = contexts_of([(ct_image.sop_class_uid, NATIVE), (VERIFICATION_SOP_CLASS, (IMPLICIT,))])
    edit = _with_body(ItemType.IMPLEMENTATION_CLASS_UID, VENDORS[vendor].encode())
    exchanges = []
    for change in (lambda request: request, edit):
        with peer() as connection:
            exchanges.append(connection.associate(contexts, edit=change))
            _echoes(connection, judge, "UI-IMP-06", context_id=3)
    judge(extended.same_answer(exchanges[0], exchanges[1], "UI-IMP-06", what="52H names"))


@pytest.mark.level("disruptive")
@pytest.mark.requirement("UI-GEN-03")
@pytest.mark.parametrize("how", ["empty", "twice", "missing"])
def test_user_information_item(peer: Peers, judge: Judge, how: str) -> None:
    """A request whose user information is empty, missing or there twice is accepted, rejected or aborted."""

    def change(found: tuple[Item, ...]) -> tuple[Item, ...]:
        rest = tuple(i for i in found if i.item_type != ItemType.USER_INFORMATION)
        own = tuple(i for i in found if i.item_type == ItemType.USER_INFORMATION)
        return {"empty": (*rest, replace(own[0], body=b"")), "twice": (*rest, *own, *own), "missing": rest}[how]

    with peer() as connection:
        judge(extended.odd_request(connection.associate(VERIFICATION, edit=with_items(change)), "UI-GEN-03"))
        if 1 in connection.accepted:
            judge(messages.any_answer(connection.echo(context_id=1), "UI-GEN-03"))
