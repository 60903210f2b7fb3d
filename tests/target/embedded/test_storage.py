"""C-STORE: what is stored, what is refused, and what a second copy does."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import DuplicatePolicy, Settings
from conformance.target.embedded.storage import StoredInstance
from conformance.wire.command import CommandSet, Tag
from conformance.wire.items import ProposedContext
from conformance.wire.messages import c_store_rq
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, EXPLICIT, IMPLICIT, peer

BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
RLE = "1.2.840.10008.1.2.5"
HANGING_PROTOCOL = "1.2.840.10008.5.1.4.38.1"
PIXELS = b"\xe0\x7f\x10\x00"


def store(
    pacs: EmbeddedPacs, data: bytes, *, syntax: str = IMPLICIT, uid: str = "1.2.3.1.1.1", sop_class: str = CT
) -> CommandSet:
    """The response to one C-STORE on an association of its own."""
    with peer(pacs.address) as connected:
        connected.associate(
            ProposedContext(context_id=1, abstract_syntax=sop_class, transfer_syntaxes=(syntax,)), max_pdu_bytes=0
        )
        response, _ = connected.call(c_store_rq(1, sop_class_uid=sop_class, sop_instance_uid=uid), data)
        connected.release()
        return response


def without(keyword: str) -> Callable[[Dataset], None]:
    return lambda image: delattr(image, keyword)


def with_value(keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda image: setattr(image, keyword, value)


def only(pacs: EmbeddedPacs) -> StoredInstance:
    (instance,) = pacs.store.instances()
    return instance


@pytest.mark.parametrize(
    ("syntax", "data"),
    [
        (IMPLICIT, encoded(ct())),
        (EXPLICIT, encoded(ct(), explicit=True)),
        (BIG_ENDIAN, encoded(ct(), explicit=True, big_endian=True)),
        (DEFLATED, encoded(ct(), deflated=True)),
    ],
    ids=["implicit", "explicit", "big-endian", "deflated"],
)
def test_the_data_set_is_kept_as_it_came(pacs: EmbeddedPacs, syntax: str, data: bytes) -> None:
    assert store(pacs, data, syntax=syntax).status == 0
    instance = only(pacs)
    assert instance.data_set.read() == data
    assert instance.transfer_syntax == syntax
    assert (instance.patient_id, instance.study_uid, instance.series_uid) == ("P1", "1.2.3.1", "1.2.3.1.1")


@pytest.mark.parametrize("pixels", [8, 1200], ids=["in-memory", "in-a-file"])
def test_a_long_data_set_lives_in_a_file(pacs: EmbeddedPacs, pixels: int) -> None:
    data = encoded(ct(pixels=pixels))
    assert store(pacs, data).status == 0
    file = only(pacs).data_set.open()
    assert (file is not None) is (pixels == 1200)
    if file is not None:
        file.close()
    assert only(pacs).data_set.read() == data


@pytest.mark.parametrize(
    ("change", "status", "offending"),
    [
        (without("SOPClassUID"), 0xA900, ((0x0008, 0x0016),)),
        (with_value("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4"), 0xA900, ((0x0008, 0x0016),)),
        (without("SOPInstanceUID"), 0xA901, ((0x0008, 0x0018),)),
        (with_value("SOPInstanceUID", "1.2.4"), 0xA901, ((0x0008, 0x0018),)),
        (without("StudyInstanceUID"), 0xA902, ((0x0020, 0x000D),)),
        (with_value("StudyInstanceUID", ""), 0xA902, ((0x0020, 0x000D),)),
        (without("SeriesInstanceUID"), 0xA902, ((0x0020, 0x000E),)),
        (without("PatientID"), 0x0000, ()),
        (without("PatientName"), 0x0000, ()),
        (without("Rows"), 0x0000, ()),
    ],
    ids=["no-class", "other-class", "no-instance", "other-instance", "no-study", "empty-study", "no-series",
         "no-patient-id", "no-name", "no-rows"],
)  # fmt: skip
def test_what_the_data_set_must_say(
    pacs: EmbeddedPacs, change: Callable[[Dataset], None], status: int, offending: tuple[tuple[int, int], ...]
) -> None:
    image = ct()
    change(image)
    response = store(pacs, encoded(image))
    assert response.status == status
    assert response.offending_elements == offending
    assert response.has(Tag.ERROR_COMMENT) is (status != 0)
    assert len(pacs.store.instances()) == (status == 0)


DATA = encoded(ct())
EXPLICIT_DATA = encoded(ct(), explicit=True)
META = b"\x02\0\x10\0UI\x12\x001.2.840.10008.1.2\0"
AT_PIXELS = DATA.index(PIXELS)


@pytest.mark.parametrize(
    ("syntax", "data"),
    [
        (IMPLICIT, DATA[:-2]),
        (IMPLICIT, DATA[: AT_PIXELS + 5]),
        (IMPLICIT, DATA[:3]),
        (IMPLICIT, b"\xde\xad\xbe\xef" * 500),
        (IMPLICIT, bytes(1000)),
        (IMPLICIT, b"\xff" * 1000),
        (IMPLICIT, EXPLICIT_DATA),
        (EXPLICIT, DATA),
        (EXPLICIT, encoded(ct(), explicit=True, big_endian=True)),
        (EXPLICIT, META + EXPLICIT_DATA),
        (EXPLICIT, b"\0" * 128 + b"DICM" + META + EXPLICIT_DATA),
        (IMPLICIT, DATA + DATA),
        (IMPLICIT, DATA[AT_PIXELS:] + DATA[:AT_PIXELS]),
        (IMPLICIT, DATA[:AT_PIXELS] + PIXELS + b"\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"),
        (RLE, EXPLICIT_DATA),
        (DEFLATED, encoded(ct(), deflated=True)[:-20]),
        (DEFLATED, EXPLICIT_DATA),
        (DEFLATED, encoded(ct(), deflated=True) + b"ab"),
        (IMPLICIT, DATA[:AT_PIXELS] + b"\x40\0\x75\x02\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0"),
        (IMPLICIT, DATA[:AT_PIXELS] + b"\xfe\xff\0\xe0\0\0\0\0"),
    ],
    ids=["cut-value", "cut-header", "three-bytes", "garbage", "zeros", "ones", "explicit-as-implicit",
         "implicit-as-explicit", "big-endian-as-little", "file-meta", "whole-file", "twice", "unordered",
         "encapsulated-not-agreed", "native-not-agreed", "deflated-cut", "not-deflated", "deflated-and-more",
         "sequence-not-closed", "stray-item"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(pacs: EmbeddedPacs, syntax: str, data: bytes) -> None:
    response = store(pacs, data, syntax=syntax)
    assert response.status == 0xC000
    assert 0 < len(response.error_comment or "") <= 64
    assert pacs.store.instances() == ()


@pytest.mark.parametrize("padding", [b"\xfc\xff\xfc\xff\x06\0\0\0abcdef"], ids=["trailing-padding"])
def test_what_is_legal_and_rare_is_stored(pacs: EmbeddedPacs, padding: bytes) -> None:
    assert store(pacs, DATA + padding).status == 0


def test_deep_nesting_neither_crashes_nor_hangs(pacs: EmbeddedPacs) -> None:
    open_item = b"\x40\0\x75\x02\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    close_item = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    deep = open_item * 5000 + close_item * 5000
    at = DATA.index(b"\x28\0\x02\0")
    image = DATA[:at] + DATA[AT_PIXELS:]
    at = len(DATA[:at])
    assert store(pacs, image[:at] + deep + image[at:]).status == 0
    assert only(pacs).attributes


def test_encapsulated_pixel_data_where_it_is_agreed(pacs: EmbeddedPacs) -> None:
    at = EXPLICIT_DATA.index(PIXELS)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 4) + b"abcd"
    frames = PIXELS + b"OB\0\0\xff\xff\xff\xff" + struct.pack("<HHI", 0xFFFE, 0xE000, 0) + item + item
    data = EXPLICIT_DATA[:at] + frames + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    assert store(pacs, data, syntax=RLE).status == 0
    assert store(pacs, data[:-10], syntax=RLE, uid="1.2.3.1.1.1").status == 0xC000
    assert only(pacs).data_set.read() == data


def test_a_non_patient_object_needs_no_study(pacs: EmbeddedPacs) -> None:
    protocol = Dataset()
    protocol.SOPClassUID = HANGING_PROTOCOL
    protocol.SOPInstanceUID = "1.2.9"
    protocol.HangingProtocolName = "A"
    assert store(pacs, encoded(protocol), uid="1.2.9", sop_class=HANGING_PROTOCOL).status == 0


@pytest.mark.parametrize(
    ("policy", "status", "comment", "stays"),
    [
        (DuplicatePolicy.REPLACE, 0x0000, False, "P2"),
        (DuplicatePolicy.KEEP, 0xB000, True, "P1"),
        (DuplicatePolicy.REFUSE, 0xC0F0, True, "P1"),
    ],
    ids=lambda value: value.value if isinstance(value, DuplicatePolicy) else None,
)
def test_duplicates(start: Start, policy: DuplicatePolicy, status: int, comment: bool, stays: str) -> None:
    pacs = start(Settings(duplicate_policy=policy))
    assert store(pacs, DATA).status == 0
    assert store(pacs, DATA).status == 0, "an identical copy is always welcome"
    moved = ct(patient="P2")
    moved.StudyInstanceUID = "1.2.3.9"
    response = store(pacs, encoded(moved))
    assert response.status == status
    assert response.has(Tag.ERROR_COMMENT) is comment
    assert only(pacs).patient_id == stays
    assert only(pacs).study_uid == ("1.2.3.9" if policy is DuplicatePolicy.REPLACE else "1.2.3.1")


@pytest.mark.parametrize(
    ("status", "stored"), [(0x0000, 1), (0xB007, 1), (0xA700, 0), (0xC123, 0), (0x0124, 0)], ids=hex
)
def test_a_status_that_is_asked_for(start: Start, status: int, stored: int) -> None:
    pacs = start(Settings(store_status=status))
    assert store(pacs, DATA).status == status
    assert len(pacs.store.instances()) == stored


@pytest.mark.parametrize(
    "limits",
    [Settings(max_instance_bytes=500), Settings(max_store_bytes=500), Settings(max_instance_bytes=1 << 20)],
    ids=["instance", "store", "long-instance"],
)
def test_out_of_resources(start: Start, limits: Settings) -> None:
    pacs = start(limits)
    data = encoded(ct(pixels=1200)) if limits.max_instance_bytes == 1 << 20 else DATA
    response = store(pacs, data)
    assert response.status == 0xA700
    assert not response.has(Tag.OFFENDING_ELEMENT)
    assert pacs.store.instances() == ()


def test_parallel_associations_lose_nothing(pacs: EmbeddedPacs) -> None:
    statuses: list[int | None] = []

    def send(series: int) -> None:
        with peer(pacs.address) as connected:
            connected.associate()
            for number in range(1, 21):
                image = ct(number, series=series)
                rq = c_store_rq(number, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID)
                statuses.append(connected.call(rq, encoded(image))[0].status)

    threads = [threading.Thread(target=send, args=(series,)) for series in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert statuses == [0] * 160
    assert len(pacs.store.instances()) == 160


def test_64_mb_in_less_than_three_seconds(pacs: EmbeddedPacs) -> None:
    """The aim is one second; the limit leaves room for a busy machine."""
    data = encoded(ct(pixels=5793))
    begun_s = time.monotonic()
    assert store(pacs, data).status == 0
    assert time.monotonic() - begun_s < 3
    assert only(pacs).data_set.size == len(data)
