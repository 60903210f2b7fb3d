"""C-GET and C-MOVE: sub-operations, counts, cancellation, transfer syntaxes."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_fragments
from pydicom.filereader import read_dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from conformance.standard.sop_classes import STUDY_ROOT_GET, STUDY_ROOT_MOVE
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from conformance.wire.command import CommandField, CommandSet, Tag
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ProposedContext, role_selection_item
from conformance.wire.messages import c_cancel_rq, c_echo_rq, c_get_rq, c_move_rq, c_store_rq, response
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, CT_IMPLICIT, ECHO, EXPLICIT, IMPLICIT, MR, Closed, RawPeer, Silence, peer

GET = ProposedContext(context_id=5, abstract_syntax=STUDY_ROOT_GET, transfer_syntaxes=(IMPLICIT,))
MOVE = ProposedContext(context_id=7, abstract_syntax=STUDY_ROOT_MOVE, transfer_syntaxes=(IMPLICIT,))
RLE = "1.2.840.10008.1.2.5"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
ROLE = role_selection_item(CT, scu=1, scp=1)
COUNTS = (
    Tag.NUMBER_OF_REMAINING_SUBOPERATIONS,
    Tag.NUMBER_OF_COMPLETED_SUBOPERATIONS,
    Tag.NUMBER_OF_FAILED_SUBOPERATIONS,
    Tag.NUMBER_OF_WARNING_SUBOPERATIONS,
)


def context(syntax: str, *, context_id: int = 1, sop_class: str = CT) -> ProposedContext:
    return ProposedContext(context_id=context_id, abstract_syntax=sop_class, transfer_syntaxes=(syntax,))


def put(pacs: EmbeddedPacs, image: Dataset, data: bytes, syntax: str = IMPLICIT) -> None:
    with peer(pacs.address) as raw:
        raw.associate(context(syntax, sop_class=image.SOPClassUID), max_pdu_bytes=0)
        rq = c_store_rq(1, sop_class_uid=image.SOPClassUID, sop_instance_uid=image.SOPInstanceUID)
        stored, _ = raw.call(rq, data)
        assert stored.status == 0


def fill(pacs: EmbeddedPacs, count: int) -> list[bytes]:
    images = [ct(number) for number in range(1, count + 1)]
    for image in images:
        put(pacs, image, encoded(image))
    return [encoded(image) for image in images]


def study(**keys: object) -> bytes:
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    query.StudyInstanceUID = "1.2.3.1"
    for keyword, value in keys.items():
        setattr(query, keyword, value)
    return encoded(query)


@dataclasses.dataclass
class Retrieved:
    """What a C-GET brought."""

    stored: list[tuple[CommandSet, bytes]]
    pending: list[CommandSet]
    final: CommandSet
    failed: list[str]


def counts(command: CommandSet) -> tuple[int | None, ...]:
    return tuple(command.number(tag) for tag in COUNTS)


def get(
    raw: RawPeer,
    identifier: bytes,
    *,
    priority: int = 0,
    answer: Callable[[int], int] = lambda _: 0,
    cancel_after: int = -1,
) -> Retrieved:
    """Perform a C-GET, answering the n-th sub-operation with `answer(n)`."""
    rq = c_get_rq(9, sop_class_uid=STUDY_ROOT_GET, priority=priority)
    raw.send(message_bytes(rq, identifier, context_id=5, max_pdu_bytes=16384))
    result = Retrieved(stored=[], pending=[], final=rq, failed=[])
    while True:
        command, data = raw.see_message()
        if command.command_field == CommandField.C_STORE_RQ:
            assert data is not None
            result.stored.append((command, data))
            if len(result.stored) == cancel_after:
                raw.send(message_bytes(c_cancel_rq(9), None, context_id=5, max_pdu_bytes=16384))
            reply = response(command, status=answer(len(result.stored)))
            raw.send(message_bytes(reply, None, context_id=1, max_pdu_bytes=16384))
        elif command.status == 0xFF00:
            assert data is None
            result.pending.append(command)
        else:
            result.final = command
            if data is not None:
                found = read_dataset(BytesIO(data), is_implicit_VR=True, is_little_endian=True)
                uids = found.FailedSOPInstanceUIDList
                result.failed = [uids] if isinstance(uids, str) else list(uids)
            return result


def test_get_brings_every_instance_as_it_was_stored(pacs: EmbeddedPacs) -> None:
    sent = fill(pacs, 4)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, ECHO, GET, user=[ROLE])
        result = get(raw, study(), priority=1)
        assert [data for _, data in result.stored] == sent
        assert {command.number(Tag.PRIORITY) for command, _ in result.stored} == {1}
        assert len({command.message_id for command, _ in result.stored}) == 4
        assert [counts(p) for p in result.pending] == [(3, 1, 0, 0), (2, 2, 0, 0), (1, 3, 0, 0)]
        assert (result.final.status, counts(result.final)) == (0, (None, 4, 0, 0))
        after, _ = raw.call(c_echo_rq(1), context_id=3)
        assert after.status == 0


@pytest.mark.parametrize(
    ("answer", "status", "expected", "failed"),
    [
        (lambda n: 0xA700 if n == 2 else 0, 0xB000, (None, 2, 1, 0), ["1.2.3.1.1.2"]),
        (lambda n: 0xB000 if n == 2 else 0, 0xB000, (None, 2, 0, 1), []),
        (lambda _: 0xB007, 0xB000, (None, 0, 0, 3), []),
        (lambda _: 0xC000, 0xA702, (None, 0, 3, 0), ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.1.3"]),
    ],
    ids=["one-fails", "one-warns", "all-warn", "all-fail"],
)
def test_how_get_ends(
    pacs: EmbeddedPacs, answer: Callable[[int], int], status: int, expected: tuple[int | None, ...], failed: list[str]
) -> None:
    fill(pacs, 3)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study(), answer=answer)
    assert (result.final.status, counts(result.final), result.failed) == (status, expected, failed)


def test_nothing_to_get_is_success(pacs: EmbeddedPacs) -> None:
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study())
    assert (result.final.status, counts(result.final), result.stored) == (0, (None, 0, 0, 0), [])


@pytest.mark.parametrize("after", [1, 2])
def test_a_cancel_of_get(pacs: EmbeddedPacs, after: int) -> None:
    fill(pacs, 5)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, ECHO, GET, user=[ROLE])
        result = get(raw, study(), cancel_after=after)
        assert len(result.stored) == after
        assert (result.final.status, counts(result.final)) == (0xFE00, (5 - after, after, 0, 0))
        again = get(raw, study())
        assert (again.final.status, len(again.stored)) == (0, 5)


def test_without_the_role_nothing_can_be_sent(pacs: EmbeddedPacs) -> None:
    fill(pacs, 1)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET)
        result = get(raw, study())
    assert (result.final.status, result.failed) == (0xA702, ["1.2.3.1.1.1"])


def test_what_has_no_context_fails_and_the_rest_arrives(pacs: EmbeddedPacs) -> None:
    fill(pacs, 1)
    other = ct(2)
    other.SOPClassUID = MR
    put(pacs, other, encoded(other))
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study())
    assert (result.final.status, counts(result.final)) == (0xB000, (None, 1, 1, 0))
    assert result.failed == ["1.2.3.1.1.2"]


@pytest.mark.parametrize(
    "identifier",
    [
        study(StudyInstanceUID=""),
        study().replace(b"1.2.3.1", b"1.2.3.*"),
        study(PatientName="Doe*"),
        study(QueryRetrieveLevel="X"),
        b"\0",
    ],
    ids=["no-key", "wildcard", "non-unique-key", "level", "garbage"],
)
def test_an_identifier_of_get_that_does_not_fit(pacs: EmbeddedPacs, identifier: bytes) -> None:
    fill(pacs, 1)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, identifier)
    assert (result.final.status, result.stored) == (0xA900, [])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"StudyInstanceUID": ["1.2.3.1", "1.2.3.2"]}, 3),
        ({"QueryRetrieveLevel": "SERIES", "SeriesInstanceUID": "1.2.3.1.1"}, 1),
        ({"QueryRetrieveLevel": "IMAGE", "SeriesInstanceUID": "1.2.3.1.2", "SOPInstanceUID": "1.2.3.1.2.1"}, 1),
        ({"QueryRetrieveLevel": "IMAGE", "SeriesInstanceUID": "1.2.3.1.1", "SOPInstanceUID": "1.2.3.1.2.1"}, 0),
    ],
    ids=["two-studies", "series", "image", "image-of-other-series"],
)
def test_levels_of_get(pacs: EmbeddedPacs, keys: dict[str, object], expected: int) -> None:
    for image in (ct(1), ct(1, series=2), ct(1, study=2)):
        put(pacs, image, encoded(image))
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study(**keys))
    assert (result.final.status, len(result.stored)) == (0, expected)


def test_a_release_or_silence_during_get_leaves_the_pacs_well(start: Start) -> None:
    pacs = start(Settings(sub_operation_s=0.3))
    fill(pacs, 2)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        rq = c_get_rq(9, sop_class_uid=STUDY_ROOT_GET)
        raw.send(message_bytes(rq, study(), context_id=5, max_pdu_bytes=16384))
        raw.see_message()
        assert type(raw.see()).__name__ == "AbortPdu"
        assert isinstance(raw.see(0.05), Silence | Closed)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        assert get(raw, study()).final.status == 0


def attributes(data: bytes, syntax: str) -> Dataset:
    if syntax == DEFLATED:
        data = zlib.decompress(data, -15)
    return read_dataset(BytesIO(data), is_implicit_VR=syntax == IMPLICIT, is_little_endian=syntax != BIG_ENDIAN)


@pytest.mark.parametrize(
    "given", [IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED], ids=["implicit", "explicit", "big", "deflated"]
)
@pytest.mark.parametrize("stored", [IMPLICIT, EXPLICIT, DEFLATED], ids=["implicit", "explicit", "deflated"])
def test_native_transfer_syntaxes_are_converted(pacs: EmbeddedPacs, stored: str, given: str) -> None:
    image = ct(257)
    put(pacs, image, encoded(image, explicit=stored == EXPLICIT, deflated=stored == DEFLATED), stored)
    with peer(pacs.address) as raw:
        raw.associate(context(given), GET, user=[ROLE])
        result = get(raw, study())
    found = attributes(result.stored[0][1], given)
    if IMPLICIT in (given, stored):
        assert found[0x0011_1001].value in (b"private ", "private")
        del found[0x0011_1001], image[0x0011_1001]
    assert found == image


def rle_image() -> tuple[Dataset, bytes, np.ndarray]:
    image = ct(1, pixels=32)
    pixels = (np.arange(32 * 32) % 977).astype("<u2").reshape(32, 32)
    image.PixelData = pixels.tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.compress(RLELossless, generate_instance_uid=False)
    buffer = encoded(image, explicit=True)
    return image, buffer, pixels


def test_lossless_pixel_data_is_decompressed_when_asked(pacs: EmbeddedPacs) -> None:
    image, data, pixels = rle_image()
    put(pacs, image, data, RLE)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study())
    found = attributes(result.stored[0][1], IMPLICIT)
    assert found.PixelData == pixels.tobytes()
    assert found.Rows == 32


def test_compressed_pixel_data_stays_as_it_is_where_agreed(pacs: EmbeddedPacs) -> None:
    image, data, _ = rle_image()
    put(pacs, image, data, RLE)
    with peer(pacs.address) as raw:
        raw.associate(context(IMPLICIT, context_id=3), context(RLE), GET, user=[ROLE])
        result = get(raw, study())
    assert result.stored[0][1] == data
    assert list(generate_fragments(image.PixelData))


def test_lossy_pixel_data_is_never_decompressed(pacs: EmbeddedPacs) -> None:
    jpeg = "1.2.840.10008.1.2.4.50"
    image, data, _ = rle_image()
    put(pacs, image, data, jpeg)
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, GET, user=[ROLE])
        result = get(raw, study())
    assert (result.final.status, result.failed) == (0xA702, [image.SOPInstanceUID])


# C-MOVE


def free_port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def move(pacs: EmbeddedPacs, title: str, identifier: bytes) -> tuple[list[CommandSet], CommandSet, bytes | None]:
    with peer(pacs.address) as raw:
        raw.associate(MOVE)
        rq = c_move_rq(9, sop_class_uid=STUDY_ROOT_MOVE, move_destination=title)
        raw.send(message_bytes(rq, identifier, context_id=7, max_pdu_bytes=16384))
        pending: list[CommandSet] = []
        while True:
            command, data = raw.see_message()
            if command.status != 0xFF00:
                raw.release()
                return pending, command, data
            pending.append(command)


def with_destination(start: Start, store_status: int | None = None) -> tuple[EmbeddedPacs, EmbeddedPacs]:
    """A PACS and its C-MOVE destination."""
    destination = start(Settings(ae_title="DEST", called_ae_required=True, store_status=store_status))
    host, port = destination.address
    known = {"DEST": Destination(host=host, port=port), "NOBODY": Destination(host="127.0.0.1", port=free_port())}
    return start(Settings(move_destinations=known)), destination


def test_move_sends_to_the_destination(start: Start) -> None:
    pacs, destination = with_destination(start)
    sent = fill(pacs, 3)
    pending, final, data = move(pacs, "DEST", study())
    assert [counts(p) for p in pending] == [(2, 1, 0, 0), (1, 2, 0, 0)]
    assert (final.status, counts(final), data) == (0, (None, 3, 0, 0), None)
    assert [i.data_set.read() for i in destination.store.instances()] == sent


def test_move_of_a_compressed_instance_keeps_it_compressed(start: Start) -> None:
    pacs, destination = with_destination(start)
    image, data, _ = rle_image()
    put(pacs, image, data, RLE)
    _, final, _ = move(pacs, "DEST", study())
    assert final.status == 0
    (arrived,) = destination.store.instances()
    assert (arrived.transfer_syntax, arrived.data_set.read()) == (RLE, data)


@pytest.mark.parametrize(
    ("title", "status", "expected"),
    [("UNKNOWN", 0xA801, (None,) * 4), ("dest", 0xA801, (None,) * 4), ("NOBODY", 0xA702, (None, 0, 2, 0))],
    ids=["unknown", "lower-case", "nobody-listens"],
)
def test_move_that_cannot_reach_its_destination(
    start: Start, title: str, status: int, expected: tuple[int | None, ...]
) -> None:
    pacs, _ = with_destination(start)
    fill(pacs, 2)
    _, final, data = move(pacs, title, study())
    assert (final.status, counts(final)) == (status, expected)
    assert (data is not None) is (status == 0xA702)


def test_move_to_a_destination_that_refuses_every_instance(start: Start) -> None:
    pacs, _ = with_destination(start, store_status=0xA700)
    fill(pacs, 2)
    _, final, data = move(pacs, "DEST", study())
    assert (final.status, counts(final)) == (0xA702, (None, 0, 2, 0))
    assert data is not None
    assert b"1.2.3.1.1.1\\1.2.3.1.1.2" in data


def test_a_cancel_of_move(start: Start) -> None:
    pacs, destination = with_destination(start)
    fill(pacs, 20)
    with peer(pacs.address) as raw:
        raw.associate(MOVE, ECHO)
        rq = c_move_rq(9, sop_class_uid=STUDY_ROOT_MOVE, move_destination="DEST")
        cancel = message_bytes(c_cancel_rq(9), None, context_id=7, max_pdu_bytes=16384)
        raw.send(message_bytes(rq, study(), context_id=7, max_pdu_bytes=16384) + cancel)
        command, _ = raw.see_message()
        while command.status == 0xFF00:
            command, _ = raw.see_message()
        assert command.status == 0xFE00
        remaining, completed, failed, warning = counts(command)
        assert None not in (remaining, completed)
        assert (remaining or 0) + (completed or 0) == 20
        assert (failed, warning) == (0, 0)
        assert len(destination.store.instances()) == completed
        after, _ = raw.call(c_echo_rq(1), context_id=3)
        assert after.status == 0


def test_move_names_itself_and_the_originator(start: Start) -> None:
    commands: list[CommandSet] = []

    class Watching(Behaviour):
        def answer_store(self, association: Association, request: Request) -> Answer:
            commands.append(request.command)
            titles.append((association.calling_ae_title, association.called_ae_title))
            return super().answer_store(association, request)

    titles: list[tuple[str, str]] = []
    with EmbeddedPacs(Settings(ae_title="DEST"), behaviour=Watching()) as destination:
        host, port = destination.address
        pacs = start(Settings(ae_title="ARCHIVE", move_destinations={"DEST": Destination(host=host, port=port)}))
        fill(pacs, 1)
        _, final, _ = move(pacs, "DEST", study())
    assert final.status == 0
    assert titles == [("ARCHIVE", "DEST")]
    assert commands[0].text(Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE) == "TESTER"
    assert commands[0].number(Tag.MOVE_ORIGINATOR_MESSAGE_ID) == 9


def test_a_failed_uid_list_has_every_uid_once(pacs: EmbeddedPacs) -> None:
    fill(pacs, 3)
    with peer(pacs.address) as raw:
        raw.associate(GET)
        raw.send(message_bytes(c_get_rq(9, sop_class_uid=STUDY_ROOT_GET), study(), context_id=5, max_pdu_bytes=16384))
        command, data = raw.see_message()
        while command.status == 0xFF00:
            command, data = raw.see_message()
    assert data is not None
    group, element, length = struct.unpack_from("<HHI", data)
    assert (group, element, length) == (0x0008, 0x0058, len(data) - 8)
    assert data[8:].rstrip(b"\0").split(b"\\") == [f"1.2.3.1.1.{n}".encode() for n in (1, 2, 3)]
