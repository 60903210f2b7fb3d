"""The batch goes on past warnings, failures and lost associations, and says what became of each instance."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread

from conformance.driver.endpoint import Endpoint
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.instance import Instance
from conformance.instances.variants import with_sop_class_uid, with_sop_instance_uid
from conformance.load.bulk import FRUITLESS_ASSOCIATIONS, BulkSend, Notice
from conformance.load.files import DicomFile
from conformance.load.plan import batches
from conformance.load.result import Fate, InstanceResult
from conformance.load.tally import Tally, TallyRecorder
from conformance.observation.transcript import EventKind
from conformance.standard.sop_classes import all_storage
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.spool import Blob
from conformance.wire.items import ContextResult
from conformance.wire.pdu import Associate
from tests.load.corpus import (
    EXPLICIT,
    IMPLICIT,
    OnStore,
    answering,
    endpoint_of,
    instances,
    meta,
    write,
    write_all,
)

DEFLATED = "1.2.840.10008.1.2.1.99"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def run(send: BulkSend) -> tuple[list[InstanceResult], list[Notice]]:
    events = list(send.events(tick_s=0.05))
    return [e for e in events if isinstance(e, InstanceResult)], [e for e in events if isinstance(e, Notice)]


def send_to(pacs: EmbeddedPacs, files: Sequence[DicomFile], *, associations: int = 1) -> list[InstanceResult]:
    send = BulkSend(endpoint_of(pacs), batches(files), associations=associations, retry_waits_s=())
    return run(send)[0]


def fates(results: Sequence[InstanceResult]) -> list[Fate]:
    return [result.fate for result in results]


def test_instances_arrive_as_they_stand_in_their_files(tmp_path: Path) -> None:
    files = write_all(tmp_path, 3)
    before = [file.path.read_bytes() for file in files]
    with EmbeddedPacs() as pacs:
        results = send_to(pacs, files)
        stored = [pacs.store.get(file.sop_instance_uid) for file in files]
        arrived = [b"".join(bytes(c) for c in kept.data_set.chunks()) for kept in stored if kept is not None]
    assert fates(results) == [Fate.COMPLETED] * 3
    assert [r.path for r in results] == [f.path for f in files]
    assert all(r.seconds > 0 and r.sent_transfer_syntax_uid == IMPLICIT for r in results)
    assert [file.path.read_bytes() for file in files] == before
    assert arrived == [content[f.data_set_offset :] for content, f in zip(before, files, strict=True)]


@pytest.mark.parametrize(
    ("status", "fate", "words"),
    [
        (0x0000, Fate.COMPLETED, "0000H Success"),
        (0xB000, Fate.WARNING, "B000H Warning: coercion of data elements (PS3.4 Table B.2-1)"),
        (0x0111, Fate.FAILED, "0111H Duplicate SOP instance (PS3.7 Annex C, not listed for C-STORE)"),
        (0xA700, Fate.FAILED, "A700H Refused: out of resources"),
        (0xC001, Fate.FAILED, "C001H Error: cannot understand"),
        (0xFF00, Fate.FAILED, "FF00H Pending"),
        (0x1234, Fate.FAILED, "1234H Outside the status classes of PS3.7 Annex C"),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else None,
)
def test_every_status_is_named_and_none_ends_the_batch(tmp_path: Path, status: int, fate: Fate, words: str) -> None:
    files = write_all(tmp_path, 3)
    with EmbeddedPacs(Settings(store_status=status)) as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [fate] * 3
    assert all(r.status == status and r.words.startswith(words) for r in results)


def test_error_comment_is_kept_as_it_came(tmp_path: Path) -> None:
    files = write_all(tmp_path, 2)
    behaviour = OnStore({files[0].sop_instance_uid: answering(0xA700, "\x1b[31mfull")})
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [Fate.FAILED, Fate.COMPLETED]
    assert results[0].error_comment == "\x1b[31mfull"


def test_aborted_association_costs_one_instance_and_is_made_again(tmp_path: Path) -> None:
    files = write_all(tmp_path, 5)
    behaviour = OnStore(aborts=[files[2].sop_instance_uid])
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [Fate.COMPLETED] * 2 + [Fate.FAILED] + [Fate.COMPLETED] * 2
    assert results[2].words == "no response: A-ABORT: source 0 service-user, reason 0 not significant"
    assert behaviour.associations == 2
    assert behaviour.seen == [file.sop_instance_uid for file in files]


def test_target_that_only_aborts_is_given_up(tmp_path: Path) -> None:
    files = write_all(tmp_path, FRUITLESS_ASSOCIATIONS + 3)
    behaviour = OnStore(aborts=[file.sop_instance_uid for file in files])
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [Fate.FAILED] * FRUITLESS_ASSOCIATIONS + [Fate.REMAINING] * 3
    assert behaviour.associations == FRUITLESS_ASSOCIATIONS
    assert "brought no response" in results[-1].words


def test_association_ended_between_instances_does_not_end_the_batch(tmp_path: Path) -> None:
    files = write_all(tmp_path, 3)

    class EndsAfterEach(OnStore):
        def perform(self, association: Association, request: Request) -> None:
            super().perform(association, request)
            association.abort()

    behaviour = EndsAfterEach()
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results, notices = run(BulkSend(endpoint_of(pacs), batches(files), retry_waits_s=()))
    # Whether the A-ABORT is seen before or after the next request begins is a race on the wire.
    failed = [r for r in results if r.fate is Fate.FAILED]
    assert len(results) == 3
    assert all(r.words.startswith("no response") for r in failed)
    assert len(notices) + len(failed) <= 2
    assert behaviour.associations == 1 + len(notices) + sum(r is not results[-1] for r in failed)


def test_several_associations_share_the_files(tmp_path: Path) -> None:
    files = write_all(tmp_path, 20)
    behaviour = OnStore()
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results = send_to(pacs, files, associations=3)
    assert sorted(r.sop_instance_uid for r in results) == sorted(f.sop_instance_uid for f in files)
    assert fates(results) == [Fate.COMPLETED] * 20
    assert sorted(behaviour.seen) == sorted(f.sop_instance_uid for f in files)


def test_file_that_changed_since_it_was_found_fails_and_the_next_is_sent(tmp_path: Path) -> None:
    files = write_all(tmp_path, 3)
    files[0].path.write_bytes(b"short")
    files[1].path.unlink()
    with EmbeddedPacs() as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [Fate.FAILED, Fate.FAILED, Fate.COMPLETED]
    assert "the file has 5 bytes now" in results[0].words
    assert "cannot be read" in results[1].words


def test_more_pairs_than_one_association_has_room_for(tmp_path: Path) -> None:
    (instance,) = instances(1)
    files = [
        write(tmp_path, with_sop_class_uid(with_sop_instance_uid(instance, f"1.2.4.{number}"), row.uid), f"{number:02}")
        for number, row in enumerate(all_storage()[:70])
    ]
    behaviour = OnStore()
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        results = send_to(pacs, files)
    assert behaviour.associations == 2
    assert fates(results) == [Fate.COMPLETED] * 70


def test_sop_class_that_is_refused_is_told_and_the_others_are_sent(tmp_path: Path) -> None:
    private, usual = instances(2)
    files = [write(tmp_path, with_sop_class_uid(private, "1.2.3.4"), "a"), write(tmp_path, usual, "b")]
    with EmbeddedPacs() as pacs:
        results = send_to(pacs, files)
    assert fates(results) == [Fate.FAILED, Fate.COMPLETED]
    assert results[0].words == (
        "SOP class not accepted: presentation context result 3 abstract-syntax-not-supported (provider rejection)"
    )


class Takes(Behaviour):
    """Accepts storage in one transfer syntax only."""

    def __init__(self, transfer_syntax: str) -> None:
        self._transfer_syntax = transfer_syntax

    def context_results(self, request: Associate) -> list[ContextResult]:
        return [
            ContextResult(
                context_id=context.context_id,
                result=0 if self._transfer_syntax in context.transfer_syntaxes else 4,
                transfer_syntaxes=(self._transfer_syntax,),
            )
            for context in request.proposed_contexts
        ]


@pytest.mark.parametrize(
    ("compressed", "own", "taken"),
    [(False, IMPLICIT, EXPLICIT), (False, EXPLICIT, IMPLICIT), (False, DEFLATED, EXPLICIT), (True, RLE, EXPLICIT)],
    ids=["implicit to explicit", "explicit to implicit", "deflated to explicit", "RLE to explicit"],
)
def test_transfer_syntax_that_is_refused_is_replaced_by_a_native_one(
    tmp_path: Path, compressed: bool, own: str, taken: str
) -> None:
    (instance,) = instances(1)
    file = write(tmp_path, rle(instance) if compressed else instance, "a", own)
    with EmbeddedPacs(behaviour=Takes(taken)) as pacs:
        (result,) = send_to(pacs, [file])
        stored = pacs.store.get(file.sop_instance_uid)
        assert stored is not None
        content = dcmread(BytesIO(part10_of_stored(stored.data_set, instance, taken)), force=True)
    assert result.fate is Fate.COMPLETED
    assert result.sent_transfer_syntax_uid == taken
    assert result.note.startswith("re-encoded")
    assert content.SOPInstanceUID == instance.sop_instance_uid
    assert content.PixelData == instance.dataset.PixelData


def part10_of_stored(blob: Blob, instance: Instance, transfer_syntax: str) -> bytes:
    return bytes(128) + b"DICM" + meta(instance, transfer_syntax) + b"".join(bytes(c) for c in blob.chunks())


def test_transfer_syntax_that_cannot_be_replaced_without_loss_fails(tmp_path: Path) -> None:
    (instance,) = instances(1, "SecondaryCaptureImageStorage")
    file = write(tmp_path, jpeg_baseline(instance), "a", JPEG_BASELINE)
    with EmbeddedPacs(behaviour=Takes(EXPLICIT)) as pacs:
        (result,) = send_to(pacs, [file])
    assert result.fate is Fate.FAILED
    assert result.words.startswith("transfer syntax not accepted: presentation context result 4")


def test_compressed_file_goes_as_it_is_where_it_is_accepted(tmp_path: Path) -> None:
    file = write(tmp_path, rle(instances(1)[0]), "a", RLE)
    with EmbeddedPacs() as pacs:
        (result,) = send_to(pacs, [file])
    assert (result.fate, result.sent_transfer_syntax_uid, result.note) == (Fate.COMPLETED, RLE, "")


def test_nobody_there_leaves_everything_remaining(tmp_path: Path) -> None:
    files = write_all(tmp_path, 2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    send = BulkSend(an_endpoint(port), batches(files), retry_waits_s=(0.01,))
    results, notices = run(send)
    assert fates(results) == [Fate.REMAINING] * 2
    assert len(notices) == 1
    assert "no TCP connection" in send.trouble


def test_interrupt_ends_a_wait_for_a_response_soon(tmp_path: Path) -> None:
    files = write_all(tmp_path, 3)
    waiting = threading.Event()
    release = threading.Event()

    def hang(_association: Association, _request: Request) -> Answer | None:
        waiting.set()
        release.wait(20)
        return None

    with EmbeddedPacs(behaviour=OnStore({files[1].sop_instance_uid: hang})) as pacs:
        send = BulkSend(endpoint_of(pacs, timeout_s=60), batches(files))
        results: list[InstanceResult] = []
        began_s = time.monotonic()
        for event in send.events(tick_s=0.02):
            if waiting.is_set():
                send.interrupt()
            if isinstance(event, InstanceResult):
                results.append(event)
        took_s = time.monotonic() - began_s
        release.set()
    assert fates(results) == [Fate.COMPLETED, Fate.REMAINING, Fate.REMAINING]
    assert [r.words for r in results[1:]] == ["interrupted while it was being sent", "not sent: interrupted"]
    assert took_s < 10


def test_tally_counts_bytes_and_keeps_none() -> None:
    recorder = TallyRecorder()
    tally = recorder.transcript(peer="X@host:104")
    tally.add(EventKind.SENT, b"abc")
    tally.add(EventKind.RECEIVED, b"de")
    assert isinstance(tally, Tally)
    assert (tally.sent_bytes, tally.received_bytes, tally.events, recorder.transcripts) == (3, 2, [], [])


def an_endpoint(port: int) -> Endpoint:
    return Endpoint(host="127.0.0.1", port=port, called_ae_title="X", calling_ae_title="Y", timeout_s=5)
