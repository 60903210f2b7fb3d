"""Elements as the bytes that they are sent as: what `Dataset` would tidy up stays as it is written here.

Values are in little endian, of even length already; both little endian encodings are made of the same elements.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from conformance.instances import catalogue
from conformance.instances.encoding import encode
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance, InstanceError

# PS3.5 Table 7.1-1: two reserved bytes and a length of four; so it is for any VR that is still to come (6.2, note 1).
_LONG_FORM: Final = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV", "ZZ"])
_UNDEFINED: Final = 0xFFFFFFFF
_SHORT_LENGTH: Final = 0xFFFE
_ITEM: Final = 0xFFFEE000
_ITEM_DELIMITER: Final = 0xFFFEE00D
_SEQUENCE_DELIMITER: Final = 0xFFFEE0DD
_NATIVE: Final = (str(ImplicitVRLittleEndian), str(ExplicitVRLittleEndian))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """An item of a sequence (PS3.5 7.5.1)."""

    elements: tuple[Raw, ...] = ()
    undefined_length: bool = False

    def encoded(self, *, explicit: bool) -> bytes:
        """Its bytes, delimited where its length is undefined."""
        body = b"".join(element.encoded(explicit=explicit) for element in self.elements)
        return _delimited(_ITEM, _ITEM_DELIMITER, body, undefined=self.undefined_length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One element with a value or with items.

    Attributes:
        tag: its tag.
        vr: what it is sent as in Explicit VR; UN with items makes a sequence whose sender did not know that it is one.
        value: its bytes, of even length.
        items: the items of a sequence, None for any other VR.
        undefined_length: whether the sequence is delimited instead of counted (PS3.5 7.5.2).
    """

    tag: int
    vr: str
    value: bytes = b""
    items: tuple[RawItem, ...] | None = None
    undefined_length: bool = False

    def encoded(self, *, explicit: bool) -> bytes:
        """Its bytes in Explicit or Implicit VR Little Endian.

        Raises:
            InstanceError: the value is of odd length.
        """
        if len(self.value) % 2:
            raise InstanceError(
                f"value of {self.tag:08X} has {len(self.value)} bytes, not an even number", hint="pad it as its VR says"
            )
        body, end = self.value, b""
        if self.items is not None:
            # PS3.5 6.2.2: what stands in a UN is Implicit VR Little Endian whatever the transfer syntax is.
            body = b"".join(item.encoded(explicit=explicit and self.vr != "UN") for item in self.items)
        length = len(body)
        if self.undefined_length:
            length, end = _UNDEFINED, struct.pack("<HHI", _SEQUENCE_DELIMITER >> 16, _SEQUENCE_DELIMITER & 0xFFFF, 0)
        tag = struct.pack("<HH", self.tag >> 16, self.tag & 0xFFFF)
        if not explicit:
            return tag + struct.pack("<I", length) + body + end
        # PS3.5 6.2.2: a value too long for a length of 16 bits is UN.
        vr = self.vr if self.vr in _LONG_FORM or length <= _SHORT_LENGTH else "UN"
        if vr in _LONG_FORM:
            return tag + vr.encode() + struct.pack("<HI", 0, length) + body + end
        return tag + vr.encode() + struct.pack("<H", length) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """An element of an ordinary data set, alone in `dataset`."""

    tag: int
    dataset: Dataset

    def encoded(self, *, explicit: bool) -> bytes:
        return encode(self.dataset, implicit_vr=not explicit, little_endian=True)


@dataclass(frozen=True, kw_only=True)
class RawInstance(Instance):
    """An instance made of raw elements; it has the two native little endian encodings and no other.

    Attributes:
        elements: in ascending order of their tags.
    """

    elements: tuple[Raw | _Plain, ...]

    def can_encode(self, transfer_syntax_uid: str) -> bool:
        """Say whether it is Implicit or Explicit VR Little Endian."""
        return transfer_syntax_uid in _NATIVE

    def _encode(self, transfer_syntax_uid: str) -> bytes:
        if not self.can_encode(transfer_syntax_uid):
            raise InstanceError(f"{self.label} has no encoding in {transfer_syntax_uid}", hint="take a native one")
        return _joined(self.elements, explicit=transfer_syntax_uid == ExplicitVRLittleEndian)


def text(tag: int, vr: str, value: bytes) -> Raw:
    """A text element, padded with a space, or a UI padded with NUL (PS3.5 6.2)."""
    return Raw(tag=tag, vr=vr, value=value + (b"\0" if vr == "UI" else b" ") * (len(value) % 2))


def sequence(
    tag: int, *items: Iterable[Raw], vr: str = "SQ", undefined: bool = False, items_undefined: bool = False
) -> Raw:
    """A sequence, of defined length unless said otherwise; the elements of an item may be given in any order."""
    ordered = (tuple(sorted(item, key=lambda element: element.tag)) for item in items)
    made = tuple(RawItem(elements=elements, undefined_length=items_undefined) for elements in ordered)
    return Raw(tag=tag, vr=vr, items=made, undefined_length=undefined)


def block(group: int, number: int, creator: str, *elements: Raw) -> tuple[Raw, ...]:
    """A private block: its creator at (gggg,00nn), and elements whose tags are given as 00-FF (PS3.5 7.8.1)."""
    base = group << 16 | number << 8
    placed = (
        Raw(tag=base | e.tag, vr=e.vr, value=e.value, items=e.items, undefined_length=e.undefined_length)
        for e in elements
    )
    return (text(group << 16 | number, "LO", creator.encode()), *placed)


def instance_with(
    identity: Identity, label: str, elements: Iterable[Raw], *, without: Iterable[int] = ()
) -> RawInstance:
    """A Secondary Capture with these elements; they replace those of the same tags.

    Args:
        identity: who it belongs to.
        label: what is hard about it.
        elements: of its top level, in any order.
        without: tags of the Secondary Capture that are left out.
    """
    plain = catalogue.build("SecondaryCaptureImageStorage", identity).dataset
    merged: dict[int, Raw | _Plain] = {int(e.tag): _Plain(tag=int(e.tag), dataset=_alone(e)) for e in plain}
    for tag in without:
        merged.pop(tag, None)
    merged |= {element.tag: element for element in elements}
    ordered = tuple(merged[tag] for tag in sorted(merged))
    written = io.BytesIO(_joined(ordered, explicit=True))
    with warnings.catch_warnings():
        # Of a character set that does not exist.
        warnings.simplefilter("ignore")
        dataset = read_dataset(written, is_implicit_VR=False, is_little_endian=True)
    return RawInstance(dataset=dataset, label=label, elements=ordered)


def _alone(element: DataElement) -> Dataset:
    dataset = Dataset()
    dataset[element.tag] = element
    return dataset


def _joined(elements: Iterable[Raw | _Plain], *, explicit: bool) -> bytes:
    return b"".join(element.encoded(explicit=explicit) for element in elements)


def _delimited(tag: int, delimiter: int, body: bytes, *, undefined: bool) -> bytes:
    head = struct.pack("<HHI", tag >> 16, tag & 0xFFFF, _UNDEFINED if undefined else len(body))
    return head + body + (struct.pack("<HHI", delimiter >> 16, delimiter & 0xFFFF, 0) if undefined else b"")
