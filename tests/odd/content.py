"""Oddities of keeping content: other bytes for the same elements and characters."""

from __future__ import annotations

import struct
import warnings
from dataclasses import replace
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes, default_encoding

from conformance.standard.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, decode, encode
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.walk import Encoding
from tests.faulty.editing import edited
from tests.odd.filing import filed_in
from tests.odd.registry import odd

_CHARACTER_SET: Final = 0x0008_0005
_TEXT: Final = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})
_ONE_VALUE: Final = frozenset({"ST", "LT", "UT"})
_UNDEFINED: Final = 0xFFFF_FFFF
_ITEM_END: Final = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
_SEQUENCE_END: Final = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


@odd("files-in-utf-8", clause="PS3.5 6.1.2, PS3.3 C.12.1.1.2")
class FilesInUtf8(Behaviour):
    """Text is re-encoded as UTF-8, and Specific Character Set says so."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self._re_encode))

    def _re_encode(self, elements: dict[int, Element]) -> None:
        terms = elements.get(_CHARACTER_SET)
        if terms is not None and b"ISO_IR 999" not in terms.value:
            elements.update(_in_utf8(elements, [default_encoding]))


def _in_utf8(elements: Elements, inherited: list[str]) -> dict[int, Element]:
    terms = elements.get(_CHARACTER_SET)
    codecs = convert_encodings(terms.value.decode().strip().split("\\")) if terms is not None else inherited
    changed = dict(elements)
    for tag, element in elements.items():
        if tag == _CHARACTER_SET:
            changed[tag] = replace(element, value=b"ISO_IR 192")
        elif element.items:
            changed[tag] = replace(element, items=tuple(_in_utf8(item, codecs) for item in element.items))
        elif element.vr in _TEXT and not (element.value.isascii() and b"\x1b" not in element.value):
            delimiters = {ord(c) for c in ("\r\n\t\f" if element.vr in _ONE_VALUE else "\\^=\r\n\t\f")}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # pydicom decodes by the escape to GB 2312, and leaves it in the text.
                value = decode_bytes(element.value, codecs, delimiters).replace("\x1b$)A", "").encode()
            changed[tag] = replace(element, value=value + b" " * (len(value) % 2))
    return changed


@odd("files-in-implicit-vr", clause="PS3.5 10.1, PS3.4 B.4.1.2")
class FilesInImplicitVr(Behaviour):
    """What came in Explicit VR Little Endian is stored in Implicit VR."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.transfer_syntax != EXPLICIT_VR_LITTLE_ENDIAN:
            return super().store_instance(store, instance)
        return super().store_instance(store, filed_in(store, instance, IMPLICIT_VR_LITTLE_ENDIAN))


@odd("delimits-every-sequence", clause="PS3.5 7.5.1, 7.5.2")
class DelimitsEverySequence(Behaviour):
    """Sequences and items are kept with undefined lengths, whatever lengths they came with."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        if instance.transfer_syntax != EXPLICIT_VR_LITTLE_ENDIAN:
            return super().store_instance(store, instance)
        elements = decode(instance.data_set.read(), Encoding(explicit_vr=True))
        instance.data_set.discard()
        return super().store_instance(store, replace(instance, data_set=store.blob(_delimited(elements))))


def _delimited(elements: Elements) -> bytes:
    parts = []
    for tag in sorted(elements):
        element = elements[tag]
        if element.items is None:
            parts.append(encode({tag: element}, Encoding(explicit_vr=True)))
            continue
        head = struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, b"SQ", 0, _UNDEFINED)
        items = (struct.pack("<HHI", 0xFFFE, 0xE000, _UNDEFINED) + _delimited(i) + _ITEM_END for i in element.items)
        parts.append(head + b"".join(items) + _SEQUENCE_END)
    return b"".join(parts)


@odd("drops-empty-elements-of-items", clause="PS3.5 7.4.5, PS3.4 B.4.1.1")
class DropsEmptyElementsOfItems(Behaviour):
    """Elements without a value are dropped from items, and empty private sequences from everywhere."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self._drop))

    def _drop(self, elements: dict[int, Element]) -> None:
        for tag, element in list(elements.items()):
            if element.items is not None and not element.items and tag >> 16 & 1:
                del elements[tag]
            elif element.items:
                elements[tag] = replace(element, items=tuple(_without_empty(item) for item in element.items))


def _without_empty(item: Elements) -> dict[int, Element]:
    kept = {tag: element for tag, element in item.items() if element.value or element.items}
    return {
        tag: replace(e, items=tuple(_without_empty(i) for i in e.items)) if e.items else e for tag, e in kept.items()
    }
