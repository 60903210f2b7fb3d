"""The best channel that a target offers."""

from __future__ import annotations

from conformance.driver.endpoint import Endpoint
from conformance.readback.base import DEFAULT_LATENCY_S, NoReadBack, ReadBack
from conformance.readback.dimse import DimseReadBack
from conformance.readback.move_scp import MoveSpool
from conformance.readback.orthanc import OrthancReadBack


def choose(
    endpoint: Endpoint,
    *,
    orthanc_url: str | None = None,
    orthanc_auth: tuple[str, str] | None = None,
    spool: MoveSpool | None = None,
    latency_s: float = DEFAULT_LATENCY_S,
) -> ReadBack:
    """Orthanc's REST interface where there is one, else the query and retrieve services that are accepted, else none.

    Args:
        endpoint: Where the target is and who we are; it is asked for an association.
        orthanc_url: Orthanc's REST interface, where the target has one that is known.
        orthanc_auth: Its user and password.
        spool: Our own storage SCP, where the target knows it.
        latency_s: How long an instance that is expected may take to appear.
    """
    if orthanc_url is not None:
        return OrthancReadBack(orthanc_url, auth=orthanc_auth, timeout_s=endpoint.timeout_s, latency_s=latency_s)
    dimse = DimseReadBack(endpoint, spool=spool, latency_s=latency_s)
    offered = dimse.offers()
    retrieves = any(name.endswith("GET") or (name.endswith("MOVE") and spool is not None) for name in offered)
    if retrieves:
        return dimse
    accepted = ", ".join(offered) or "no query or retrieve service"
    hint = "; C-MOVE needs our own storage SCP: move_aet and move_port" if any("MOVE" in o for o in offered) else ""
    return NoReadBack(f"the target accepts {accepted}{hint}")
