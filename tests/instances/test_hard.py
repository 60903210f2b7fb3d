"""Hard content is legal where it says so: elements ascend, lengths are even, both encodings can be read."""

from __future__ import annotations

from typing import Final

import pytest
from pydicom.tag import BaseTag

from conformance.instances import hard
from conformance.instances.errors import InstanceError
from conformance.instances.hard import Case, Raw, RawInstance
from conformance.instances.hard.nesting import DEPTH
from conformance.instances.identity import IdentitySource
from conformance.target.embedded.elements import Element, decode
from conformance.target.embedded.keys import INDEX_TAGS
from conformance.target.embedded.source import MemorySource
from conformance.target.embedded.walk import Encoding, Walk
from conformance.verdict.values import character_encodings, value_of

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"


def made(name: str) -> RawInstance:
    case = next(case for case in hard.CASES if case.name == name)
    return case.make(IdentitySource(seed=1, scope=name).new())


def elements(name: str, *, transfer_syntax: str = EXPLICIT) -> dict[int, Element]:
    return decode(made(name).encoded(transfer_syntax), Encoding(explicit_vr=transfer_syntax == EXPLICIT))


def test_names_are_unique() -> None:
    assert len({case.name for case in hard.CASES}) == len(hard.CASES)


@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("case", hard.CASES, ids=lambda case: case.name)
def test_can_be_read_to_its_end(case: Case, transfer_syntax: str) -> None:
    data_set = case.make(IdentitySource(seed=1, scope=case.name).new()).encoded(transfer_syntax)
    assert len(data_set) % 2 == 0
    Walk(MemorySource(data_set), Encoding(explicit_vr=transfer_syntax == EXPLICIT), INDEX_TAGS).run()


@pytest.mark.parametrize("case", hard.CASES, ids=lambda case: case.name)
def test_same_seed_same_bytes(case: Case) -> None:
    one, other = (case.make(IdentitySource(seed=3, scope=case.name).new()) for _ in range(2))
    assert one.sha256(EXPLICIT) == other.sha256(EXPLICIT)


def test_values_over_64_kb_of_a_short_vr_are_un() -> None:
    assert elements("short VRs over 64 KB")[0x3006_0050].vr == "UN"
    assert elements("short VRs over 64 KB", transfer_syntax=IMPLICIT)[0x3006_0050].vr == "DS"


def test_nesting_is_as_deep_as_it_says() -> None:
    level = elements(f"nested {DEPTH} deep, lengths undefined")
    depth = 0
    while (element := level.get(0x0040_A730)) is not None and element.items:
        level, depth = dict(element.items[0]), depth + 1
    assert depth == DEPTH


@pytest.mark.parametrize(
    ("name", "tag", "text"),
    [
        ("ISO 2022 IR 87 Japanese", 0x0010_1001, "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("ISO 2022 IR 13 and 87 Japanese", 0x0010_1001, "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("ISO 2022 IR 149 Korean", 0x0010_1001, "Hong^Gildong=洪^吉洞=홍^길동"),
        ("ISO 2022 IR 58 Chinese", 0x0010_1001, "Zhang^XiaoDong=张^小东"),
        ("ISO_IR 126 Greek", 0x0010_1001, "Διονυσιος"),
        ("ISO_IR 192 UTF-8", 0x0010_1001, "Wang^XiaoDong=王^小東"),
    ],
)
def test_names_are_those_of_the_annexes(name: str, tag: int, text: str) -> None:
    dataset = made(name).dataset
    value = value_of(dataset, BaseTag(tag), character_encodings(dataset, ("iso8859",)))
    assert value.text("PN").split("\\")[0].rstrip("=") == text


@pytest.mark.parametrize("make", [hard.unknown_character_set, hard.no_character_set])
def test_undeclared_text_goes_out_as_it_is(make: object) -> None:
    assert callable(make)
    instance = make(IdentitySource(seed=1, scope="undeclared").new())
    assert b"\xc4\xd6\xdc" in instance.encoded(EXPLICIT)


def test_odd_values_are_refused() -> None:
    with pytest.raises(InstanceError, match="even number"):
        Raw(tag=0x00080018, vr="UI", value=b"1.2").encoded(explicit=True)


def test_other_transfer_syntaxes_are_refused() -> None:
    instance = made("names")
    assert not instance.can_encode("1.2.840.10008.1.2.2")
    with pytest.raises(InstanceError, match="no encoding"):
        instance.encoded("1.2.840.10008.1.2.2")


@pytest.mark.parametrize("transfer_syntax", [IMPLICIT, EXPLICIT])
def test_pieces_of_a_streamed_instance_are_a_data_set(transfer_syntax: str) -> None:
    instance = hard.streamed(IdentitySource(seed=1, scope="streamed").new(), 3)
    pieces = list(instance.pieces(transfer_syntax))
    assert all(len(piece) % 2 == 0 for piece in pieces)
    read = decode(b"".join(pieces), Encoding(explicit_vr=transfer_syntax == EXPLICIT))
    assert len(read[0x7FE0_0010].value) == instance.pixel_bytes == 3 << 20


@pytest.mark.parametrize("megabytes", [0, 4096])
def test_sizes_that_pixel_data_cannot_have_are_refused(megabytes: int) -> None:
    with pytest.raises(InstanceError, match="outside 1 to 4095"):
        hard.streamed(IdentitySource(seed=1, scope="streamed").new(), megabytes)
