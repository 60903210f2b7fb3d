"""Storage: however a message is cut into PDVs and PDUs, the data set that is stored is the one that was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import pytest

from conformance.driver.endpoint import DEFAULT_MAX_PDU_BYTES
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Peers
from conformance.plugin.scene import NotApplicableError
from conformance.verdict import storing
from conformance.wire.layouts import cut, element_offset, every, in_one_pdu, one_pdu_each, room_for_data
from conformance.wire.messages import c_store_rq
from conformance.wire.pdu import Pdv

pytestmark = pytest.mark.topic("storage")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
LARGEST_BOUNDARY_BYTES: Final = 16 << 20
"""A target's maximum length up to which its boundary is tried."""
FILLER_HEADERS_BYTES: Final = 128
"""More than what filling an instance up to a size adds beside the filler."""
COMMAND_ROOM_BYTES: Final = 512
"""More than a C-STORE-RQ's command set and the headers of its PDVs."""
FRAGMENT_BYTES: Final = 512
MANY_FRAGMENTS: Final = 1 << 14
UNLIMITED_BYTES: Final = 64 << 20
"""How long a PDU may become where the target sets no limit."""
PATIENT_ID: Final = 0x0010_0020
PIXEL_DATA: Final = 0x7FE0_0010

OpenLine = Callable[..., "Line"]
JudgeLine = Callable[..., None]
Layout = Callable[[bytes, bytes, int], bytes]
"""Command set, data set and context id to the bytes of all PDUs."""


class Line:
    """An association on which an ordinary instance was stored, ready for another one in an unusual cut.

    Args:
        peer: Makes byte-level peers.
        instances: Makes the instances.
        max_pdu_bytes: What we announce.
        ordinary: The ordinary C-STORE, where it was sent before.
    """

    def __init__(
        self,
        peer: Peers,
        instances: Instances,
        *,
        max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES,
        ordinary: OperationExchange | None = None,
    ) -> None:
        first, self.instance = instances.series("CTImageStorage", 2, rows=16, columns=16)
        self.connection, self.context_id, self.transfer_syntax = peer.ready_for(
            self.instance, max_pdu_bytes=max_pdu_bytes
        )
        self.ordinary = ordinary or self.send(first, _cut_at(self))

    @property
    def max_pdu_bytes(self) -> int:
        """The target's maximum length.

        Raises:
            NotApplicableError: It has none, or one whose boundary is out of reach.
        """
        maximum = self.connection.target_max_pdu_bytes
        if not 64 <= maximum <= LARGEST_BOUNDARY_BYTES:
            words = f"a maximum length of {maximum} bytes" if maximum else "no maximum length"
            raise NotApplicableError(f"the target announces {words}, whose boundary cannot be tried")
        return maximum

    def sized(self, size_of: Callable[[int], int], room_bytes: int) -> Instance:
        """The instance filled up to a size.

        Args:
            size_of: From the least number of rooms that are more than it has to the size wanted.
            room_bytes: What one PDU holds.
        """
        least_bytes = len(self.instance.encoded(self.transfer_syntax)) + FILLER_HEADERS_BYTES
        return variants.sized(self.instance, size_of(-(-least_bytes // room_bytes)), self.transfer_syntax)

    def send(self, instance: Instance, layout: Layout) -> OperationExchange:
        """Send an instance in a layout and wait for the response."""
        sent = sent_of(instance, self.transfer_syntax)
        command = c_store_rq(
            self.connection.next_message_id(),
            sop_class_uid=sent.sop_class_uid,
            sop_instance_uid=sent.sop_instance_uid,
        )
        pdus = layout(command.encode(), instance.encoded(self.transfer_syntax), self.context_id)
        complete = self.connection.send(pdus)
        return self.connection.await_response(command, context_id=self.context_id, sent=sent, complete=complete)


@pytest.fixture
def open_line(peer: Peers, instances: Instances) -> OpenLine:
    """Opens an association and stores an ordinary instance on it."""
    return partial(Line, peer, instances)


@pytest.fixture
def judge_line(judge: Judge, judge_stored: Callable[..., None]) -> JudgeLine:
    """Judges the answer to an unusual C-STORE against the ordinary one, releases, and judges what is stored."""

    def look(line: Line, instance: Instance, store: OperationExchange, requirement: str) -> None:
        judge(storing.like_the_ordinary(store, line.ordinary, requirement))
        judge_stored(instance, store, connection=line.connection)

    return look


@pytest.mark.requirement("PDV-27", "FID-01", "STA-17")
@pytest.mark.parametrize("more_pdus", [0, 1], ids=["fewest PDUs", "one PDU more"])
@pytest.mark.parametrize("over_bytes", [-2, 0, 2], ids=["two bytes short", "exactly full", "two bytes over"])
def test_data_set_around_the_maximum_length(
    open_line: OpenLine, judge_line: JudgeLine, over_bytes: int, more_pdus: int
) -> None:
    """A data set that just fits PDUs of the target's maximum length, or just does not, is stored whole."""
    line = open_line()
    room_bytes = room_for_data(line.max_pdu_bytes)
    instance = line.sized(lambda rooms: (rooms + more_pdus) * room_bytes + over_bytes, room_bytes)
    store = line.send(instance, _cut_at(line))
    judge_line(line, instance, store, "PDV-27")


@pytest.mark.requirement("PDV-27", "PDV-04", "FID-01")
@pytest.mark.parametrize("values", [2, 3], ids=["two PDVs", "three PDVs"])
def test_full_pdu_of_several_values(open_line: OpenLine, judge: Judge, judge_line: JudgeLine, values: int) -> None:
    """PDUs of exactly the target's maximum length that hold several PDVs each are taken in whole."""
    line = open_line()
    room_bytes = room_for_data(line.max_pdu_bytes, pdvs=values)
    instance = line.sized(lambda rooms: rooms * room_bytes, room_bytes)

    def layout(command: bytes, data_set: bytes, context_id: int) -> bytes:
        # The first PDVs of each PDU are of two bytes, the last one takes the rest.
        starts = range(0, len(data_set), room_bytes)
        borders = [start + 2 * i for start in starts for i in range(values)]
        pdvs = cut(data_set, borders, context_id=context_id, command=False)
        pdus = [in_one_pdu(pdvs[first : first + values]) for first in range(0, len(pdvs), values)]
        return one_pdu_each(_command(command, context_id)) + b"".join(pdus)

    store = line.send(instance, layout)
    judge(storing.like_the_ordinary(store, line.ordinary, "PDV-04"))
    judge_line(line, instance, store, "PDV-27")


def _whole_message(command: bytes, data_set: bytes, context_id: int) -> bytes:
    return in_one_pdu((*_command(command, context_id), *_data(data_set, context_id)))


def _command_with_first_data(command: bytes, data_set: bytes, context_id: int) -> bytes:
    first, *rest = _data(data_set, context_id, every(512, data_set))
    return in_one_pdu((*_command(command, context_id), first)) + one_pdu_each(rest)


def _two_data_values(command: bytes, data_set: bytes, context_id: int) -> bytes:
    return one_pdu_each(_command(command, context_id)) + in_one_pdu(_data(data_set, context_id, [512]))


def _two_command_values(command: bytes, data_set: bytes, context_id: int) -> bytes:
    halves = cut(command, [40], context_id=context_id, command=True)
    return in_one_pdu(halves) + one_pdu_each(_data(data_set, context_id))


@pytest.mark.requirement("FID-01", "STA-17")
@pytest.mark.parametrize(
    ("requirement", "layout"),
    [
        pytest.param("PDV-01", _whole_message, id="whole message", marks=pytest.mark.requirement("PDV-01")),
        pytest.param(
            "PDV-01", _command_with_first_data, id="command and first data", marks=pytest.mark.requirement("PDV-01")
        ),
        pytest.param("PDV-04", _two_data_values, id="two of data", marks=pytest.mark.requirement("PDV-04")),
        pytest.param("PDV-04", _two_command_values, id="two of the command", marks=pytest.mark.requirement("PDV-04")),
    ],
)
def test_several_values_in_one_pdu(
    open_line: OpenLine, judge_line: JudgeLine, requirement: str, layout: Layout
) -> None:
    """Every PDV of a PDU is processed, whichever part of the message it holds."""
    line = open_line()
    _need_room(line, len(line.instance.encoded(line.transfer_syntax)) + COMMAND_ROOM_BYTES)
    store = line.send(line.instance, layout)
    judge_line(line, line.instance, store, requirement)


@pytest.mark.requirement("PDV-02")
@pytest.mark.parametrize("fragment_bytes", [2, 4, 10, 64], ids=lambda n: f"{n} bytes")
def test_command_in_fragments(open_line: OpenLine, judge_line: JudgeLine, fragment_bytes: int) -> None:
    """A command set that comes in several PDUs is put together."""
    line = open_line()
    store = line.send(line.instance, _cut_at(line, command=range(fragment_bytes, 1 << 10, fragment_bytes)))
    judge_line(line, line.instance, store, "PDV-02")


@pytest.mark.requirement("PDV-03", "FID-01", "FID-02")
@pytest.mark.parametrize(
    ("tag", "within_bytes"),
    [
        pytest.param(PATIENT_ID, 2, id="in a tag"),
        pytest.param(PATIENT_ID, 4, id="after a tag"),
        pytest.param(PATIENT_ID, 6, id="in VR and length"),
        pytest.param(PATIENT_ID, 8, id="after a length"),
        pytest.param(PATIENT_ID, 10, id="in a value"),
        pytest.param(PIXEL_DATA, 6, id="in the header of the pixel data"),
        pytest.param(PIXEL_DATA, 30, id="in the pixel data"),
    ],
)
def test_fragment_border(open_line: OpenLine, judge_line: JudgeLine, tag: int, within_bytes: int) -> None:
    """A fragment of the data set may end anywhere in an element."""
    line = open_line()
    data_set = line.instance.encoded(line.transfer_syntax)
    border = element_offset(data_set, tag) + within_bytes
    store = line.send(line.instance, _cut_at(line, [border]))
    judge_line(line, line.instance, store, "PDV-03")


@pytest.mark.requirement("PDV-03", "FID-01", "FID-02")
@pytest.mark.parametrize("fragment_bytes", [2, 6, 14], ids=lambda n: f"{n} bytes")
def test_data_set_in_small_fragments(open_line: OpenLine, judge_line: JudgeLine, fragment_bytes: int) -> None:
    """A data set in hundreds of fragments of a few bytes is stored as if it had come at once."""
    line = open_line()
    data_set = line.instance.encoded(line.transfer_syntax)
    store = line.send(line.instance, _cut_at(line, every(fragment_bytes, data_set)))
    judge_line(line, line.instance, store, "PDV-03")


@pytest.mark.requirement("PDV-29", "PDV-22")
def test_maximum_lengths_are_independent(open_line: OpenLine, judge_line: JudgeLine) -> None:
    """A requestor that announces 512 bytes still sends PDUs as long as the target permits."""
    line = open_line()
    line.connection.release()
    small = open_line(max_pdu_bytes=512, ordinary=line.ordinary)
    maximum = small.connection.target_max_pdu_bytes
    room_bytes = room_for_data(min(maximum, LARGEST_BOUNDARY_BYTES) or 1 << 16)
    instance = small.sized(lambda rooms: rooms * room_bytes, room_bytes)
    store = small.send(instance, _cut_at(small))
    judge_line(small, instance, store, "PDV-29")


@pytest.mark.requirement("PDV-28")
def test_data_set_in_one_pdu(open_line: OpenLine, judge_line: JudgeLine, not_applicable: Callable[[str], None]) -> None:
    """A target that announces no maximum length takes a data set of 4 MiB in one PDU."""
    line = open_line()
    if line.connection.target_max_pdu_bytes != 0:
        not_applicable(f"the target announces a maximum length of {line.connection.target_max_pdu_bytes} bytes")
    instance = line.sized(lambda _: 4 << 20, 1024)
    store = line.send(instance, _cut_at(line))
    judge_line(line, instance, store, "PDV-28")


@pytest.mark.requirement("PDV-31", "FID-01")
@pytest.mark.parametrize("used", [0, 1], ids=["first context", "second context"])
def test_response_on_the_context_of_the_request(
    peer: Peers, instances: Instances, judge: Judge, judge_stored: Callable[..., None], used: int
) -> None:
    """Where two contexts of one SOP class are accepted, the response comes on the one that the request came on."""
    instance = instances.build("CTImageStorage", rows=16, columns=16)
    contexts = contexts_of([(instance.sop_class_uid, (IMPLICIT,)), (instance.sop_class_uid, (EXPLICIT,))])
    with peer.associated(contexts) as association:
        if len(association.accepted) < 2:
            raise NotApplicableError("the target did not accept two contexts of one SOP class")
        context_id = contexts[used].context_id
        transfer_syntax = contexts[used].transfer_syntaxes[0]
        data_set = instance.encoded(transfer_syntax)
        store = association.store(data_set, sent_of(instance, transfer_syntax), context_id=context_id)
        judge(storing.on_the_requests_context(store))
        association.release()
    judge_stored(instance, store)


def _need_room(line: Line, pdu_bytes: int) -> None:
    """What is tried takes a PDU of some length.

    Raises:
        NotApplicableError: The target's maximum length is shorter.
    """
    maximum = line.connection.target_max_pdu_bytes
    if 0 < maximum < pdu_bytes:
        raise NotApplicableError(f"the target's maximum length of {maximum} bytes has no room for {pdu_bytes}")


@pytest.mark.requirement("PDV-33", "FID-01")
def test_many_thousand_fragments(open_line: OpenLine, judge_line: JudgeLine) -> None:
    """A data set of 8 MiB that comes in fragments of 512 bytes, a PDU for each, is stored as any other."""
    line = open_line()
    instance = line.sized(lambda _: MANY_FRAGMENTS * FRAGMENT_BYTES, FRAGMENT_BYTES)

    def layout(command: bytes, data_set: bytes, context_id: int) -> bytes:
        borders = range(FRAGMENT_BYTES, len(data_set), FRAGMENT_BYTES)
        return one_pdu_each((*_command(command, context_id), *_data(data_set, context_id, borders)))

    store = line.send(instance, layout)
    judge_line(line, instance, store, "PDV-33")


def _cut_at(line: Line, data: Iterable[int] = (), command: Iterable[int] = ()) -> Layout:
    """A PDU for each fragment, with these borders beside those that the target's maximum length asks for."""
    room_bytes = room_for_data(line.connection.target_max_pdu_bytes or UNLIMITED_BYTES)

    def layout(command_set: bytes, data_set: bytes, context_id: int) -> bytes:
        of_command = sorted({*command, *every(room_bytes, command_set)})
        of_data = sorted({*data, *every(room_bytes, data_set)})
        pdvs = cut(command_set, of_command, context_id=context_id, command=True)
        return one_pdu_each((*pdvs, *cut(data_set, of_data, context_id=context_id, command=False)))

    return layout


def _command(command: bytes, context_id: int) -> tuple[Pdv, ...]:
    return cut(command, (), context_id=context_id, command=True)


def _data(data_set: bytes, context_id: int, borders: list[int] | range = range(0)) -> tuple[Pdv, ...]:
    return cut(data_set, borders, context_id=context_id, command=False)
