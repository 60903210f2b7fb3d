"""C-FIND: identifiers, entities, counts, cancellation."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from conformance.standard.sop_classes import PATIENT_ROOT_FIND, STUDY_ROOT_FIND
from conformance.target.embedded.server import EmbeddedPacs
from conformance.wire.command import CommandSet
from conformance.wire.fragments import message_bytes
from conformance.wire.items import ProposedContext
from conformance.wire.messages import c_cancel_rq, c_echo_rq, c_find_rq, c_store_rq
from tests.target.embedded.data import ct, encoded
from tests.target.embedded.raw import CT, CT_IMPLICIT, ECHO, EXPLICIT, IMPLICIT, RawPeer, peer

STUDY_ROOT = ProposedContext(context_id=5, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))
PATIENT_ROOT = ProposedContext(context_id=7, abstract_syntax=PATIENT_ROOT_FIND, transfer_syntaxes=(IMPLICIT,))
STUDY_ROOT_EXPLICIT = ProposedContext(context_id=9, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=(EXPLICIT,))
STUDY_ROOT_DEFLATED = ProposedContext(
    context_id=11, abstract_syntax=STUDY_ROOT_FIND, transfer_syntaxes=("1.2.840.10008.1.2.1.99",)
)
STUDY, PATIENT = 5, 7


@pytest.fixture
def connected(pacs: EmbeddedPacs) -> Iterator[RawPeer]:
    """An association, and two patients with three studies stored."""
    with peer(pacs.address) as raw:
        raw.associate(CT_IMPLICIT, ECHO, STUDY_ROOT, PATIENT_ROOT, STUDY_ROOT_EXPLICIT, STUDY_ROOT_DEFLATED)
        for patient, study, series, count in (("P1", 1, 1, 3), ("P1", 1, 2, 1), ("P1", 2, 1, 2), ("P2", 3, 1, 1)):
            for number in range(1, count + 1):
                image = ct(number, patient=patient, study=study, series=series)
                image.PatientName = f"{patient}^Name"
                if study == 3:
                    image.SpecificCharacterSet = "ISO_IR 100"
                    image.PatientName = "Müller^Üte"
                    image.AccessionNumber = ""
                put(raw, image)
        yield raw


def put(raw: RawPeer, image: Dataset) -> None:
    response, _ = raw.call(c_store_rq(1, sop_class_uid=CT, sop_instance_uid=image.SOPInstanceUID), encoded(image))
    assert response.status == 0


def identifier(level: str | None, **keys: object) -> Dataset:
    data = Dataset()
    if level is not None:
        data.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(data, keyword, value)
    return data


def responses(raw: RawPeer, context_id: int, data: bytes) -> tuple[list[tuple[CommandSet, bytes]], CommandSet]:
    model = PATIENT_ROOT_FIND if context_id == PATIENT else STUDY_ROOT_FIND
    raw.send(message_bytes(c_find_rq(9, sop_class_uid=model), data, context_id=context_id, max_pdu_bytes=16384))
    pending: list[tuple[CommandSet, bytes]] = []
    while True:
        response, found = raw.see_message()
        assert response.message_id_being_responded_to == 9
        if response.status not in (0xFF00, 0xFF01):
            assert found is None
            return pending, response
        assert found is not None
        pending.append((response, found))


def find(raw: RawPeer, level: str, context_id: int = STUDY, **keys: object) -> list[Dataset]:
    pending, final = responses(raw, context_id, encoded(identifier(level, **keys)))
    assert final.status == 0
    found = [read_dataset(BytesIO(data), is_implicit_VR=True, is_little_endian=True) for _, data in pending]
    for match in found:
        assert match.QueryRetrieveLevel == level
        assert match.RetrieveAETitle == "EMBEDDED"
    return found


def studies(found: list[Dataset]) -> list[str]:
    return [match.StudyInstanceUID.split(".")[-1] for match in found]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["1", "2", "3"]),
        ({"PatientName": "p1*"}, ["1", "2"]),
        ({"PatientName": "M?ller^*", "SpecificCharacterSet": "ISO_IR 100"}, ["3"]),
        ({"PatientName": "Müller*", "SpecificCharacterSet": "ISO_IR 192"}, ["3"]),
        ({"PatientID": "P1"}, ["1", "2"]),
        ({"PatientID": "p1"}, []),
        ({"AccessionNumber": "A2"}, ["2", "3"]),
        ({"StudyDate": "20240131-"}, ["1", "2", "3"]),
        ({"StudyDate": "-20240130"}, []),
        ({"StudyTime": "10-11"}, ["1", "2", "3"]),
        ({"StudyID": "S2"}, ["2"]),
        ({"ModalitiesInStudy": "CT"}, ["1", "2", "3"]),
        ({"ModalitiesInStudy": "MR"}, []),
        ({"StudyInstanceUID": ["1.2.3.1", "1.2.3.3", "1.2.3.99"]}, ["1", "3"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_studies(connected: RawPeer, keys: dict[str, object], expected: list[str]) -> None:
    assert studies(find(connected, "STUDY", STUDY, **{"StudyInstanceUID": "", **keys})) == expected


def test_patients_with_their_counts(connected: RawPeer) -> None:
    found = find(
        connected,
        "PATIENT",
        PATIENT,
        PatientID="",
        PatientName="",
        NumberOfPatientRelatedStudies="",
        NumberOfPatientRelatedSeries="",
        NumberOfPatientRelatedInstances="",
    )
    counts = [
        (
            m.PatientID,
            m.NumberOfPatientRelatedStudies,
            m.NumberOfPatientRelatedSeries,
            m.NumberOfPatientRelatedInstances,
        )
        for m in found
    ]
    assert counts == [("P1", 2, 3, 6), ("P2", 1, 1, 1)]
    assert str(found[1].PatientName) == "Müller^Üte"


def test_all_levels_of_the_patient_root(connected: RawPeer) -> None:
    above: dict[str, object] = {"PatientID": "P1"}
    assert studies(find(connected, "STUDY", PATIENT, StudyInstanceUID="", **above)) == ["1", "2"]
    above["StudyInstanceUID"] = "1.2.3.1"
    series = find(connected, "SERIES", PATIENT, SeriesInstanceUID="", NumberOfSeriesRelatedInstances="", **above)
    assert [(m.SeriesInstanceUID, m.NumberOfSeriesRelatedInstances) for m in series] == [
        ("1.2.3.1.1", 3),
        ("1.2.3.1.2", 1),
    ]
    above["SeriesInstanceUID"] = "1.2.3.1.1"
    images = find(connected, "IMAGE", PATIENT, SOPInstanceUID="", InstanceNumber="", **above)
    assert [m.InstanceNumber for m in images] == [1, 2, 3]
    assert find(connected, "STUDY", PATIENT, StudyInstanceUID="", PatientID="P3") == []


def test_nothing_comes_back_that_was_not_asked_for(connected: RawPeer) -> None:
    (found,) = find(connected, "STUDY", StudyID="S2", InstanceAvailability="", SeriesInstanceUID="", Allergies="")
    assert {e.keyword for e in found} == {"InstanceAvailability", "QueryRetrieveLevel", "RetrieveAETitle", "StudyID"}
    assert found.InstanceAvailability == "ONLINE"


@pytest.mark.parametrize(
    ("keys", "status"), [({}, 0xFF00), ({"Allergies": ""}, 0xFF01), ({"SeriesInstanceUID": ""}, 0xFF01)], ids=str
)
def test_unsupported_keys_are_told(connected: RawPeer, keys: dict[str, object], status: int) -> None:
    pending, _ = responses(connected, STUDY, encoded(identifier("STUDY", StudyInstanceUID="", **keys)))
    assert {response.status for response, _ in pending} == {status}


@pytest.mark.parametrize(
    ("context_id", "query"),
    [
        (STUDY, identifier(None, StudyInstanceUID="")),
        (STUDY, identifier("IMAGE2")),
        (STUDY, identifier("PATIENT", PatientID="")),
        (STUDY, identifier("SERIES", SeriesInstanceUID="")),
        (STUDY, identifier("SERIES", StudyInstanceUID=["1.2.3.1", "1.2.3.2"])),
        (STUDY, identifier("IMAGE", StudyInstanceUID="1.2.3.1")),
        (PATIENT, identifier("STUDY", StudyInstanceUID="")),
        (PATIENT, identifier("STUDY", PatientID="P*")),
    ],
    ids=["no-level", "unknown-level", "patient-in-study-root", "no-study", "two-studies", "no-series", "no-patient",
         "wildcard-above"],
)  # fmt: skip
def test_an_identifier_that_does_not_fit_is_refused(connected: RawPeer, context_id: int, query: Dataset) -> None:
    pending, final = responses(connected, context_id, encoded(query))
    assert (pending, final.status) == ([], 0xA900)
    assert final.error_comment


@pytest.mark.parametrize(
    "data", [b"\xde\xad\xbe\xef" * 9, b"\x08\0\x52\0\xff\xff\0\0STUDY ", b"\0"], ids=["garbage", "cut", "nul"]
)
def test_an_identifier_that_cannot_be_read_is_refused(connected: RawPeer, data: bytes) -> None:
    pending, final = responses(connected, STUDY, data)
    assert (pending, final.status) == ([], 0xA900)
    response, _ = connected.call(c_echo_rq(1), context_id=3)
    assert response.status == 0


@pytest.mark.parametrize("name", ["'; DROP TABLE--", "%", "_", "a\\b", "x" * 60_000, "*?" * 100], ids=range(6))
def test_odd_keys_find_nothing_and_do_no_harm(connected: RawPeer, name: str) -> None:
    key = name.encode() + b" " * (len(name) % 2)
    query = encoded(identifier("STUDY")) + struct.pack("<HHI", 0x0010, 0x0020, len(key)) + key
    pending, final = responses(connected, STUDY, query)
    assert (len(pending), final.status) == (0, 0)


@pytest.mark.parametrize("context_id", [9, 11], ids=["explicit", "deflated"])
def test_identifiers_are_in_the_transfer_syntax_of_their_context(connected: RawPeer, context_id: int) -> None:
    query = identifier("STUDY", StudyInstanceUID="", PatientName="")
    data = encoded(query, explicit=True) if context_id == 9 else encoded(query, deflated=True)
    pending, final = responses(connected, context_id, data)
    assert (len(pending), final.status) == (3, 0)
    if context_id == 9:
        assert b"PN\x08\0P1^Name " in pending[0][1]


def test_a_cancel_ends_it(connected: RawPeer) -> None:
    query = encoded(identifier("STUDY", StudyInstanceUID=""))
    rq = message_bytes(c_find_rq(9, sop_class_uid=STUDY_ROOT_FIND), query, context_id=5, max_pdu_bytes=16384)
    cancel = message_bytes(c_cancel_rq(9), None, context_id=5, max_pdu_bytes=16384)
    connected.send(rq + cancel)
    response, found = connected.see_message()
    while response.status == 0xFF00:
        response, found = connected.see_message()
    assert (response.status, found) == (0xFE00, None)
    again, _ = connected.call(c_echo_rq(9), context_id=3)
    assert again.status == 0
    assert len(find(connected, "STUDY", StudyInstanceUID="")) == 3


def test_a_cancel_too_late_or_of_another_has_no_effect(connected: RawPeer) -> None:
    for named in (9, 10):
        connected.send(message_bytes(c_cancel_rq(named), None, context_id=5, max_pdu_bytes=16384))
        assert len(find(connected, "STUDY", StudyInstanceUID="")) == 3


def test_a_release_during_a_query_is_answered(connected: RawPeer) -> None:
    query = encoded(identifier("STUDY", StudyInstanceUID=""))
    connected.send(
        message_bytes(c_find_rq(9, sop_class_uid=STUDY_ROOT_FIND), query, context_id=5, max_pdu_bytes=16384)
        + b"\5\0\0\0\0\4\0\0\0\0"
    )
    seen = connected.see()
    while type(seen).__name__ == "PDataTF":
        seen = connected.see()
    assert type(seen).__name__ == "ReleaseRP"
