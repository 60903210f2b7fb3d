"""A DICOMweb origin server over what an embedded PACS stores: enough of PS3.18 for searches and retrievals.

A fault overrides one method. Its author read PS3.18 and not the client that it is for.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from conformance.readback.part10 import decode_data_set, encode_part10
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.transcode import NoTranscodingError, data_set_in

EXPLICIT: Final = "1.2.840.10008.1.2.1"
NOT_USED: Final = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.2")
BOUNDARY: Final = "one-part-and-the-next"
_PATH: Final = re.compile(
    r"(?:/studies(?:/(?P<study>[0-9.]+))?)?(?:/series(?:/(?P<series>[0-9.]+))?)?(?:/instances(?:/(?P<image>[0-9.]+))?)?"
)

Answer = tuple[int, str, bytes]


class Origin:
    """Listens between `__enter__` and `__exit__`.

    Args:
        pacs: Where instances are.
        auth: User and password that are asked for; None asks for none.
    """

    def __init__(self, pacs: EmbeddedPacs, *, auth: tuple[str, str] | None = None) -> None:
        self._pacs = pacs
        self._auth = auth
        self.asked: list[tuple[str, str]] = []
        """The path and the Accept header of each request."""
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, content_type, body = origin._respond(self)
                self.send_response(status)
                if content_type:
                    self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The root of its web services."""
        return f"http://127.0.0.1:{self._server.server_port}/web"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # What a fault overrides

    def search(self, found: list[StoredInstance], *, level: str) -> Answer:
        """PS3.18 10.6.3."""
        if not found:
            return 204, "", b""
        rows = [self.row(instance) for instance in found]
        return 200, "application/dicom+json", json.dumps(rows).encode()

    def row(self, instance: StoredInstance) -> dict[str, Any]:
        """The attributes of a match, in the DICOM JSON model."""
        path = f"/studies/{instance.study_uid}/series/{instance.series_uid}/instances/{instance.sop_instance_uid}"
        read, _ = decode_data_set(bytes(instance.index_bytes), instance.transfer_syntax)
        shown: dict[str, Any] = {
            "00080016": {"vr": "UI", "Value": [instance.sop_class_uid]},
            "00080018": {"vr": "UI", "Value": [instance.sop_instance_uid]},
            "00081190": {"vr": "UR", "Value": [self.url + path]},
            "0020000D": {"vr": "UI", "Value": [instance.study_uid]},
            "0020000E": {"vr": "UI", "Value": [instance.series_uid]},
            "00100020": {"vr": "LO", "Value": [instance.patient_id]},
        }
        if "PatientName" in read:
            shown["00100010"] = {"vr": "PN", "Value": [{"Alphabetic": str(read.PatientName)}]}
        if read.get("InstanceNumber") is not None:
            shown["00200013"] = {"vr": "IS", "Value": [int(read.InstanceNumber)]}
        return shown

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        """PS3.18 10.4.3: in the transfer syntax that is asked for, `*` for any, or nothing for the default."""
        if transfer_syntax == "*":
            wanted = EXPLICIT if instance.transfer_syntax in NOT_USED else instance.transfer_syntax
        else:
            wanted = transfer_syntax or EXPLICIT
        if wanted in NOT_USED:
            return 406, "", b""
        try:
            data = data_set_in(instance, wanted)
        except NoTranscodingError:
            if transfer_syntax:
                return 406, "", b""
            # PS3.18 8.7.3.4: lossy compressed pixel data need not be decompressed
            wanted, data = instance.transfer_syntax, instance.data_set
        return (
            200,
            self.content_type(),
            self.payload(instance, data if isinstance(data, bytes) else data.read(), wanted),
        )

    def content_type(self) -> str:
        """Of a retrieval."""
        return f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'

    def payload(self, instance: StoredInstance, data_set: bytes, transfer_syntax: str) -> bytes:
        """The one part of a retrieval."""
        file = encode_part10(
            data_set,
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            transfer_syntax_uid=transfer_syntax,
        )
        head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        return b"".join((head, file, f"\r\n--{BOUNDARY}--\r\n".encode()))

    # How a request is read

    def _respond(self, request: BaseHTTPRequestHandler) -> Answer:
        accept = request.headers.get("Accept", "")
        parts = urlsplit(request.path)
        self.asked.append((request.path, accept))
        if self._auth is not None:
            wanted = "Basic " + base64.b64encode(":".join(self._auth).encode()).decode()
            if request.headers.get("Authorization") != wanted:
                return 401, "", b""
        matched = _PATH.fullmatch(parts.path.removeprefix("/web"))
        if not parts.path.startswith("/web/") or matched is None:
            return 404, "", b""
        keys = {name: values[0] for name, values in parse_qs(parts.query).items()}
        study, series, image = matched["study"], matched["series"], matched["image"]
        found = [
            instance
            for instance in self._pacs.store.instances()
            if study in (None, instance.study_uid)
            and series in (None, instance.series_uid)
            and image in (None, instance.sop_instance_uid)
            and keys.get("SOPInstanceUID") in (None, instance.sop_instance_uid)
            and keys.get("StudyInstanceUID") in (None, instance.study_uid)
        ]
        if image is None:
            return self.search(found, level=parts.path.rpartition("/")[2])
        if not found:
            return 404, "", b""
        if "application/dicom" not in accept or "json" in accept:
            return 406, "", b""
        syntax = re.search(r"transfer-syntax=([0-9.*]+)", accept)
        return self.retrieve(found[0], syntax[1] if syntax else "")
