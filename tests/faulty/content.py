"""Faults of keeping content: what is hard in an instance is not what came, and the answer is 0000."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from tests.faulty.editing import PIXEL_DATA, edited
from tests.faulty.registry import fault

_CHARACTER_SET: Final = 0x0008_0005
_PATIENT_NAME: Final = 0x0010_0010
_PATIENT_ID: Final = 0x0010_0020
_TEXT: Final = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})
_FREE_TEXT: Final = frozenset({"ST", "LT", "UT"})
_ESCAPE: Final = re.compile(rb"\x1b\$?[()-]?[@-~]")
_SIXTY_FOUR_KB: Final = 0xFFFE
_KEPT_VALUES: Final = 1000

Elements = dict[int, Element]
Change = Callable[[int, Element], Element | None]


class _Edits(Behaviour):
    """Stores every instance with its elements changed."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self.edit))

    def edit(self, elements: Elements) -> None:
        """Change the elements in place; those of items too."""
        _everywhere(elements, self.change)

    def change(self, tag: int, element: Element) -> Element | None:
        """What becomes of one element; None drops it."""
        raise NotImplementedError


def _everywhere(elements: Elements, change: Change) -> None:
    for tag, element in list(elements.items()):
        changed = change(tag, element)
        if changed is None:
            del elements[tag]
            continue
        if changed.items:
            items = [dict(item) for item in changed.items]
            for item in items:
                _everywhere(item, change)
            changed = replace(changed, items=tuple(items))
        elements[tag] = changed


def _even(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)


def _is_private(tag: int) -> bool:
    return bool(tag >> 16 & 1)


@fault("drops-the-second-creator", catches=("ENC-14", "FID-01"))
class DropsTheSecondCreator(_Edits):
    """Of the private blocks of a group, the second is dropped."""

    def edit(self, elements: Elements) -> None:
        for group in {tag >> 16 for tag in elements if _is_private(tag)}:
            creators = [tag & 0xFF for tag in sorted(elements) if tag >> 16 == group and 0x10 <= tag & 0xFFFF <= 0xFF]
            for block in creators[1:2]:
                for tag in [t for t in elements if t >> 16 == group and block in (t & 0xFFFF, t >> 8 & 0xFF)]:
                    del elements[tag]


@fault("decodes-as-latin-1", catches=("ENC-08", "FID-01"))
class DecodesAsLatin1(_Edits):
    """Text is decoded as Latin 1 whatever its character set, and written in UTF-8 as its character set says not."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr not in _TEXT or element.value.isascii():
            return element
        return replace(element, value=_even(element.value.decode("latin-1").encode()))


@fault("drops-escapes", catches=("ENC-08", "FID-01"))
class DropsEscapes(_Edits):
    """The escape sequences of ISO 2022 are dropped from text."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr not in _TEXT:
            return element
        return replace(element, value=_even(_ESCAPE.sub(b"", element.value)))


@fault("relabels-text", catches=("ENC-08", "FID-01"))
class RelabelsText(_Edits):
    """Specific Character Set becomes ISO_IR 192, and text keeps its bytes."""

    def change(self, tag: int, element: Element) -> Element | None:
        return replace(element, value=b"ISO_IR 192") if tag == _CHARACTER_SET else element


@fault("cuts-at-64-kb", catches=("ENC-21", "FID-01"))
class CutsAt64Kb(_Edits):
    """Values over 64 KB, but pixel data, are cut."""

    def change(self, tag: int, element: Element) -> Element | None:
        return element if tag == PIXEL_DATA else replace(element, value=element.value[:_SIXTY_FOUR_KB])


@fault("loses-a-nested-item", catches=("ENC-01", "FID-01"))
class LosesANestedItem(_Edits):
    """The last of several items is lost in sequences inside sequences."""

    def edit(self, elements: Elements) -> None:
        for tag, element in elements.items():
            if element.items:
                items = [dict(item) for item in element.items]
                for item in items:
                    _everywhere(item, self.change)
                elements[tag] = replace(element, items=tuple(items))

    def change(self, tag: int, element: Element) -> Element | None:
        return replace(element, items=element.items[:-1]) if len(element.items or ()) > 1 and element.items else element


@fault("pads-uids-with-spaces", catches=("ENC-04",))
class PadsUidsWithSpaces(_Edits):
    """UIDs of odd length end with a space in place of NUL."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr != "UI" or not element.value.endswith(b"\0"):
            return element
        return replace(element, value=element.value[:-1] + b" ")


@fault("trims-text", catches=("ENC-05", "FID-01"))
class TrimsText(_Edits):
    """Leading spaces are trimmed from ST, LT and UT."""

    def change(self, tag: int, element: Element) -> Element | None:
        return replace(element, value=_even(element.value.lstrip())) if element.vr in _FREE_TEXT else element


@fault("swaps-words", catches=("ENC-21", "FID-01"))
class SwapsWords(_Edits):
    """The bytes of OW and OL are swapped, but not those of pixel data."""

    def change(self, tag: int, element: Element) -> Element | None:
        size = {"OW": 2, "OL": 4}.get(element.vr)
        if size is None or tag == PIXEL_DATA:
            return element
        words = (element.value[i : i + size][::-1] for i in range(0, len(element.value), size))
        return replace(element, value=b"".join(words))


@fault("merges-patients", catches=("ST-15",))
class MergesPatients(Behaviour):
    """Patients of one name whose IDs agree but for case, zeros and spaces are filed under the first one's ID."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Element] = {}

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return super().store_instance(store, edited(store, instance, self._merge))

    def _merge(self, elements: Elements) -> None:
        if _PATIENT_ID in elements and _PATIENT_NAME in elements:
            identifier = elements[_PATIENT_ID].value.upper().replace(b" ", b"").replace(b"-0", b"-")
            key = (elements[_PATIENT_NAME].value, identifier)
            elements[_PATIENT_ID] = self._known.setdefault(key, elements[_PATIENT_ID])


@fault("ends-with-the-pixels", catches=("FID-01",))
class EndsWithThePixels(_Edits):
    """What stands after the pixel data is dropped."""

    def edit(self, elements: Elements) -> None:
        if PIXEL_DATA in elements:
            for tag in [tag for tag in elements if tag > PIXEL_DATA]:
                del elements[tag]


@fault("drops-empty-items", catches=("ENC-03", "FID-01"))
class DropsEmptyItems(_Edits):
    """Sequences whose items are empty are taken for missing."""

    def change(self, tag: int, element: Element) -> Element | None:
        return None if element.items is not None and not any(element.items) else element


@fault("keeps-a-thousand-values", catches=("ENC-06", "FID-01"))
class KeepsAThousandValues(_Edits):
    """Of a value with more than a thousand values, a thousand are kept."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr not in ("DS", "IS") or element.value.count(b"\\") < _KEPT_VALUES:
            return element
        return replace(element, value=_even(b"\\".join(element.value.split(b"\\")[:_KEPT_VALUES])))


@fault("drops-empty-values", catches=("ENC-06", "FID-01"))
class DropsEmptyValues(_Edits):
    """Empty values among others are dropped, so that the places of the others change."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr not in ("CS", "DS", "LO", "SH") or b"\\" not in element.value:
            return element
        return replace(element, value=_even(b"\\".join(v for v in element.value.strip().split(b"\\") if v)))


@fault("rounds-numbers", catches=("ENC-20", "FID-01"))
class RoundsNumbers(_Edits):
    """FL and FD are kept to three digits."""

    def change(self, tag: int, element: Element) -> Element | None:
        code = {"FL": "f", "FD": "d"}.get(element.vr)
        return element if code is None else replace(element, value=b"".join(_rounded(element.value, code)))


def _rounded(value: bytes, code: str) -> Iterator[bytes]:
    for (number,) in struct.iter_unpack(f"<{code}", value):
        yield struct.pack(f"<{code}", float(f"{number:.2e}"))


@fault("rounds-decimal-strings", catches=("ENC-06", "FID-01"))
class RoundsDecimalStrings(_Edits):
    """DS are kept to two digits after the point."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr != "DS" or not element.value.strip():
            return element
        numbers = (b"%.2f" % float(v) if v.strip() else v for v in element.value.split(b"\\"))
        return replace(element, value=_even(b"\\".join(numbers)))


@fault("drops-nested-private-elements", catches=("ENC-14", "FID-01"))
class DropsNestedPrivateElements(LosesANestedItem):
    """Private elements inside items are dropped."""

    def change(self, tag: int, element: Element) -> Element | None:
        return None if _is_private(tag) else element


@fault("splits-at-5c", catches=("ENC-07", "FID-01"))
class SplitsAt5c(_Edits):
    """A byte 5CH inside a character is taken for a delimiter, and spaces after it are trimmed away with it."""

    def change(self, tag: int, element: Element) -> Element | None:
        if element.vr not in ("PN", "LO") or element.value.isascii() or b"\\" not in element.value:
            return element
        return replace(element, value=_even(element.value.split(b"\\")[0]))


@fault("mends-long-values", catches=("FID-01",))
class MendsLongValues(_Edits):
    """LO, SH and CS are cut to the length that their VR allows."""

    def change(self, tag: int, element: Element) -> Element | None:
        limit = {"LO": 64, "SH": 16, "CS": 16}.get(element.vr)
        if limit is None:
            return element
        return replace(element, value=_even(b"\\".join(v[:limit] for v in element.value.split(b"\\"))))
