"""Orthanc's REST interface: what is stored under a UID, as the file that Orthanc keeps."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import httpx

from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.readback.base import DEFAULT_LATENCY_S, Latency, limit_bytes
from conformance.readback.http import bounded, bounded_into
from conformance.readback.part10 import read_part10

_MAX_JSON_BYTES: Final = 1 << 20
_ORTHANC_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
_MAX_COPIES: Final = 64


class OrthancReadBack:
    """Looks with `/tools/lookup`, which finds an instance under whatever patient, study and series it lies.

    Args:
        url: Where the interface is, `http://host:port`, perhaps with a path.
        auth: User and password; None where the interface asks for none.
        timeout_s: How long one request may take.
        latency_s: How long an instance that is expected may take to appear.
    """

    name: Final = "orthanc"

    def __init__(
        self,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        timeout_s: float = 30.0,
        latency_s: float = DEFAULT_LATENCY_S,
    ) -> None:
        # The target is named by address: no proxy of the environment has a say.
        # Orthanc would compress 64 MB of pixels for four seconds, to send them over loopback.
        # Orthanc closes a connection that was idle for a second, and a request that meets that is lost: no keep-alive.
        self._client = httpx.Client(
            base_url=url,
            auth=auth,
            timeout=timeout_s,
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._latency = Latency(latency_s)

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """See `ReadBack.find`; the look-up goes by UID alone, so `also` adds nothing."""
        del also
        uid = sent.sop_instance_uid
        if not uid:
            return NotReadable(reason="nothing to look for: no SOP Instance UID", channel=self.name)
        limit = limit_bytes(sent)
        return self._latency.look(lambda: self._look(uid, limit), expect=expect)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete instances; the UIDs of those that are gone. An interface that does not answer is not asked again."""
        gone: list[str] = []
        with suppress(httpx.TransportError):
            gone.extend(uid for uid in sop_instance_uids if uid and self._delete(uid))
        return tuple(gone)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _look(self, uid: str, limit: int) -> ReadBackOutcome:
        """One look; a second one where the connection broke off without an answer, since a look changes nothing."""
        try:
            return self._seen(uid, limit)
        except httpx.RemoteProtocolError:
            pass
        try:
            return self._seen(uid, limit)
        except httpx.RemoteProtocolError as error:
            return NotReadable(reason=_reason(error), channel=self.name)

    def _seen(self, uid: str, limit: int) -> ReadBackOutcome:
        try:
            ids = self._lookup(uid)
            if len(ids) > _MAX_COPIES:
                return NotReadable(reason=f"{len(ids)} instances under one UID", channel=self.name)
            found = (self._copy(uid, orthanc_id, limit) for orthanc_id in ids)
            copies = tuple(copy for copy in found if copy is not None)
        except httpx.RemoteProtocolError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            return NotReadable(reason=_reason(error), channel=self.name)
        return Stored(copies=copies, listed=len(ids), channel=self.name)

    def _lookup(self, uid: str) -> list[str]:
        answer = bounded(self._client, "POST", "/tools/lookup", content=uid.encode(), limit_bytes=_MAX_JSON_BYTES)
        rows: Any = json.loads(answer.raise_for_status().content)
        if not isinstance(rows, list):
            raise httpx.DecodingError(f"/tools/lookup gave {type(rows).__name__}, no list")
        ids = [str(row.get("ID")) for row in rows if isinstance(row, dict) and row.get("Type") == "Instance"]
        if strange := next((found for found in ids if _ORTHANC_ID.fullmatch(found) is None), None):
            raise httpx.DecodingError(f"/tools/lookup gave {strange[:60]!r}, which is no identifier of Orthanc")
        return ids

    def _copy(self, uid: str, orthanc_id: str, limit: int) -> StoredCopy | None:
        path = f"/instances/{orthanc_id}/file"
        with tempfile.TemporaryFile() as file:
            answer = bounded_into(file, self._client, "GET", path, limit_bytes=limit)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            file.seek(0)
            read = read_part10(file)
        return StoredCopy(
            sop_instance_uid=uid,
            dataset=read.dataset,
            transfer_syntax_uid=read.transfer_syntax_uid,
            where=path,
        )

    def _delete(self, uid: str) -> bool:
        try:
            ids = [found for found in self._lookup(uid) if self._is(found, uid)]
            for orthanc_id in ids:
                bounded(
                    self._client, "DELETE", f"/instances/{orthanc_id}", limit_bytes=_MAX_JSON_BYTES
                ).raise_for_status()
            return bool(ids) and not self._lookup(uid)
        except (httpx.HTTPStatusError, httpx.DecodingError, ValueError, RecursionError):
            return False

    def _is(self, orthanc_id: str, uid: str) -> bool:
        """Whether an instance has exactly this UID; a look-up may be more lenient about case and accents."""
        answer = bounded(self._client, "GET", f"/instances/{orthanc_id}", limit_bytes=_MAX_JSON_BYTES)
        found: Any = json.loads(answer.raise_for_status().content)
        tags = found.get("MainDicomTags") if isinstance(found, dict) else None
        return isinstance(tags, dict) and tags.get("SOPInstanceUID") == uid


def _reason(error: Exception) -> str:
    """An error in one line, without a URL's credentials (the client holds them apart)."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code} for {error.request.url.path}"
    return f"{type(error).__name__}: {error}".splitlines()[0]
