"""What can be chosen about the embedded PACS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final

IMPLEMENTATION_CLASS_UID: Final = "2.25.258412097613894716245318847730157290411"
IMPLEMENTATION_VERSION_NAME: Final = "PACSCONF_EMBED_1"
DEFAULT_MAX_PDU_BYTES: Final = 131_072


@unique
class DuplicatePolicy(StrEnum):
    """What happens to an instance whose SOP Instance UID is already stored.

    An identical copy is answered with Success under every policy, and changes nothing.
    """

    REPLACE = "replace"
    """The new content is stored in place of the old, and answered with Success."""
    KEEP = "keep"
    """The first copy stays; other content is answered with the warning B000, its comment says so."""
    REFUSE = "refuse"
    """The first copy stays; other content is answered with a failure, C0F0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a C-MOVE destination listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices; every default makes a PACS without a deviation from the standard.

    Attributes:
        ae_title: Our AE title.
        called_ae_required: Reject a request whose called AE title is not ours (PS3.8 Annex C.2).
        artim_s: The ARTIM timer, in seconds (PS3.8 9.1.5).
        idle_s: An established association on which nothing comes for so long is aborted.
        send_s: A peer that does not take what is sent to it for so long is dropped.
        max_pdu_bytes: Maximum length that is announced; 0 announces no limit.
        max_associations: Further requests are rejected as transient, local limit exceeded.
        max_instance_bytes: A longer data set is refused with A700.
        max_store_bytes: What all instances together may take; beyond it A700.
        memory_instance_bytes: A longer data set lives in a file of a temporary directory.
        memory_store_bytes: What all instances in memory may take; further ones live in files.
        duplicate_policy: What becomes of a known SOP Instance UID.
        store_status: Answers every C-STORE with this status; stored for Success and Warning, not for failures.
        move_destinations: Known C-MOVE destinations by AE title.
        sub_operation_s: How long the response to a C-STORE sub-operation is waited for.
    """

    ae_title: str = "EMBEDDED"
    called_ae_required: bool = False
    artim_s: float = 10.0
    idle_s: float = 300.0
    send_s: float = 30.0
    max_pdu_bytes: int = DEFAULT_MAX_PDU_BYTES
    max_associations: int = 100
    max_instance_bytes: int = 8 << 30
    max_store_bytes: int = 16 << 30
    memory_instance_bytes: int = 1 << 20
    memory_store_bytes: int = 256 << 20
    duplicate_policy: DuplicatePolicy = DuplicatePolicy.REPLACE
    store_status: int | None = None
    move_destinations: Mapping[str, Destination] = field(default_factory=lambda: MappingProxyType({}))
    sub_operation_s: float = 30.0
