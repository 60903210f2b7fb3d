"""Who an instance belongs to: patient, study, series and instance, numbered from a seed.

Every value is obviously synthetic, carries the run's patient ID prefix and lies below the run's UID root, so that what
a run has stored can be found and deleted again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydicom.uid import PYDICOM_ROOT_UID

from conformance.instances import seeded
from conformance.instances.errors import InstanceError

# PS3.5 section 9.1: components of digits, no leading zeros, at most 64 characters in all.
_UID: Final = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_MAX_UID_CHARACTERS: Final = 64
_MAX_LO_CHARACTERS: Final = 64
_RUN_DIGITS: Final = 10
_SCOPE_DIGITS: Final = 12
# A dot, the counter, a dot and a number for what an instance names inside itself.
_COUNTER_CHARACTERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an instance belongs to (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.4.1, C.12.1)."""

    patient_id: str
    patient_name: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame_of_reference_uid: str
    study_id: str
    accession_number: str
    series_number: int
    instance_number: int


class IdentitySource:
    """Makes identities: the same seed and scope give the same sequence, whatever else has run.

    The scope is the id of a scenario, so that what one scenario sends does not depend on which others were chosen.
    """

    def __init__(
        self,
        *,
        seed: int,
        scope: str,
        patient_id_prefix: str = "CONF",
        uid_root: str | None = None,
        made: Callable[[Identity], None] | None = None,
    ) -> None:
        """Start the sequence of `scope`.

        Args:
            seed: the seed of the run.
            scope: what the identities are for, such as the id of a scenario; any text.
            patient_id_prefix: what every Patient ID begins with; no backslash, no control characters.
            uid_root: the root of the whole run, without a last dot; None for one made from the seed.
            made: called with each identity before it is given away.

        Raises:
            InstanceError: the prefix or the root cannot be part of a legal Patient ID or UID.
        """
        self.uid_root = uid_root if uid_root is not None else run_uid_root(seed)
        self._scope_root = f"{self.uid_root}.{seeded.digits(f'{seed}/{scope}/uid', _SCOPE_DIGITS)}"
        if _UID.fullmatch(self.uid_root) is None:
            raise InstanceError(
                f"UID root {uid_root!r} is not a UID", hint="digits and dots, no leading zeros, no dot at the end"
            )
        if len(self._scope_root) + _COUNTER_CHARACTERS > _MAX_UID_CHARACTERS:
            limit = _MAX_UID_CHARACTERS - _COUNTER_CHARACTERS - _SCOPE_DIGITS - 1
            raise InstanceError(
                f"UID root {uid_root!r} has {len(self.uid_root)} characters, the limit is {limit}",
                hint="give a shorter root, or none",
            )
        short_seed = str(seed) if 0 <= seed < 10**8 else seeded.hexadecimal(str(seed), 8)
        scope_hash = seeded.hexadecimal(f"{seed}/{scope}/patient", 8)
        self._patient_id_stem = f"{patient_id_prefix}-{short_seed}-{scope_hash}"
        _check_prefix(patient_id_prefix, len(self._patient_id_stem) - len(patient_id_prefix))
        self._study_id_stem = scope_hash
        self._made = made
        self._uids = self._patients = self._studies = 0
        self._last_series_number: dict[str, int] = {}
        self._last_instance_number: dict[str, int] = {}

    def new_uid(self) -> str:
        """Return a UID below the run's root that this source has not given before."""
        self._uids += 1
        return f"{self._scope_root}.{self._uids}"

    def new(
        self,
        *,
        patient_of: Identity | None = None,
        study_of: Identity | None = None,
        series_of: Identity | None = None,
    ) -> Identity:
        """Return a new identity: all of it new, or inside what another one belongs to.

        Args:
            patient_of: same patient, new study.
            study_of: same patient and study, new series.
            series_of: same patient, study and series, new instance.

        Raises:
            InstanceError: more than one of the three is given.
        """
        if sum(other is not None for other in (patient_of, study_of, series_of)) > 1:
            raise InstanceError(
                "more than one of patient_of, study_of, series_of is given", hint="give the innermost one alone"
            )
        parent = patient_of or study_of or series_of
        study, series = study_of or series_of, series_of
        if study is None:
            self._studies += 1
        study_uid = study.study_instance_uid if study else self.new_uid()
        series_uid = series.series_instance_uid if series else self.new_uid()
        patient_id, patient_name = (parent.patient_id, parent.patient_name) if parent else self._new_patient()
        identity = Identity(
            patient_id=patient_id,
            patient_name=patient_name,
            study_instance_uid=study_uid,
            series_instance_uid=series_uid,
            sop_instance_uid=self.new_uid(),
            frame_of_reference_uid=study.frame_of_reference_uid if study else self.new_uid(),
            study_id=study.study_id if study else f"{self._study_id_stem}-{self._studies}",
            accession_number=study.accession_number if study else f"A{self._study_id_stem}-{self._studies}",
            series_number=self._series_number(study, series),
            instance_number=self._instance_number(series_uid, series),
        )
        if self._made is not None:
            self._made(identity)
        return identity

    def _new_patient(self) -> tuple[str, str]:
        self._patients += 1
        return f"{self._patient_id_stem}-{self._patients}", f"CONFORMANCE^SYNTHETIC^{self._patients}"

    def _series_number(self, study: Identity | None, series: Identity | None) -> int:
        if series is not None:
            return series.series_number
        if study is None:
            return 1
        last = max(self._last_series_number.get(study.study_instance_uid, 0), study.series_number)
        self._last_series_number[study.study_instance_uid] = last + 1
        return last + 1

    def _instance_number(self, series_uid: str, series: Identity | None) -> int:
        last = max(self._last_instance_number.get(series_uid, 0), series.instance_number if series else 0)
        self._last_instance_number[series_uid] = last + 1
        return last + 1


def run_uid_root(seed: int) -> str:
    """Return the UID root of the run with this seed, without a last dot."""
    return f"{PYDICOM_ROOT_UID}{seeded.digits(f'{seed}/run', _RUN_DIGITS)}"


def is_legal_uid(uid: str) -> bool:
    """Say whether `uid` follows PS3.5 section 9.1."""
    return len(uid) <= _MAX_UID_CHARACTERS and _UID.fullmatch(uid) is not None


def _check_prefix(prefix: str, rest_characters: int) -> None:
    # PS3.5 section 6.2, LO: at most 64 characters, no backslash, no control characters; 6 are kept for the counter.
    limit = _MAX_LO_CHARACTERS - rest_characters - 6
    if not prefix or "\\" in prefix or not prefix.isascii() or not prefix.isprintable() or len(prefix) > limit:
        raise InstanceError(
            f"patient ID prefix {prefix!r} cannot begin a Patient ID",
            hint=f"1 to {limit} printable ASCII characters, no backslash",
        )
