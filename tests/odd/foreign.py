"""An archive on pynetdicom: what the embedded PACS and the suite have in common, it does not."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any, Final, Self

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.presentation import AllStoragePresentationContexts
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    Verification,
)

from tests.odd.registry import odd_scp

_LOOPBACK: Final = "127.0.0.1"
_KNOWN_OF_PYNETDICOM: Final = frozenset(
    {"CMD-13", "CMD-38", "PDV-12", "QR-26", "QR-30", "UI-GEN-01", "UI-USR-06", "UL-PDU-04", "UL-RQ-02"}
)
"""Of pynetdicom 3.0: operations that a context is not for, odd maximum lengths, counters, priorities, unknown items."""
_KNOWN_OF_PYDICOM: Final = frozenset({"CMD-31", "ST-37", "ST-38"})
"""It reads data sets that are cut, or in another transfer syntax, as far as they go."""
_KNOWN_OF_ITSELF: Final = frozenset({"QR-04", "QR-07", "QR-09", "QR-10", "QR-13", "QR-17", "QR-20"})
"""Its C-FIND matches UIDs and Patient ID alone."""
_FIRST_TAG: Final = 0x0008_0000
_KEYS: Final = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


def _free_port() -> int:
    with socket.create_server((_LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


@odd_scp(
    "pynetdicom-archive",
    clause="another implementation",
    violates=_KNOWN_OF_PYNETDICOM | _KNOWN_OF_PYDICOM | _KNOWN_OF_ITSELF,
)
class PynetdicomArchive:
    """An archive on pynetdicom: a dictionary of data sets, with C-FIND and C-GET of the Study Root."""

    ae_title = "PYNETDICOM"

    def __init__(self, port: int) -> None:
        self.address = (_LOOPBACK, port or _free_port())
        self._lock = threading.Lock()
        self._stored: dict[str, Dataset] = {}
        self._server: Any = None

    def __enter__(self) -> Self:
        ae = ApplicationEntity(ae_title=self.ae_title)
        ae.maximum_associations = 50
        native = [ImplicitVRLittleEndian, ExplicitVRLittleEndian]
        ae.add_supported_context(Verification, native)
        ae.add_supported_context(StudyRootQueryRetrieveInformationModelFind, native)
        ae.add_supported_context(StudyRootQueryRetrieveInformationModelGet, native)
        for context in AllStoragePresentationContexts:
            assert context.abstract_syntax is not None
            ae.add_supported_context(context.abstract_syntax, native, scu_role=True, scp_role=True)
        handlers = [
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_C_GET, self._get),
        ]
        self._server = ae.start_server(self.address, block=False, evt_handlers=handlers)  # type: ignore[arg-type]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()

    def _store(self, event: evt.Event) -> int:
        try:
            dataset = event.dataset
            dataset.decode()
        except Exception:  # pydicom raises whatever it meets in broken bytes
            return 0xC210
        placed = dataset.get("StudyInstanceUID") and dataset.get("SeriesInstanceUID")
        if not placed or min(dataset.keys()) < _FIRST_TAG:
            return 0xA900
        dataset.file_meta = event.file_meta
        request: Any = event.request
        asked = (request.AffectedSOPClassUID, request.AffectedSOPInstanceUID)
        if (dataset.get("SOPClassUID"), dataset.get("SOPInstanceUID")) != asked:
            return 0xA900
        with self._lock:
            self._stored[str(dataset.SOPInstanceUID)] = dataset
        return 0x0000

    def _matching(self, identifier: Dataset) -> list[Dataset]:
        given = {keyword: identifier.get(keyword) for keyword in _KEYS if identifier.get(keyword)}
        wanted = {k: list(v) if isinstance(v, MultiValue) else [v] for k, v in given.items()}
        with self._lock:
            stored = list(self._stored.values())
        return [d for d in stored if all(d.get(k) in values for k, values in wanted.items())]

    def _find(self, event: evt.Event) -> Any:
        for dataset in self._matching(event.identifier):
            if event.is_cancelled:
                yield 0xFE00, None
                return
            answer = Dataset()
            for element in event.identifier:
                if element.tag in dataset:
                    answer.add(dataset[element.tag])
            answer.QueryRetrieveLevel = event.identifier.QueryRetrieveLevel
            yield 0xFF00, answer

    def _get(self, event: evt.Event) -> Any:
        found = self._matching(event.identifier)
        yield len(found)
        for dataset in found:
            if event.is_cancelled:
                yield 0xFE00, None
                return
            yield 0xFF00, dataset
