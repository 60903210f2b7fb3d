"""Where else an instance of a patient may lie: under a study and a series that the target gave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset

from conformance.driver.peer import Peer
from conformance.observation.exchanges import Sent
from conformance.readback.query import Place, Root, Service, entities

_MAX_STUDIES: Final = 8
_MAX_SERIES: Final = 16


def places_of_the_patient(peer: Peer, finder: Service, sent: Sent) -> Iterator[Place]:
    """The series of every study that is listed under the Patient ID that was sent, but for the place that was sent.

    An SCP may coerce Study and Series Instance UIDs, and says so with a Warning (PS3.4 B.4.1.3).

    Args:
        peer: The association.
        finder: C-FIND.
        sent: What is looked for.

    Raises:
        QueryError: A query did not succeed.
    """
    if not sent.patient_id:
        return
    asked = (sent.study_instance_uid, sent.series_instance_uid)
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.PatientID = sent.patient_id
    keys.StudyInstanceUID = ""
    for study in entities(peer, finder, keys, "StudyInstanceUID")[:_MAX_STUDIES]:
        below = Dataset()
        below.QueryRetrieveLevel = "SERIES"
        if finder.root is Root.PATIENT:
            below.PatientID = sent.patient_id
        below.StudyInstanceUID = study
        below.SeriesInstanceUID = ""
        for series in entities(peer, finder, below, "SeriesInstanceUID")[:_MAX_SERIES]:
            if (study, series) != asked:
                yield Place(
                    patient_id=sent.patient_id,
                    study_instance_uid=study,
                    series_instance_uid=series,
                    sop_instance_uid=sent.sop_instance_uid,
                )
