"""DICOMweb (PS3.18): a search by QIDO-RS, a retrieval by WADO-RS, and the read-back channel made of the two.

It looks and never judges. Credentials go into a header and nowhere else: no message holds them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from conformance.instances.identity import is_legal_uid
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.observation.web import WebFailure, WebInstance, WebInstances, WebRows
from conformance.readback.base import DEFAULT_LATENCY_S, Latency
from conformance.readback.multipart import MultipartError, media_type_of, parts_of
from conformance.readback.part10 import decode_part10

AS_STORED: Final = "*"
"""PS3.18 8.7.3.5.2: any transfer syntax will do, so that nothing need be transcoded."""
_JSON: Final = "application/dicom+json"
_DICOM: Final = "application/dicom"
_MAX_ROWS_BYTES: Final = 16 << 20
_MAX_INSTANCE_BYTES: Final = 1 << 31
_MAX_ROWS: Final = 64
_WHOLE_TIMEOUTS: Final = 3
"""How many time-outs of one read a whole answer may last."""
_STUDY: Final = "0020000D"
_SERIES: Final = "0020000E"
_SOP_INSTANCE: Final = "00080018"
_HINTS: Final = {
    401: "user and password go into the URL: dicomweb=http://user:password@host/path",
    403: "the user may not look at this resource",
    404: "the URL must be the root of the web services, such as http://host:8042/dicom-web",
}


class _WebError(Exception):
    """An answer that cannot be had; its words are those of a `WebFailure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPlace:
    """The path of an instance (PS3.18 Table 10.4.1-1)."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str

    @property
    def is_legal(self) -> bool:
        """Whether it can be part of a URL: three UIDs that PS3.5 9.1 allows."""
        return all(map(is_legal_uid, (self.study_instance_uid, self.series_instance_uid, self.sop_instance_uid)))

    @property
    def series_path(self) -> str:
        """The instances of its series, to search in."""
        return f"/studies/{self.study_instance_uid}/series/{self.series_instance_uid}/instances"

    @property
    def path(self) -> str:
        """The instance."""
        return f"{self.series_path}/{self.sop_instance_uid}"


class DicomWeb:
    """A client of one origin server.

    Args:
        url: The root of its web services, `http://host:port/path`.
        auth: User and password; None where it asks for none.
        timeout_s: How long one read may take; a whole answer may take three times as long.
    """

    def __init__(self, url: str, *, auth: tuple[str, str] | None = None, timeout_s: float = 30.0) -> None:
        # As for Orthanc's own interface: no proxy of the environment has a say, nothing is compressed on the way, and
        # no connection is used again. A redirect is not followed: the credentials are for this server alone.
        self._client = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Close the connections; again is harmless."""
        self._client.close()

    def search(self, path: str, keys: Mapping[str, str]) -> WebRows | WebFailure:
        """QIDO-RS: the matches below a path, such as `/studies`, for attributes by keyword."""
        try:
            status, _, body = self._get(path, {**keys}, _JSON, _MAX_ROWS_BYTES)
        except _WebError as error:
            return WebFailure(reason=str(error))
        if status != httpx.codes.OK:
            return WebRows(path=path, status=status)
        try:
            rows: Any = json.loads(body) if body.strip() else None
        except ValueError as error:
            return WebRows(path=path, status=status, defect=f"the payload is no JSON: {error}"[:200])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return WebRows(path=path, status=status, defect="the payload is no list of data sets (PS3.18 F.2.1)")
        return WebRows(path=path, status=status, rows=tuple(rows))

    def metadata(self, place: WebPlace) -> WebRows | WebFailure:
        """WADO-RS: the attributes of an instance, in the DICOM JSON model."""
        return self.search(f"{place.path}/metadata", {})

    def retrieve(
        self, place: WebPlace, *, transfer_syntax: str = "", accept: str | None = None
    ) -> WebInstances | WebFailure:
        """WADO-RS: an instance.

        Args:
            place: Where it is.
            transfer_syntax: The parameter of the media type: a UID, `AS_STORED`, or nothing for the default.
            accept: The Accept header as a whole, in place of the one that asks for instances.
        """
        if accept is None:
            accept = f'multipart/related; type="{_DICOM}"'
            accept += f"; transfer-syntax={transfer_syntax}" if transfer_syntax else ""
        path = place.path
        try:
            status, content_type, body = self._get(path, {}, accept, _MAX_INSTANCE_BYTES)
        except _WebError as error:
            return WebFailure(reason=str(error))
        if status not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            return WebInstances(path=path, accept=accept, status=status, content_type=content_type)
        try:
            parts = tuple(_instance(part.content_type, part.data) for part in parts_of(body, content_type))
        except MultipartError as error:
            # PS3.18 10.4.3.3: "single part or multipart depending on the media type"
            if media_type_of(content_type)[0] == _DICOM:
                parts = (_instance(content_type, bytes(body)),)
            else:
                defect = f"the payload cannot be cut into parts: {error}"
                return WebInstances(path=path, accept=accept, status=status, content_type=content_type, defect=defect)
        return WebInstances(path=path, accept=accept, status=status, content_type=content_type, parts=parts)

    def _get(self, path: str, params: dict[str, str], accept: str, limit_bytes: int) -> tuple[int, str, bytearray]:
        """One GET to the end of its payload.

        Raises:
            _WebError: No connection, no answer in time, or too long a one.
        """
        deadline_s = time.monotonic() + _WHOLE_TIMEOUTS * self._timeout_s
        body = bytearray()
        try:
            with self._client.stream("GET", path, params=params, headers={"Accept": accept}) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > limit_bytes:
                        raise _WebError(f"{path}: more than {limit_bytes} bytes")
                    if time.monotonic() > deadline_s:
                        raise _WebError(f"{path}: no end after {_WHOLE_TIMEOUTS * self._timeout_s:.0f} s")
                return answer.status_code, str(answer.headers.get("Content-Type", "")), body
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            raise _WebError(f"{path}: {words}") from None


class DicomWebReadBack:
    """Searches by SOP Instance UID over everything, or in the places known, and retrieves what is found as stored.

    Args:
        web: The origin server; closed with the channel.
        latency_s: How long an instance that is expected may take to appear.
    """

    name: Final = "dicomweb"

    def __init__(self, web: DicomWeb, *, latency_s: float = DEFAULT_LATENCY_S) -> None:
        self._web = web
        self._latency = Latency(latency_s)

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """See `ReadBack.find`."""
        uid = sent.sop_instance_uid
        if not is_legal_uid(uid):
            reason = f"a SOP Instance UID of {len(uid)} characters that PS3.5 9.1 does not allow cannot be searched for"
            return NotReadable(reason=reason, channel=self.name)
        known = tuple(dict.fromkeys(_place_of(one, uid) for one in (sent, *also)))
        return self._latency.look(lambda: self._look(uid, known), expect=expect)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete nothing: PS3.18 has no transaction that deletes an instance."""
        del sop_instance_uids
        return ()

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _look(self, uid: str, known: tuple[WebPlace, ...]) -> ReadBackOutcome:
        try:
            places = self._places(uid, known)
            copies = [copy for place in dict.fromkeys(places) for copy in self._copies(place)]
        except _WebError as error:
            return NotReadable(reason=str(error), channel=self.name)
        return Stored(copies=tuple(copies), listed=len(places), channel=self.name)

    def _places(self, uid: str, known: tuple[WebPlace, ...]) -> list[WebPlace]:
        """Where the origin server says that the instance is, as often as it says so.

        Raises:
            _WebError: It does not say.
        """
        everywhere = self._web.search("/instances", {"SOPInstanceUID": uid})
        if isinstance(everywhere, WebFailure) or not _is_refused(everywhere):
            return _found(everywhere, uid, known)
        # PS3.18 Table 10.6.1-1: a proxy need not search all instances, but each series
        listed: list[WebPlace] = []
        answered = False
        for place in (place for place in known if place.is_legal):
            below = self._web.search(place.series_path, {"SOPInstanceUID": uid})
            if isinstance(below, WebRows) and below.status == httpx.codes.NOT_FOUND:
                answered = answered or everywhere.status != httpx.codes.NOT_FOUND
                continue
            listed += _found(below, uid, (place,))
            answered = True
        if not answered:
            raise _WebError(_refusal(everywhere.path, everywhere.status))
        return listed

    def _copies(self, place: WebPlace) -> list[StoredCopy]:
        """What a place gives back; nothing where it is listed and gone.

        Raises:
            _WebError: It cannot be read.
        """
        if not place.is_legal:
            raise _WebError("it is listed without the study and series that it is retrieved by")
        answer = self._web.retrieve(place, transfer_syntax=AS_STORED)
        if isinstance(answer, WebInstances) and answer.status == httpx.codes.NOT_ACCEPTABLE:
            answer = self._web.retrieve(place)
        if isinstance(answer, WebFailure):
            raise _WebError(answer.reason)
        if answer.status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return []
        if answer.status != httpx.codes.OK or answer.defect:
            raise _WebError(f"{answer.path}: {answer.defect or f'HTTP {answer.status}'}")
        return [
            StoredCopy(
                sop_instance_uid=place.sop_instance_uid,
                dataset=part.dataset,
                transfer_syntax_uid=part.transfer_syntax_uid,
                where=f"WADO-RS {place.path}",
            )
            for part in answer.parts
        ]


def row_value(row: Mapping[str, Any], tag: str) -> str:
    """The first value of an attribute of the DICOM JSON model as text; empty where it has none (PS3.18 F.2.2)."""
    element = row.get(tag)
    values = element.get("Value") if isinstance(element, Mapping) else None
    if not isinstance(values, list) or not values or values[0] is None:
        return ""
    return str(values[0]).strip("\0 ")


def _instance(content_type: str, data: bytes) -> WebInstance:
    read = decode_part10(data)
    return WebInstance(
        content_type=content_type,
        transfer_syntax_uid=read.transfer_syntax_uid,
        dataset=read.dataset,
        defect=read.defect,
    )


def _place_of(sent: Sent, uid: str) -> WebPlace:
    return WebPlace(
        study_instance_uid=sent.study_instance_uid,
        series_instance_uid=sent.series_instance_uid,
        sop_instance_uid=uid,
    )


def _is_refused(answer: WebRows) -> bool:
    """Whether the server answered that it does not do such a search; who may not ask at all is told so."""
    return answer.status >= 400 and answer.status not in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


def _found(answer: WebRows | WebFailure, uid: str, known: Sequence[WebPlace]) -> list[WebPlace]:
    """The places that a search lists; where it names no study or series, the only one that is known.

    Raises:
        _WebError: It did not succeed.
    """
    if isinstance(answer, WebFailure):
        raise _WebError(answer.reason)
    if answer.status == httpx.codes.NO_CONTENT:
        return []
    if answer.status != httpx.codes.OK:
        raise _WebError(_refusal(answer.path, answer.status))
    if answer.defect:
        raise _WebError(f"{answer.path}: {answer.defect}")
    if len(answer.rows) > _MAX_ROWS:
        raise _WebError(f"{answer.path}: {len(answer.rows)} matches for one UID, at most {_MAX_ROWS} are looked at")
    only = known[0] if len(known) == 1 else None
    # A server that does not match on the key lists other instances as well.
    return [
        WebPlace(
            study_instance_uid=row_value(row, _STUDY) or (only.study_instance_uid if only else ""),
            series_instance_uid=row_value(row, _SERIES) or (only.series_instance_uid if only else ""),
            sop_instance_uid=uid,
        )
        for row in answer.rows
        if row_value(row, _SOP_INSTANCE) == uid
    ]


def _refusal(path: str, status: int) -> str:
    hint = _HINTS.get(status, "")
    if not hint and 300 <= status < 400:
        hint = "redirects are not followed; name the URL that it leads to"
    return f"HTTP {status} for {path}" + (f"; hint: {hint}" if hint else "")
