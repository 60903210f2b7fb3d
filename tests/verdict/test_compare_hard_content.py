"""Over all hard content: every loss and every change is found where it is, and no other encoding of it is a change."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from conformance.instances import catalogue, hard
from conformance.instances.hard import Case, RawInstance
from conformance.instances.identity import IdentitySource
from conformance.target.embedded.elements import Element, decode, encode
from conformance.target.embedded.walk import Encoding
from conformance.verdict.compare import Difference, compare

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
PADDING: Final = 0xFFFC_FFFC

Elements = dict[int, Element]
Step = tuple[int, int]


def _made(case: Case) -> RawInstance:
    return case.make(IdentitySource(seed=1, scope=case.name).new())


def _read(data: bytes, *, explicit: bool) -> Dataset:
    return read_dataset(io.BytesIO(data), is_implicit_VR=not explicit, is_little_endian=True)


def _changes(instance: RawInstance, stored: bytes, sent_in: str, stored_in: str) -> list[Difference]:
    found = compare(
        instance.dataset,
        _read(stored, explicit=stored_in == EXPLICIT),
        sent_transfer_syntax=sent_in,
        stored_transfer_syntax=stored_in,
    )
    return [difference for difference in found if difference.permitted is None]


def _of_the_image() -> frozenset[int]:
    identity = IdentitySource(seed=1, scope="plain").new()
    return frozenset(int(e.tag) for e in catalogue.build("SecondaryCaptureImageStorage", identity).dataset)


ORDINARY: Final = _of_the_image()


def _places(elements: Elements, around: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], int]]:
    """Every element with a value or with items, and the items around it; of two equal levels, all."""
    for tag, element in elements.items():
        if element.items is not None:
            for number, item in enumerate(element.items):
                yield from _places(dict(item), (*around, (tag, number)))
        if (element.value or element.items) and tag & 0xFFFF and tag != PADDING and (around or tag not in ORDINARY):
            yield around, tag


def _edited(elements: Elements, around: tuple[Step, ...], edit: Callable[[Elements], None]) -> Elements:
    copied = dict(elements)
    if not around:
        edit(copied)
        return copied
    (tag, number), *inside = around
    items = list(copied[tag].items or ())
    items[number] = _edited(dict(items[number]), tuple(inside), edit)
    copied[tag] = replace(copied[tag], items=tuple(items))
    return copied


def _path(around: tuple[Step, ...], tag: int) -> str:
    steps = [f"({t >> 16:04X},{t & 0xFFFF:04X})[{number}]" for t, number in around]
    return ".".join([*steps, f"({tag >> 16:04X},{tag & 0xFFFF:04X})"])


def _another(element: Element) -> Element:
    """The element with another value: one item fewer, another first digit or letter, or one bit."""
    if element.items:
        return replace(element, items=element.items[:-1])
    value = bytearray(element.value)
    place = next((n for n, byte in enumerate(value) if chr(byte).isalnum()), len(value) // 2)
    value[place] = {0x31: 0x32}.get(value[place], 0x31) if chr(value[place]).isalnum() else value[place] ^ 1
    return replace(element, value=bytes(value))


@pytest.mark.parametrize("case", hard.CASES, ids=lambda case: case.name)
def test_every_loss_and_every_change_is_found(case: Case) -> None:
    instance = _made(case)
    elements = decode(instance.encoded(EXPLICIT), Encoding(explicit_vr=True))
    overlooked = []
    for around, tag in _places(elements):
        path = _path(around, tag)

        def lose(of: Elements, tag: int = tag) -> None:
            del of[tag]

        def change(of: Elements, tag: int = tag) -> None:
            of[tag] = _another(of[tag])

        for edit in (lose, change):
            stored = encode(_edited(elements, around, edit), Encoding(explicit_vr=True))
            found = _changes(instance, stored, EXPLICIT, EXPLICIT)
            if not any(difference.path == path or difference.path.startswith(f"{path}[") for difference in found):
                overlooked.append(f"{edit.__name__} {path}: {[str(d) for d in found]}")
    assert overlooked == []


@pytest.mark.parametrize("stored_in", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("sent_in", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("case", hard.CASES, ids=lambda case: case.name)
def test_another_encoding_is_no_change(case: Case, sent_in: str, stored_in: str) -> None:
    instance = _made(case)
    elements = decode(instance.encoded(sent_in), Encoding(explicit_vr=sent_in == EXPLICIT))
    stored = encode(elements, Encoding(explicit_vr=stored_in == EXPLICIT))
    assert _changes(instance, stored, sent_in, stored_in) == []
