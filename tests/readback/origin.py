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
JSON: Final = "application/dicom+json"
_STUDY: Final = (
    *("00080020", "00080030", "00080050", "00080090", "00100010", "00100020", "00100030", "00100040"),
    *("0020000D", "00200010"),
)
_SERIES: Final = ("00080060", "0020000E", "00200011")
_SHOWN: Final = {
    "studies": _STUDY,
    "series": (*_STUDY, *_SERIES),
    "instances": (*_STUDY, *_SERIES, "00080016", "00080018", "00200013", "00280010", "00280011", "00280100"),
}
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
        """PS3.18 10.6.3: one match for each study, series or instance."""
        if not found:
            return 204, "", b""
        key = {"studies": "0020000D", "series": "0020000E", "instances": "00080018"}[level]
        rows = [self.row(instance, level=level) for instance in found]
        distinct = {row.get(key, {"Value": [number]})["Value"][0]: row for number, row in enumerate(rows)}
        return 200, JSON, json.dumps(rows if level == "instances" else list(distinct.values())).encode()

    def row(self, instance: StoredInstance, *, level: str) -> dict[str, Any]:
        """The attributes of a match, in the DICOM JSON model (PS3.18 Tables 10.6.3-3 to 10.6.3-5)."""
        place = {
            "studies": f"/studies/{instance.study_uid}",
            "series": f"/series/{instance.series_uid}",
            "instances": f"/instances/{instance.sop_instance_uid}",
        }
        path = "".join(list(place.values())[: list(place).index(level) + 1])
        whole = self.metadata(instance)
        shown = {tag: whole[tag] for tag in _SHOWN[level] if tag in whole}
        same_study = [one for one in self._pacs.store.instances() if one.study_uid == instance.study_uid]
        same_series = [one for one in same_study if one.series_uid == instance.series_uid]
        shown["00081190"] = {"vr": "UR", "Value": [self.url + path]}
        if level == "studies":
            shown["00080061"] = {"vr": "CS", "Value": whole["00080060"]["Value"]}
            shown["00201206"] = {"vr": "IS", "Value": [len({one.series_uid for one in same_study})]}
            shown["00201208"] = {"vr": "IS", "Value": [len(same_study)]}
        if level == "series":
            shown["00201209"] = {"vr": "IS", "Value": [len(same_series)]}
        return shown

    def metadata(self, instance: StoredInstance) -> dict[str, Any]:
        """PS3.18 10.4.1.1.2: every attribute of an instance, long values by their URI."""
        try:
            data, syntax = data_set_in(instance, EXPLICIT), EXPLICIT
        except NoTranscodingError:
            data, syntax = instance.data_set, instance.transfer_syntax
        read, _ = decode_data_set(data if isinstance(data, bytes) else data.read(), syntax)
        made: dict[str, Any] = read.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=lambda _: "/bulk")
        return made

    def not_found(self) -> Answer:
        """What an unknown instance is answered with."""
        return 404, "", b""

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
        path, metadata, _ = parts.path.partition("/metadata")
        matched = _PATH.fullmatch(path.removeprefix("/web"))
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
            and keys.get("SeriesInstanceUID") in (None, instance.series_uid)
        ]
        if image is None:
            return self.search(found, level=parts.path.rpartition("/")[2])
        if not found:
            return self.not_found()
        if metadata:
            return 200, JSON, json.dumps([self.metadata(found[0])]).encode()
        if "application/dicom" not in accept or "json" in accept:
            return 406, "", b""
        syntax = re.search(r"transfer-syntax=([0-9.*]+)", accept)
        return self.retrieve(found[0], syntax[1] if syntax else "")
