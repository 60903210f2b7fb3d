"""Orthanc's REST interface: what is stored under a UID, as the file that Orthanc keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import httpx

from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, ReadBackOutcome, Stored, StoredCopy
from conformance.readback.base import DEFAULT_LATENCY_S, look_until_found
from conformance.readback.part10 import decode_part10

_MAX_FILE_BYTES: Final = 1 << 31
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
        self._latency_s = latency_s

    def find(self, sent: Sent, *, also: Sequence[Sent] = (), expect: bool = False) -> ReadBackOutcome:
        """See `ReadBack.find`; the look-up goes by UID alone, so `also` adds nothing."""
        del also
        uid = sent.sop_instance_uid
        if not uid:
            return NotReadable(reason="nothing to look for: no SOP Instance UID", channel=self.name)
        return look_until_found(lambda: self._look(uid), expect=expect, latency_s=self._latency_s)

    def delete(self, sop_instance_uids: Sequence[str]) -> tuple[str, ...]:
        """Delete instances; the UIDs of those that are gone."""
        return tuple(uid for uid in sop_instance_uids if uid and self._delete(uid))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _look(self, uid: str) -> ReadBackOutcome:
        try:
            ids = self._lookup(uid)
            if len(ids) > _MAX_COPIES:
                return NotReadable(reason=f"{len(ids)} instances under one UID", channel=self.name)
            copies = tuple(copy for copy in (self._copy(uid, orthanc_id) for orthanc_id in ids) if copy is not None)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return NotReadable(reason=_reason(error), channel=self.name)
        return Stored(copies=copies, listed=len(ids), channel=self.name)

    def _lookup(self, uid: str) -> list[str]:
        answer = self._client.post("/tools/lookup", content=uid.encode())
        answer.raise_for_status()
        rows: Any = answer.json()
        if not isinstance(rows, list):
            raise httpx.DecodingError(f"/tools/lookup gave {type(rows).__name__}, no list")
        return [
            str(row["ID"]) for row in rows if isinstance(row, dict) and row.get("Type") == "Instance" and "ID" in row
        ]

    def _copy(self, uid: str, orthanc_id: str) -> StoredCopy | None:
        path = f"/instances/{orthanc_id}/file"
        data = bytearray()
        with self._client.stream("GET", path) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _MAX_FILE_BYTES:
                    raise ValueError(f"{path} has more than {_MAX_FILE_BYTES} bytes")
        read = decode_part10(bytes(data))
        return StoredCopy(
            sop_instance_uid=uid,
            dataset=read.dataset,
            transfer_syntax_uid=read.transfer_syntax_uid,
            where=path,
        )

    def _delete(self, uid: str) -> bool:
        try:
            ids = self._lookup(uid)
            for orthanc_id in ids:
                self._client.delete(f"/instances/{orthanc_id}").raise_for_status()
            return bool(ids) and not self._lookup(uid)
        except (httpx.HTTPError, ValueError):
            return False


def _reason(error: Exception) -> str:
    """An error in one line, without a URL's credentials (the client holds them apart)."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code} for {error.request.url.path}"
    return f"{type(error).__name__}: {error}".splitlines()[0]
