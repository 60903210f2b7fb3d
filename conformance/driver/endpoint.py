"""Where the target is, who we say we are, and how long we wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "1.2.826.0.1.3680043.8.498.11290.1"
"""Ours, under the UID root that pydicom's maintainers hold for its users."""
IMPLEMENTATION_VERSION_NAME: Final = "PACS-CONFORMANCE"
DEFAULT_MAX_PDU_BYTES: Final = 65536
_BYTES_A_SECOND: Final = 8 << 20


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

    def patience_s(self, data_set_bytes: int) -> float:
        """How long we wait for the answer to so large a data set: whoever stores it has to read and to write it."""
        return self.timeout_s + data_set_bytes / _BYTES_A_SECOND

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.called_ae_title}@{host}:{self.port}"
