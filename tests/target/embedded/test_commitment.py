"""pynetdicom asks the embedded PACS for storage commitment, and is reported to."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct

WAIT_S = 10
Told = tuple[int, Dataset]


def stored() -> Dataset:
    """An image that can be sent."""
    image = ct()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return image


def information(*uids: str, transaction_uid: str = "2.25.5") -> Dataset:
    made = Dataset()
    made.TransactionUID = transaction_uid
    items = []
    for uid in uids:
        item = Dataset()
        item.ReferencedSOPClassUID = CTImageStorage
        item.ReferencedSOPInstanceUID = uid
        items.append(item)
    made.ReferencedSOPSequence = items
    return made


def hearing(reports: queue.Queue[Told]) -> list[Any]:
    """Handlers that put each report into a queue once its response went out.

    pynetdicom's reactor dies of a response that it is given after a release or an abort.
    """
    heard: list[Told] = []

    def hear(event: Any) -> tuple[int, None]:
        heard.append((event.request.EventTypeID, event.event_information))
        return 0x0000, None

    def sent(event: Any) -> None:
        if heard and isinstance(event.pdu, P_DATA_TF):
            reports.put(heard.pop())

    return [(evt.EVT_N_EVENT_REPORT, hear), (evt.EVT_PDU_SENT, sent)]


@contextmanager
def asking(pacs: EmbeddedPacs, reports: queue.Queue[Told]) -> Iterator[Association]:
    """An association as the SCU of storage commitment, that hears reports too."""
    ae = AE("ASKER")
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = WAIT_S
    ae.add_requested_context(StorageCommitmentPushModel)
    ae.add_requested_context(CTImageStorage, ImplicitVRLittleEndian)
    opened = ae.associate(*pacs.address, ae_title=pacs.ae_title, evt_handlers=hearing(reports))
    assert opened.is_established
    try:
        yield opened
    finally:
        opened.release()


def ask(opened: Association, asked: Dataset, *, action: int = 1, instance: str = "") -> int:
    status, _ = opened.send_n_action(
        asked, action, StorageCommitmentPushModel, instance or StorageCommitmentPushModelInstance
    )
    return int(status.Status)


def test_a_report_comes_on_the_association_of_who_is_not_known(start: Start) -> None:
    reports: queue.Queue[Told] = queue.Queue()
    image = stored()
    with asking(start(Settings()), reports) as opened:
        assert opened.send_c_store(image).Status == 0x0000
        assert ask(opened, information(image.SOPInstanceUID, "1.2.3")) == 0x0000
        event, told = reports.get(timeout=WAIT_S)
    assert event == 2
    assert told.TransactionUID == "2.25.5"
    assert [item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence] == [image.SOPInstanceUID]
    assert [(item.ReferencedSOPInstanceUID, item.FailureReason) for item in told.FailedSOPSequence] == [
        ("1.2.3", 0x0112)
    ]


def test_a_report_comes_on_another_association_to_who_is_known(start: Start) -> None:
    reports: queue.Queue[Told] = queue.Queue()
    image = stored()
    listener = AE("ASKER")
    listener.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    server = listener.start_server(("127.0.0.1", 0), block=False, evt_handlers=hearing(reports))
    assert server is not None
    try:
        known = {"ASKER": Destination(host="127.0.0.1", port=server.server_address[1])}
        with asking(start(Settings(move_destinations=known)), queue.Queue()) as opened:
            assert opened.send_c_store(image).Status == 0x0000
            assert ask(opened, information(image.SOPInstanceUID)) == 0x0000
        event, told = reports.get(timeout=WAIT_S)
    finally:
        server.shutdown()
    assert event == 1
    assert [item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence] == [image.SOPInstanceUID]
    assert "FailedSOPSequence" not in told


def test_what_is_not_performed(start: Start) -> None:
    with asking(start(Settings()), queue.Queue()) as opened:
        assert ask(opened, information("1.2.3"), action=2) == 0x0123
        assert ask(opened, information("1.2.3"), instance="1.2.3") == 0x0112
        assert ask(opened, information()) == 0x0115


def test_an_instance_under_another_class_conflicts(start: Start) -> None:
    reports: queue.Queue[Told] = queue.Queue()
    image = stored()
    asked = information(image.SOPInstanceUID)
    asked.ReferencedSOPSequence[0].ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    with asking(start(Settings()), reports) as opened:
        assert opened.send_c_store(image).Status == 0x0000
        assert ask(opened, asked) == 0x0000
        _, told = reports.get(timeout=WAIT_S)
    assert [item.FailureReason for item in told.FailedSOPSequence] == [0x0119]


def test_a_transaction_in_use_fails(start: Start) -> None:
    image = stored()
    reports: queue.Queue[Told] = queue.Queue()
    pacs = start(Settings())
    assert pacs.store.begin("2.25.5")
    with asking(pacs, reports) as opened:
        assert opened.send_c_store(image).Status == 0x0000
        assert ask(opened, information(image.SOPInstanceUID)) == 0x0000
        _, told = reports.get(timeout=WAIT_S)
    assert [item.FailureReason for item in told.FailedSOPSequence] == [0x0131]
    assert not pacs.store.begin("2.25.5")
