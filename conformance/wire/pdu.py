"""The seven PDUs of the DICOM upper layer as values, to and from bytes (PS3.8 9.3, Tables 9-11 to 9-26)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from conformance.wire.errors import WireError
from conformance.wire.items import (
    ContextResult,
    Item,
    ItemType,
    ProposedContext,
    decode_context_result,
    decode_items,
    decode_proposed_context,
)

HEADER_BYTES: Final = 6


class PduType(IntEnum):
    """PDU types (PS3.8 9.3.1)."""

    A_ASSOCIATE_RQ = 0x01
    A_ASSOCIATE_AC = 0x02
    A_ASSOCIATE_RJ = 0x03
    P_DATA_TF = 0x04
    A_RELEASE_RQ = 0x05
    A_RELEASE_RP = 0x06
    A_ABORT = 0x07


def pdu_name(pdu_type: int) -> str:
    """The standard's name of a PDU type, or `PDU type xxH`."""
    try:
        return PduType(pdu_type).name.replace("_", "-")
    except ValueError:
        return f"PDU type {pdu_type:02X}H"


def header(pdu_type: int, length: int, *, reserved: int = 0) -> bytes:
    """The six bytes in front of every PDU: type, reserved, length of what follows (PS3.8 9.3.1)."""
    return struct.pack(">BBI", pdu_type, reserved, length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Associate:
    """A-ASSOCIATE-RQ or A-ASSOCIATE-AC (PS3.8 Tables 9-11, 9-17): a fixed part of 68 bytes, then items."""

    pdu_type: PduType
    called_ae_title: bytes
    """The 16 bytes of bytes 11-26, padding included."""
    calling_ae_title: bytes
    """The 16 bytes of bytes 27-42, padding included."""
    items: tuple[Item, ...]
    protocol_version: int = 1
    reserved: int = 0
    reserved_9_10: bytes = bytes(2)
    reserved_43_74: bytes = bytes(32)

    def encode(self) -> bytes:
        """The PDU's bytes."""
        body = b"".join(
            (
                struct.pack(">H", self.protocol_version),
                self.reserved_9_10,
                self.called_ae_title,
                self.calling_ae_title,
                self.reserved_43_74,
                *(item.encode() for item in self.items),
            )
        )
        return header(self.pdu_type, len(body), reserved=self.reserved) + body

    @property
    def application_contexts(self) -> tuple[str, ...]:
        """Every application context name; exactly one is legal."""
        return tuple(i.body.decode("latin-1") for i in self.items if i.item_type == ItemType.APPLICATION_CONTEXT)

    @property
    def proposed_contexts(self) -> tuple[ProposedContext, ...]:
        """The presentation contexts of an A-ASSOCIATE-RQ, in their order."""
        return tuple(decode_proposed_context(i) for i in self.items if i.item_type == ItemType.PRESENTATION_CONTEXT_RQ)

    @property
    def context_results(self) -> tuple[ContextResult, ...]:
        """The presentation contexts of an A-ASSOCIATE-AC, in their order."""
        return tuple(decode_context_result(i) for i in self.items if i.item_type == ItemType.PRESENTATION_CONTEXT_AC)

    @property
    def user_items(self) -> tuple[Item, ...]:
        """The sub-items of every user information item, in their order."""
        return tuple(
            sub
            for item in self.items
            if item.item_type == ItemType.USER_INFORMATION
            for sub in decode_items(item.body, base=item.offset + 4, clause="PS3.8 9.3.2.3")
        )

    @property
    def maximum_length(self) -> int | None:
        """The value of the first maximum length sub-item, in bytes; 0 is no limit; None is not sent."""
        body = self._first_user_item(ItemType.MAXIMUM_LENGTH)
        return struct.unpack(">I", body)[0] if body is not None and len(body) == 4 else None

    @property
    def implementation_class_uid(self) -> str | None:
        """The first implementation class UID, padding kept; None is not sent."""
        body = self._first_user_item(ItemType.IMPLEMENTATION_CLASS_UID)
        return None if body is None else body.decode("latin-1")

    @property
    def implementation_version_name(self) -> str | None:
        """The first implementation version name, padding kept; None is not sent."""
        body = self._first_user_item(ItemType.IMPLEMENTATION_VERSION_NAME)
        return None if body is None else body.decode("latin-1")

    @property
    def asynchronous_operations_window(self) -> tuple[int, int] | None:
        """Operations invoked and performed of the first window sub-item; None is not sent."""
        body = self._first_user_item(ItemType.ASYNCHRONOUS_OPERATIONS_WINDOW)
        return struct.unpack(">HH", body) if body is not None and len(body) == 4 else None

    def _first_user_item(self, item_type: ItemType) -> bytes | None:
        return next((i.body for i in self.user_items if i.item_type == item_type), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociateRJ:
    """A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

    result: int
    source: int
    reason: int
    reserved: int = 0
    reserved_7: int = 0

    def encode(self) -> bytes:
        """The PDU's ten bytes."""
        body = bytes((self.reserved_7, self.result, self.source, self.reason))
        return header(PduType.A_ASSOCIATE_RJ, 4, reserved=self.reserved) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdv:
    """One presentation data value item (PS3.8 Table 9-23, Annex E)."""

    context_id: int
    control: int
    """Message control header: bit 0 command, bit 1 last fragment; the rest is not checked (E.2)."""
    fragment: bytes | memoryview
    offset: int = field(default=-1, compare=False)

    @property
    def is_command(self) -> bool:
        """Whether the fragment belongs to a command set."""
        return bool(self.control & 0x01)

    @property
    def is_last(self) -> bool:
        """Whether the fragment is the last of its command or data set."""
        return bool(self.control & 0x02)

    def encode(self) -> bytes:
        """The item's bytes, its length counting context id, control header and fragment."""
        return struct.pack(">IBB", len(self.fragment) + 2, self.context_id, self.control) + bytes(self.fragment)


@dataclass(frozen=True, slots=True, kw_only=True)
class PDataTF:
    """P-DATA-TF (PS3.8 Table 9-22)."""

    pdvs: tuple[Pdv, ...]
    reserved: int = 0

    def encode(self) -> bytes:
        """The PDU's bytes."""
        body = b"".join(pdv.encode() for pdv in self.pdvs)
        return header(PduType.P_DATA_TF, len(body), reserved=self.reserved) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRQ:
    """A-RELEASE-RQ (PS3.8 Table 9-24)."""

    reserved: int = 0
    reserved_7_10: bytes = bytes(4)

    def encode(self) -> bytes:
        """The PDU's ten bytes."""
        return header(PduType.A_RELEASE_RQ, 4, reserved=self.reserved) + self.reserved_7_10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRP:
    """A-RELEASE-RP (PS3.8 Table 9-25)."""

    reserved: int = 0
    reserved_7_10: bytes = bytes(4)

    def encode(self) -> bytes:
        """The PDU's ten bytes."""
        return header(PduType.A_RELEASE_RP, 4, reserved=self.reserved) + self.reserved_7_10


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortPdu:
    """A-ABORT (PS3.8 Table 9-26)."""

    source: int
    reason: int
    reserved: int = 0
    reserved_7_8: bytes = bytes(2)

    def encode(self) -> bytes:
        """The PDU's ten bytes."""
        return (
            header(PduType.A_ABORT, 4, reserved=self.reserved) + self.reserved_7_8 + bytes((self.source, self.reason))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPdu:
    """A PDU of a type that PS3.8 9.3.1 does not list."""

    pdu_type: int
    body: bytes
    reserved: int = 0

    def encode(self) -> bytes:
        """The PDU's bytes."""
        return header(self.pdu_type, len(self.body), reserved=self.reserved) + self.body


Pdu = Associate | AssociateRJ | PDataTF | ReleaseRQ | ReleaseRP | AbortPdu | UnknownPdu


def type_of(pdu: Pdu) -> int:
    """The PDU type byte of a value."""
    match pdu:
        case Associate() | UnknownPdu():
            return pdu.pdu_type
        case AssociateRJ():
            return PduType.A_ASSOCIATE_RJ
        case PDataTF():
            return PduType.P_DATA_TF
        case ReleaseRQ():
            return PduType.A_RELEASE_RQ
        case ReleaseRP():
            return PduType.A_RELEASE_RP
        case AbortPdu():
            return PduType.A_ABORT


def ae_title_field(title: str) -> bytes:
    """A title in its 16 bytes, padded with trailing spaces (PS3.8 Table 9-11, bytes 11-26)."""
    return title.encode("latin-1").ljust(16)[:16]


def decode_pdu(data: bytes) -> Pdu:
    """One whole PDU.

    Args:
        data: Header and body, exactly as long as the length field says.

    Raises:
        WireError: The structure is not the one of its type.
    """
    if len(data) < HEADER_BYTES:
        raise WireError(f"PDU of {len(data)} bytes; a header has 6", offset=0, clause="PS3.8 9.3.1")
    pdu_type, reserved, length = struct.unpack_from(">BBI", data)
    if length != len(data) - HEADER_BYTES:
        raise WireError(
            f"PDU-length says {length} bytes, {len(data) - HEADER_BYTES} follow",
            offset=2,
            clause="PS3.8 9.3.1",
        )
    match pdu_type:
        case PduType.A_ASSOCIATE_RQ | PduType.A_ASSOCIATE_AC:
            return _decode_associate(PduType(pdu_type), reserved, data)
        case PduType.P_DATA_TF:
            return PDataTF(pdvs=_decode_pdvs(data), reserved=reserved)
        case PduType.A_ASSOCIATE_RJ:
            body = _four_bytes(data, "A-ASSOCIATE-RJ", "PS3.8 Table 9-21")
            return AssociateRJ(reserved=reserved, reserved_7=body[0], result=body[1], source=body[2], reason=body[3])
        case PduType.A_RELEASE_RQ:
            return ReleaseRQ(reserved=reserved, reserved_7_10=_four_bytes(data, "A-RELEASE-RQ", "PS3.8 Table 9-24"))
        case PduType.A_RELEASE_RP:
            return ReleaseRP(reserved=reserved, reserved_7_10=_four_bytes(data, "A-RELEASE-RP", "PS3.8 Table 9-25"))
        case PduType.A_ABORT:
            body = _four_bytes(data, "A-ABORT", "PS3.8 Table 9-26")
            return AbortPdu(reserved=reserved, reserved_7_8=body[:2], source=body[2], reason=body[3])
        case _:
            return UnknownPdu(pdu_type=pdu_type, reserved=reserved, body=bytes(data[HEADER_BYTES:]))


def _four_bytes(data: bytes, name: str, clause: str) -> bytes:
    if len(data) != HEADER_BYTES + 4:
        raise WireError(f"{name} with PDU-length {len(data) - HEADER_BYTES}; it is 4", offset=2, clause=clause)
    return bytes(data[HEADER_BYTES:])


def _decode_associate(pdu_type: PduType, reserved: int, data: bytes) -> Associate:
    clause = "PS3.8 Table 9-11" if pdu_type is PduType.A_ASSOCIATE_RQ else "PS3.8 Table 9-17"
    if len(data) < 74:
        raise WireError(f"association PDU of {len(data)} bytes; its fixed part has 74", offset=2, clause=clause)
    associate = Associate(
        pdu_type=pdu_type,
        reserved=reserved,
        protocol_version=struct.unpack_from(">H", data, 6)[0],
        reserved_9_10=data[8:10],
        called_ae_title=data[10:26],
        calling_ae_title=data[26:42],
        reserved_43_74=data[42:74],
        items=decode_items(data[74:], base=74, clause=clause),
    )
    # Reading them here makes a PDU whose sub-items overrun fail as a whole, and never later.
    _ = associate.proposed_contexts, associate.context_results, associate.user_items
    return associate


def _decode_pdvs(data: bytes) -> tuple[Pdv, ...]:
    clause = "PS3.8 Table 9-23"
    pdvs: list[Pdv] = []
    view = memoryview(data)
    position = HEADER_BYTES
    while position < len(data):
        if position + 4 > len(data):
            raise WireError(
                f"{len(data) - position} bytes left where a PDV length of 4 should stand",
                offset=position,
                clause=clause,
            )
        (length,) = struct.unpack_from(">I", data, position)
        if length < 2:
            raise WireError(
                f"PDV item length {length}; context id and control header alone are 2",
                offset=position,
                clause=clause,
            )
        end = position + 4 + length
        if end > len(data):
            raise WireError(
                f"PDV item says {length} bytes, {len(data) - position - 4} are left",
                offset=position,
                clause=clause,
            )
        pdvs.append(
            Pdv(
                context_id=data[position + 4],
                control=data[position + 5],
                fragment=view[position + 6 : end],
                offset=position,
            )
        )
        position = end
    if not pdvs:
        raise WireError("P-DATA-TF without a presentation data value", offset=2, clause="PS3.8 Table 9-22")
    return tuple(pdvs)
