"""One SOP instance to send, and its encodings."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from conformance.instances.copying import deep_copy
from conformance.instances.encoding import NATIVE_TRANSFER_SYNTAXES, deflate, encode
from conformance.instances.errors import InstanceError

__all__ = ["Instance", "InstanceError"]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A composite SOP instance as it is sent; nothing changes it once it is made.

    Attributes:
        dataset: the data set, group 0008 and up; not to be changed by anyone.
        transfer_syntax_uid: its native encoding; for encapsulated pixel data the one encoding that there is.
        label: what it is, for people.
    """

    dataset: Dataset
    transfer_syntax_uid: str = str(ImplicitVRLittleEndian)
    label: str = ""
    _encodings: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def sop_class_uid(self) -> str:
        """SOP Class UID (0008,0016), empty where it is absent."""
        return self._text("SOPClassUID")

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID (0008,0018), empty where it is absent."""
        return self._text("SOPInstanceUID")

    @property
    def study_instance_uid(self) -> str:
        """Study Instance UID (0020,000D), empty where it is absent."""
        return self._text("StudyInstanceUID")

    @property
    def series_instance_uid(self) -> str:
        """Series Instance UID (0020,000E), empty where it is absent."""
        return self._text("SeriesInstanceUID")

    @property
    def patient_id(self) -> str:
        """Patient ID (0010,0020), empty where it is absent."""
        return self._text("PatientID")

    @property
    def is_encapsulated(self) -> bool:
        """Whether the pixel data is compressed, so that only its own transfer syntax can encode it."""
        return self.transfer_syntax_uid not in NATIVE_TRANSFER_SYNTAXES

    def can_encode(self, transfer_syntax_uid: str) -> bool:
        """Say whether `encoded` has an answer for this transfer syntax."""
        if self.is_encapsulated:
            return transfer_syntax_uid == self.transfer_syntax_uid
        return transfer_syntax_uid in NATIVE_TRANSFER_SYNTAXES

    def encoded(self, transfer_syntax_uid: str) -> bytes:
        """Return the data set alone (no file meta information) in a transfer syntax.

        Raises:
            InstanceError: it would need a codec.
        """
        known = self._encodings.get(transfer_syntax_uid)
        if known is None:
            known = self._encodings[transfer_syntax_uid] = self._encode(transfer_syntax_uid)
        return known

    def sha256(self, transfer_syntax_uid: str) -> str:
        """Return the SHA-256 of the encoded data set, 64 hexadecimal digits.

        Raises:
            InstanceError: as `encoded`.
        """
        return hashlib.sha256(self.encoded(transfer_syntax_uid)).hexdigest()

    def changed(self, *, label: str, edit: Callable[[Dataset], None]) -> "Instance":
        """Return an instance with a deep copy of the data set that `edit` has changed in place."""
        dataset = deep_copy(self.dataset)
        edit(dataset)
        return Instance(dataset=dataset, transfer_syntax_uid=self.transfer_syntax_uid, label=label)

    def _encode(self, transfer_syntax_uid: str) -> bytes:
        if not self.can_encode(transfer_syntax_uid):
            raise InstanceError(
                f"{self.label or 'instance'} is {UID(self.transfer_syntax_uid).name}; "
                f"{UID(transfer_syntax_uid).name} would need a codec",
                hint="take an instance made for that transfer syntax, or send its own encoding under another name",
            )
        if transfer_syntax_uid == DeflatedExplicitVRLittleEndian:
            return deflate(self.encoded(str(ExplicitVRLittleEndian)))
        return encode(
            self.dataset,
            implicit_vr=transfer_syntax_uid == ImplicitVRLittleEndian,
            little_endian=transfer_syntax_uid != ExplicitVRBigEndian,
        )

    def _text(self, keyword: str) -> str:
        value = self.dataset.get(keyword)
        return "" if value is None else str(value)
