"""Where the target is, who we say we are, and how long we wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "1.2.826.0.1.3680043.8.498.11290.1"
"""Ours, under the UID root that pydicom's maintainers hold for its users."""
IMPLEMENTATION_VERSION_NAME: Final = "PACS-CONFORMANCE"
DEFAULT_MAX_PDU_BYTES: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The two ends of every association of a run.

    Args:
        host: The target's name or address.
        port: The target's port.
        called_ae_title: The target's AE title.
        calling_ae_title: Ours.
        timeout_s: How long we wait for an answer, in seconds.
        connect_timeout_s: How long a TCP connection may take, in seconds.
    """

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str
    timeout_s: float
    connect_timeout_s: float = 10.0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.called_ae_title}@{host}:{self.port}"
