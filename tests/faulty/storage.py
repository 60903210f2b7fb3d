"""Faults of storing: what is kept is not what came, or the answer does not say so."""

from __future__ import annotations

from collections import Counter
from typing import Final

from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element
from conformance.target.embedded.storage import Outcome, Store, StoredInstance
from conformance.target.embedded.store_service import belongs_to_patient
from conformance.wire.command import Tag
from tests.faulty.editing import PIXEL_DATA, edited, with_value
from tests.faulty.registry import fault

PATIENT_ID: Final = 0x0010_0020
_STRUCTURED_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_REFERRING_PHYSICIAN: Final = 0x0008_0090


class _Edits(Behaviour):
    """Stores every instance with its elements changed."""

    def store_instance(self, store: Store, instance: StoredInstance) -> Outcome:
        return store.put(edited(store, instance, self.edit))

    def edit(self, elements: dict[int, Element]) -> None:
        raise NotImplementedError


@fault("stores-nothing", catches=("STA-17",))
class StoresNothing(Behaviour):
    """Every C-STORE is answered 0000 and nothing is stored."""

    def store(self, association: Association, request: Request) -> Answer:
        return SUCCESS


@fault("drops-private-elements", catches=("FID-01",))
class DropsPrivateElements(_Edits):
    """Private elements are dropped, and the answer is 0000."""

    def edit(self, elements: dict[int, Element]) -> None:
        for tag in [tag for tag in elements if (tag >> 16) & 1]:
            del elements[tag]


@fault("drops-empty-elements", catches=("FID-01", "ST-10"))
class DropsEmptyElements(_Edits):
    """Elements of length zero are dropped, those of Type 2 as well."""

    def edit(self, elements: dict[int, Element]) -> None:
        for tag in [tag for tag, element in elements.items() if element.value == b"" and element.items is None]:
            del elements[tag]


@fault("drops-nested-items", catches=("FID-01",))
class DropsNestedItems(_Edits):
    """Of each sequence only the first item is kept."""

    def edit(self, elements: dict[int, Element]) -> None:
        for tag, element in elements.items():
            if element.items:
                elements[tag] = Element(vr=element.vr, items=element.items[:1])


@fault("keeps-the-first-elements", catches=("FID-01", "FID-02"))
class KeepsTheFirstElements(_Edits):
    """Only the first forty elements are kept."""

    def edit(self, elements: dict[int, Element]) -> None:
        for tag in sorted(elements)[40:]:
            del elements[tag]


@fault("flips-a-bit", catches=("FID-02",))
class FlipsABit(_Edits):
    """One bit of the last pixel is not the one that came."""

    def edit(self, elements: dict[int, Element]) -> None:
        with_value(elements, PIXEL_DATA, lambda value: value[:-2] + bytes([value[-2] ^ 1]) + value[-1:])


@fault("swaps-bytes", catches=("FID-02",))
class SwapsBytes(_Edits):
    """The two bytes of every pixel are swapped."""

    def edit(self, elements: dict[int, Element]) -> None:
        with_value(elements, PIXEL_DATA, lambda v: b"".join(v[i : i + 2][::-1] for i in range(0, len(v), 2)))


@fault("truncates-large-data", catches=("FID-02",))
class TruncatesLargeData(_Edits):
    """Of pixel data beyond 1 MiB zeros are kept, and the answer is 0000."""

    def edit(self, elements: dict[int, Element]) -> None:
        with_value(elements, PIXEL_DATA, lambda value: value[: 1 << 20].ljust(len(value), b"\0"))


@fault("coerces-patient-id", catches=("ST-15", "STA-21"))
class CoercesPatientId(_Edits):
    """Another Patient ID is stored, and the answer is 0000."""

    def edit(self, elements: dict[int, Element]) -> None:
        with_value(elements, PATIENT_ID, lambda value: b"X" + value[1:])


@fault("corrects-in-silence", catches=("FID-01",))
class CorrectsInSilence(_Edits):
    """A name that is missing is filled in, and a Modality changed, with 0000."""

    def edit(self, elements: dict[int, Element]) -> None:
        with_value(elements, 0x0008_0060, lambda _: b"OT")
        with_value(elements, _REFERRING_PHYSICIAN, lambda value: value or b"UNKNOWN ")


@fault("loses-one-of-a-batch", catches=("STA-17",))
class LosesOneOfABatch(Behaviour):
    """The seventh instance of an association is answered 0000 and lost."""

    def __init__(self) -> None:
        self._count: Counter[int] = Counter()

    def store(self, association: Association, request: Request) -> Answer:
        self._count[id(association)] += 1
        return SUCCESS if self._count[id(association)] == 7 else super().store(association, request)

    def on_association_end(self, association: Association) -> None:
        super().on_association_end(association)
        self._count.pop(id(association), None)


@fault("images-only", catches=("ST-45",))
class ImagesOnly(Behaviour):
    """A structured report is accepted in negotiation and aborts the association when it comes."""

    def perform(self, association: Association, request: Request) -> None:
        if request.context.abstract_syntax.startswith(_STRUCTURED_REPORTS):
            association.abort()
        else:
            super().perform(association, request)


@fault("patients-only", catches=("ST-43",))
class PatientsOnly(Behaviour):
    """An object that belongs to no patient is accepted in negotiation and aborts the association when it comes."""

    def perform(self, association: Association, request: Request) -> None:
        if belongs_to_patient(request.context.abstract_syntax):
            super().perform(association, request)
        else:
            association.abort()


@fault("medium-priority-only", catches=("CMD-21",))
class MediumPriorityOnly(Behaviour):
    """A C-STORE of another priority than medium is refused."""

    def check_command(self, request: Request) -> None:
        if request.command.number(Tag.PRIORITY) != 0:
            raise RefusedError(Answer(status=0x0212))
        super().check_command(request)


@fault("refuses-move-originator", catches=("CMD-23",))
class RefusesMoveOriginator(Behaviour):
    """A C-STORE that names the C-MOVE it belongs to is refused."""

    def check_command(self, request: Request) -> None:
        if request.command.has(Tag.MOVE_ORIGINATOR_MESSAGE_ID):
            raise RefusedError(Answer(status=0xC004, comment="Not from a C-MOVE"))
        super().check_command(request)


@fault("message-id-of-eight-bits", catches=("CMD-14",))
class MessageIdOfEightBits(Behaviour):
    """A Message ID over 255 is refused."""

    def check_command(self, request: Request) -> None:
        if (request.command.message_id or 0) > 0xFF:
            raise RefusedError(Answer(status=0x0212))
        super().check_command(request)
