"""pynetdicom as SCU against the embedded PACS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Destination, Settings
from tests.target.embedded.conftest import Start
from tests.target.embedded.data import ct

received: list[Dataset] = []


def keep(event: Event) -> int:
    received.append(event.dataset)
    return 0x0000


@pytest.fixture
def association(start: Start) -> Iterator[Association]:
    """An association with every service, and three images stored over it."""
    received.clear()
    storage = AE("DEST")
    storage.add_supported_context(CTImageStorage)
    listener = storage.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
    assert listener is not None
    port = listener.server_address[1]
    pacs: EmbeddedPacs = start(Settings(move_destinations={"DEST": Destination(host="127.0.0.1", port=port)}))
    ae = AE("TESTER")
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 10
    for abstract in (
        Verification,
        StudyRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelGet,
        StudyRootQueryRetrieveInformationModelMove,
    ):
        ae.add_requested_context(abstract)
    ae.add_requested_context(CTImageStorage, ExplicitVRLittleEndian)
    opened = ae.associate(
        *pacs.address,
        ae_title=pacs.ae_title,
        ext_neg=[build_role(CTImageStorage, scu_role=True, scp_role=True)],
        evt_handlers=[(evt.EVT_C_STORE, keep)],
    )
    assert opened.is_established
    try:
        for number in (1, 2, 3):
            image = ct(number)
            image.file_meta = FileMetaDataset()
            image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            assert opened.send_c_store(image).Status == 0
        yield opened
    finally:
        opened.release()
        listener.shutdown()


def study(level: str = "STUDY") -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = level
    query.StudyInstanceUID = "1.2.3.1"
    return query


def test_echo(association: Association) -> None:
    assert association.send_c_echo().Status == 0


def test_find(association: Association) -> None:
    query = study("SERIES")
    query.SeriesInstanceUID = ""
    query.NumberOfSeriesRelatedInstances = None
    answers = list(association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind))
    assert [status.Status for status, _ in answers] == [0xFF00, 0x0000]
    assert answers[0][1] is not None
    assert answers[0][1].NumberOfSeriesRelatedInstances == 3


def test_get(association: Association) -> None:
    answers = list(association.send_c_get(study(), StudyRootQueryRetrieveInformationModelGet))
    assert answers[-1][0].Status == 0
    assert answers[-1][0].NumberOfCompletedSuboperations == 3
    assert sorted(image.InstanceNumber for image in received) == [1, 2, 3]


def test_move(association: Association) -> None:
    answers = list(association.send_c_move(study(), "DEST", StudyRootQueryRetrieveInformationModelMove))
    assert answers[-1][0].Status == 0
    assert answers[-1][0].NumberOfCompletedSuboperations == 3
    assert sorted(image.InstanceNumber for image in received) == [1, 2, 3]
    assert all(image.PixelData == ct(image.InstanceNumber).PixelData for image in received)
