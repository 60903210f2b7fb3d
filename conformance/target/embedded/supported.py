"""Which abstract and transfer syntaxes are accepted."""

from __future__ import annotations

from enum import Enum, unique
from types import MappingProxyType
from typing import Final

from conformance.standard import sop_classes
from conformance.standard.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    TRANSFER_SYNTAXES,
    Kind,
)


@unique
class Service(Enum):
    """What a presentation context is for."""

    VERIFICATION = "verification"
    STORAGE = "storage"
    FIND = "find"
    GET = "get"
    MOVE = "move"
    COMMITMENT = "storage commitment"


SERVICES: Final = MappingProxyType(
    {row.uid: Service.STORAGE for row in sop_classes.all_storage()}
    | {
        sop_classes.VERIFICATION: Service.VERIFICATION,
        sop_classes.PATIENT_ROOT_FIND: Service.FIND,
        sop_classes.STUDY_ROOT_FIND: Service.FIND,
        sop_classes.PATIENT_ROOT_GET: Service.GET,
        sop_classes.STUDY_ROOT_GET: Service.GET,
        sop_classes.PATIENT_ROOT_MOVE: Service.MOVE,
        sop_classes.STUDY_ROOT_MOVE: Service.MOVE,
        sop_classes.STORAGE_COMMITMENT_PUSH_MODEL: Service.COMMITMENT,
    }
)
"""The service of each abstract syntax that is accepted."""

NATIVE: Final = frozenset(
    {
        IMPLICIT_VR_LITTLE_ENDIAN,
        EXPLICIT_VR_LITTLE_ENDIAN,
        EXPLICIT_VR_BIG_ENDIAN,
        DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    }
)
"""Transfer syntaxes without encapsulated pixel data: for every service."""

ENCAPSULATED: Final = frozenset(row.uid for row in TRANSFER_SYNTAXES if row.encapsulated and not row.retired)
"""Transfer syntaxes whose Pixel Data is a sequence of fragments (PS3.5 A.4): for storage."""

# JPIP (a reference only, PS3.5 A.6) and SMPTE ST 2110 (real time only, PS3.22) are not among them.
FOR_STORAGE: Final = NATIVE | ENCAPSULATED

BIG_ENDIAN: Final = frozenset({EXPLICIT_VR_BIG_ENDIAN})
DEFLATED: Final = frozenset(row.uid for row in TRANSFER_SYNTAXES if row.kind is Kind.DEFLATED)


def transfer_syntaxes(service: Service) -> frozenset[str]:
    """The transfer syntaxes that are accepted for a service."""
    return FOR_STORAGE if service is Service.STORAGE else NATIVE
