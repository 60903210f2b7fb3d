"""Identifiers of a person's own instances that become the run's, so that nothing collides and all can be cleaned.

Everything else of a data set stays as it is: what has no such identifier in it is not even decoded.
"""

from __future__ import annotations

import warnings
from typing import Any, Final

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from conformance.instances import seeded
from conformance.instances.identity import run_uid_root

_UID_DIGITS: Final = 24
_ID_CHARACTERS: Final = 10
_PATIENT_ID: Final = Tag("PatientID")
_MAX_DEPTH: Final = 64


class Remapping:
    """A mapping of identifiers, the same for the same seed, whatever file is looked at first.

    Args:
        seed: Of the run.
        known: The Study, Series and SOP Instance UIDs of all files; other UIDs are never changed.
        patient_id_prefix: What every Patient ID begins with.
    """

    def __init__(self, *, seed: int, known: frozenset[str], patient_id_prefix: str) -> None:
        self._seed = seed
        self._known = known
        self._prefix = patient_id_prefix
        self._root = run_uid_root(seed)

    def uid(self, uid: str) -> str:
        """The UID that stands for one of the known ones; any other stays."""
        if uid not in self._known:
            return uid
        return f"{self._root}.{seeded.digits(f'{self._seed}/corpus/{uid}', _UID_DIGITS)}"

    def patient_id(self, patient_id: str) -> str:
        """The Patient ID that stands for one: two patients stay two, and one stays one."""
        mark = seeded.hexadecimal(f"{self._seed}/corpus patient/{patient_id}", _ID_CHARACTERS)
        return f"{self._prefix}-CORPUS-{mark}"

    def apply(self, dataset: Dataset) -> None:
        """Change the identifiers of an instance in place, in its sequences as well; Patient ID at its top only."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._uids_of(dataset, depth=0)
            held = dataset.get("PatientID")
            new = self.patient_id("" if held is None else str(held).strip(" \0"))
            dataset[_PATIENT_ID] = DataElement(_PATIENT_ID, "LO", new)

    def _uids_of(self, dataset: Dataset, *, depth: int) -> bool:
        """Whether any UID was changed."""
        changed = False
        for tag in list(dataset.keys()):
            element: Any = dataset.get_item(tag)
            vr = _vr_of(element, tag)
            if vr == "UI":
                changed |= self._uid_element(dataset, tag, element)
            elif vr == "SQ" and depth < _MAX_DEPTH:
                inside = [self._uids_of(item, depth=depth + 1) for item in dataset[tag].value or ()]
                if any(inside):
                    changed = True
                else:
                    dataset[tag] = element  # as it was read, so that it is written back to the byte
        return changed

    def _uid_element(self, dataset: Dataset, tag: BaseTag, element: Any) -> bool:
        value = element.value
        if value is None:
            return False
        if isinstance(value, bytes):
            old = value.decode("latin-1").split("\\")
        else:
            old = [value] if isinstance(value, str) else list(value)
        old = [str(one).strip("\0 ") for one in old]
        new = [self.uid(one) for one in old]
        if new == old:
            return False
        dataset[tag] = DataElement(tag, "UI", new if len(new) > 1 else new[0], validation_mode=IGNORE)
        return True


def _vr_of(element: DataElement | RawDataElement, tag: BaseTag) -> str:
    """The VR that stands in the encoding, else the one of the data dictionary; empty where nobody knows it."""
    if element.VR is not None:
        return str(element.VR)
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""
