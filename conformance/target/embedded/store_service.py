"""C-STORE: is the instance acceptable, and what is answered (PS3.4 Annex B).

| status | when |
|---|---|
| 0000 | stored, or an identical copy is already there |
| B000 | policy keep: another instance with this UID stays |
| A700 | too long, or no room |
| A900 | SOP Class UID of command and data set differ |
| A901 | SOP Instance UID of command and data set differ |
| A902 | Study or Series Instance UID missing or ill-formed |
| C000 | the data set cannot be read in the agreed transfer syntax |
| C001 | no data set, or an empty one |
| C002 | the command lacks a UID |
| C003 | unforeseen trouble while storing |
| C0F0 | policy refuse: another instance with this UID is there |
| 0117 | Affected SOP Instance UID is ill-formed |
| 0122 | Affected SOP Class UID is not the one of the presentation context |
| 0211 | the context is not one for storage, or the requestor is not an SCU on it |
"""

from __future__ import annotations

import re
from typing import Final

from conformance.standard.sop_classes import Group, sop_class
from conformance.standard.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.keys import INDEX_TAGS
from conformance.target.embedded.source import FileSource, InflateError, InflateSource, MemorySource
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import Outcome, StoredInstance
from conformance.target.embedded.supported import BIG_ENDIAN, DEFLATED, ENCAPSULATED
from conformance.target.embedded.walk import Encoding, NotReadable, Seen, Walk

SOP_CLASS_UID: Final = 0x0008_0016
SOP_INSTANCE_UID: Final = 0x0008_0018
PATIENT_ID: Final = 0x0010_0020
STUDY_INSTANCE_UID: Final = 0x0020_000D
SERIES_INSTANCE_UID: Final = 0x0020_000E

# PS3.5 9.1: components of digits without leading zero, at most 64 characters
_UID: Final = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*", re.ASCII)


def is_uid(text: str) -> bool:
    """Whether a text, padding removed, keeps the rules for UIDs (PS3.5 9.1)."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def check_command(request: Request) -> None:
    """What the command set alone tells.

    Raises:
        RefusedError: The instance cannot be stored.
    """
    class_uid = request.command.affected_sop_class_uid
    instance_uid = request.command.affected_sop_instance_uid
    if not class_uid or not instance_uid:
        which = "Class" if not class_uid else "Instance"
        raise RefusedError(Answer(status=0xC002, comment=f"Affected SOP {which} UID is missing or empty"))
    if class_uid != request.context.abstract_syntax:
        raise RefusedError(Answer(status=0x0122, comment="Affected SOP Class UID is not that of the context"))
    if not is_uid(instance_uid):
        raise RefusedError(Answer(status=0x0117))
    if request.data_set is None:
        raise RefusedError(Answer(status=0xC001, comment="No data set"))
    if request.data_set.failed is not None:
        raise RefusedError(Answer(status=0xA700, comment=request.data_set.failed))
    if request.data_set.size == 0:
        raise RefusedError(Answer(status=0xC001, comment="The data set is empty"))


def examine(data_set: Blob, transfer_syntax: str) -> Seen:
    """The attributes for queries.

    Raises:
        RefusedError: The data set cannot be read in that transfer syntax.
    """
    encoding = Encoding(
        explicit_vr=transfer_syntax != IMPLICIT_VR_LITTLE_ENDIAN,
        big_endian=transfer_syntax in BIG_ENDIAN,
        encapsulated=transfer_syntax in ENCAPSULATED,
    )
    file = data_set.open()
    try:
        if transfer_syntax in DEFLATED:
            return Walk(InflateSource(data_set.chunks()), encoding, INDEX_TAGS).run()
        source = MemorySource(data_set.read()) if file is None else FileSource(file)
        return Walk(source, encoding, INDEX_TAGS).run()
    except NotReadable as error:
        offending = () if error.tag is None else (error.tag,)
        raise RefusedError(Answer(status=0xC000, comment=str(error), offending=offending)) from error
    except InflateError as error:
        raise RefusedError(Answer(status=0xC000, comment=str(error))) from error
    finally:
        if file is not None:
            file.close()


def instance_of(request: Request, data_set: Blob, seen: Seen) -> StoredInstance:
    """The instance as it can be stored.

    Raises:
        RefusedError: Data set and command contradict each other, or the instance has no place in the hierarchy.
    """
    command = request.command
    assert command.affected_sop_class_uid is not None
    assert command.affected_sop_instance_uid is not None
    if _text(seen, SOP_CLASS_UID) != command.affected_sop_class_uid:
        comment = "SOP Class UID is not that of the command"
        raise RefusedError(Answer(status=0xA900, comment=comment, offending=(SOP_CLASS_UID,)))
    if _text(seen, SOP_INSTANCE_UID) != command.affected_sop_instance_uid:
        comment = "SOP Instance UID is not that of the command"
        raise RefusedError(Answer(status=0xA901, comment=comment, offending=(SOP_INSTANCE_UID,)))
    if belongs_to_patient(command.affected_sop_class_uid):
        for tag, name in ((STUDY_INSTANCE_UID, "Study"), (SERIES_INSTANCE_UID, "Series")):
            if not is_uid(_text(seen, tag)):
                comment = f"{name} Instance UID is missing, empty or ill-formed"
                raise RefusedError(Answer(status=0xA902, comment=comment, offending=(tag,)))
    return StoredInstance(
        sop_class_uid=command.affected_sop_class_uid,
        sop_instance_uid=command.affected_sop_instance_uid,
        patient_id=_text(seen, PATIENT_ID).strip(" "),
        study_uid=_text(seen, STUDY_INSTANCE_UID),
        series_uid=_text(seen, SERIES_INSTANCE_UID),
        transfer_syntax=request.context.transfer_syntax,
        data_set=data_set,
        index_bytes=bytes(seen.index),
    )


def belongs_to_patient(sop_class_uid: str) -> bool:
    """False for the non-patient objects of PS3.4 Annex GG, which have no study and no series."""
    row = sop_class(sop_class_uid)
    return row is None or row.group is not Group.NON_PATIENT


def answer_of(outcome: Outcome) -> Answer:
    """What an outcome is answered with."""
    match outcome:
        case Outcome.STORED | Outcome.REPLACED | Outcome.IDENTICAL:
            return SUCCESS
        case Outcome.KEPT_FIRST:
            return Answer(status=0xB000, comment="The instance stored first is kept", offending=(SOP_INSTANCE_UID,))
        case Outcome.REFUSED:
            comment = "Another instance with this SOP Instance UID is stored"
            return Answer(status=0xC0F0, comment=comment, offending=(SOP_INSTANCE_UID,))
        case Outcome.FULL:
            return Answer(status=0xA700, comment="The store is full")


def _text(seen: Seen, tag: int) -> str:
    return seen.values.get(tag, b"").decode("latin-1").rstrip("\0 ")
