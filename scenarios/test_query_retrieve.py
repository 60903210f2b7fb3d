"""C-FIND after a store: levels, keys, matching, ranges, lists, character sets, and identifiers that do not fit."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from conformance.instances import variants
from conformance.instances.instance import Instance
from conformance.observation.queries import Answered
from conformance.plugin.archive import (
    LISTED_S,
    PATIENT_ROOT,
    STUDY_ROOT,
    UNIQUE_KEYS,
    Archive,
    Finder,
    Model,
    identifier,
    unique_keys,
)
from conformance.plugin.fixtures import Instances, Judge, Peers
from conformance.verdict import queries
from conformance.verdict.finding import Verdict

pytestmark = pytest.mark.topic("query and retrieve")

BOTH: Final = (STUDY_ROOT, PATIENT_ROOT)
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "PATIENT": ("PatientName", "PatientID"),
    "STUDY": ("StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyInstanceUID"),
    "SERIES": ("Modality", "SeriesNumber", "SeriesInstanceUID"),
    "IMAGE": ("InstanceNumber", "SOPInstanceUID"),
}
"""Unique and required keys of each level (PS3.4 Tables C.6-1 to C.6-4)."""
EXOTIC: Final = "PatientReligiousPreference"
LONG_VALUE: Final = 65_000
MANY: Final = 120


@pytest.fixture
def archive(peer: Peers, not_applicable: Callable[[str], None]) -> Archive:
    """A target to store at and to ask."""
    return Archive(peer, not_applicable)


def _two_studies(instances: Instances) -> tuple[Instance, ...]:
    """Two studies of one patient, that differ in every key: A with series of CT (2) and MR (1), B with one CT."""
    first = instances.identities.new()
    made = [
        instances.build("CTImageStorage", identity=first, rows=8, columns=8),
        instances.build("CTImageStorage", identity=instances.identities.new(series_of=first), rows=8, columns=8),
        instances.build("MRImageStorage", identity=instances.identities.new(study_of=first), rows=8, columns=8),
        instances.build("CTImageStorage", identity=instances.identities.new(patient_of=first), rows=8, columns=8),
    ]
    of_a = {"StudyDate": "20200131", "StudyTime": "101500", "AccessionNumber": "AcB_17", "StudyID": "SIDA"}
    of_b = {"StudyDate": "20200229", "StudyTime": "235959", "AccessionNumber": "AcBx18", "StudyID": "SIDB"}
    return tuple(_with(one, of_b if index == 3 else of_a) for index, one in enumerate(made))


def _with(instance: Instance, values: Mapping[str, object]) -> Instance:
    for keyword, value in values.items():
        instance = variants.with_element(instance, keyword, value)
    return instance


class Stocked:
    """Two studies that the target lists, and an association to ask about them.

    Args:
        archive: The target.
        instances: Makes them.
        model: The information model to ask in.
    """

    def __init__(self, archive: Archive, instances: Instances, model: Model) -> None:
        archive.need(model.find)
        self.all = _two_studies(instances)
        archive.stock(self.all)
        self.finder: Finder = archive.finder(model)
        self.model = model
        self.ready = self.finder.listed(identifier("STUDY", **self.patient, StudyInstanceUID=""), 2)

    @property
    def patient(self) -> dict[str, object]:
        """The key that chooses our patient."""
        return {"PatientID": self.all[0].patient_id}

    @property
    def studies(self) -> list[str]:
        """Study Instance UIDs of A and B."""
        return [self.all[0].study_instance_uid, self.all[3].study_instance_uid]

    def ask(self, **keys: object) -> Answered:
        """A C-FIND for studies of our patient."""
        return self.finder.find(identifier("STUDY", **{"StudyInstanceUID": "", **self.patient, **keys}))

    def below(self, level: str) -> tuple[Dataset, list[str]]:
        """An identifier for all that study A's first series, or the patient, has at a level, and what that is."""
        keys = dict.fromkeys(REQUIRED[level], "") | unique_keys(self.model, level, self.all[0], own=False)
        if self.model is STUDY_ROOT and level == "STUDY":
            keys |= self.patient
        if level == "PATIENT":
            keys |= self.patient
        inside = {"PATIENT": self.all, "STUDY": self.all, "SERIES": self.all[:3], "IMAGE": self.all[:2]}[level]
        wanted = [str(one.dataset.get(UNIQUE_KEYS[level], "")) for one in inside]
        return identifier(level, **keys), list(dict.fromkeys(wanted))


@pytest.fixture
def stocked(archive: Archive, instances: Instances) -> Stocked:
    """Two studies in the Study Root model."""
    return Stocked(archive, instances, STUDY_ROOT)


@pytest.mark.requirement("QR-01", "QR-02", "QR-03", "QR-04", "QR-05", "QR-07", "QR-17", "QR-18", "QR-38")
@pytest.mark.parametrize(
    ("model", "level"),
    [pytest.param(model, level, id=f"{model}, {level}") for model in BOTH for level in model.levels],
)
def test_find_at_each_level(archive: Archive, instances: Instances, judge: Judge, model: Model, level: str) -> None:
    """A C-FIND lists each entity below its unique keys once, at the level and with the keys that were asked for."""
    stocked = Stocked(archive, instances, model)
    judge(queries.listed_in_time(stocked.ready, 2, LISTED_S))
    keys, wanted = stocked.below(level)
    found = stocked.finder.find(keys)
    stocked.finder.end()
    judge(
        queries.succeeded(found, "QR-01"),
        queries.level_echoed(found),
        queries.only_what_was_asked(found),
        queries.one_response_each(found, UNIQUE_KEYS[level], wanted),
        queries.pending_statuses(found),
        queries.keys_returned(found, REQUIRED[level]),
        queries.where_to_retrieve(found, lowest=level == "IMAGE"),
        queries.availability(found),
    )


@pytest.mark.requirement("QR-04", "QR-38")
def test_many_matches(archive: Archive, instances: Instances, judge: Judge) -> None:
    """A C-FIND lists every one of a hundred and twenty images of a series."""
    archive.need(STUDY_ROOT.find)
    first = instances.identities.new()
    of_series = [first, *(instances.identities.new(series_of=first) for _ in range(MANY - 1))]
    images = [instances.build("CTImageStorage", identity=identity, rows=8, columns=8) for identity in of_series]
    archive.stock(images)
    finder = archive.finder(STUDY_ROOT)
    keys = identifier("IMAGE", **(unique_keys(STUDY_ROOT, "IMAGE", images[0], own=False) | {"SOPInstanceUID": ""}))
    listed = finder.listed(keys, MANY)
    found = finder.find(keys)
    finder.end()
    judge(queries.listed_in_time(listed, MANY, LISTED_S))
    judge(queries.one_response_each(found, "SOPInstanceUID", [one.sop_instance_uid for one in images]))


@pytest.mark.level("safe")
@pytest.mark.requirement("QR-04")
@pytest.mark.parametrize("model", BOTH, ids=str)
def test_find_without_a_match(archive: Archive, instances: Instances, judge: Judge, model: Model) -> None:
    """A C-FIND that nothing matches is answered with Success alone."""
    finder = archive.finder(model)
    level = model.levels[0]
    found = finder.find(identifier(level, **{UNIQUE_KEYS[level]: instances.identities.new_uid()}))
    finder.end()
    judge(queries.succeeded(found, "QR-04"), queries.one_response_each(found, UNIQUE_KEYS[level], ()))


def _single(keyword: str, level: str = "STUDY") -> object:
    return pytest.param(keyword, level, id=f"{keyword} at {level}")


@pytest.mark.requirement("QR-07")
@pytest.mark.parametrize(
    ("keyword", "level"),
    [
        *(_single(keyword) for keyword in ("PatientName", "PatientID", *REQUIRED["STUDY"])),
        *(_single(keyword, "SERIES") for keyword in REQUIRED["SERIES"]),
        *(_single(keyword, "IMAGE") for keyword in REQUIRED["IMAGE"]),
    ],
)
def test_one_key(stocked: Stocked, judge: Judge, keyword: str, level: str) -> None:
    """Each unique and required key chooses by its value the entities that have it."""
    first = stocked.all[0]
    of_a = str(first.dataset.get(keyword, ""))
    keys = unique_keys(STUDY_ROOT, level, first, own=False) | {UNIQUE_KEYS[level]: ""}
    # Patients of other scenarios have the same name: what is listed of them would be without bounds.
    about = stocked.patient if level == "STUDY" else {}
    found = stocked.finder.find(identifier(level, **(keys | about | {keyword: of_a})))
    stocked.finder.end()
    inside = {"STUDY": stocked.all, "SERIES": stocked.all[:3], "IMAGE": stocked.all[:2]}[level]
    expected, others = _apart(inside, keyword, of_a, UNIQUE_KEYS[level])
    judge(queries.matched(found, "QR-07", UNIQUE_KEYS[level], expected_values=expected, others=others))


def _apart(inside: Sequence[Instance], keyword: str, value: str, unique_key: str) -> tuple[list[str], list[str]]:
    """Unique keys of those instances that have a value, and of those that have another."""
    have: dict[str, bool] = {}
    for one in inside:
        have[str(one.dataset.get(unique_key))] = str(one.dataset.get(keyword, "")) == value
    return [uid for uid, right in have.items() if right], [uid for uid, right in have.items() if not right]


A, B = 0, 1


def _asked(requirement: str, keys: Mapping[str, object], *expected: int, name: str) -> object:
    return pytest.param(requirement, keys, expected, id=name, marks=pytest.mark.requirement(requirement))


@pytest.mark.parametrize(
    ("requirement", "keys", "expected"),
    [
        _asked("QR-09", {"AccessionNumber": "ACB_17"}, name="single value in another case"),
        _asked("QR-09", {"StudyID": "sida"}, name="Study ID in another case"),
        _asked("QR-09", {"StudyID": "SID"}, name="part of a value"),
        _asked("QR-10", {"AccessionNumber": "AcB*"}, A, B, name="star at the end"),
        _asked("QR-10", {"AccessionNumber": "*17"}, A, name="star at the beginning"),
        _asked("QR-10", {"AccessionNumber": "AcB_17*"}, A, name="star for no character"),
        _asked("QR-10", {"AccessionNumber": "AcB?1?"}, A, B, name="question marks"),
        _asked("QR-10", {"AccessionNumber": "AcB?"}, name="question mark for one character only"),
        _asked("QR-10", {"AccessionNumber": "AcB_17?"}, name="question mark for no character"),
        _asked("QR-10", {"AccessionNumber": "AcB_1?"}, A, name="underscore is no wild card"),
        _asked("QR-10", {"AccessionNumber": "AcB%*"}, name="percent is no wild card"),
        _asked("QR-10", {"PatientName": "CONFORMANCE*"}, A, B, name="star in a name"),
        _asked("QR-11", {"AccessionNumber": "", "StudyDate": "", "StudyTime": "", "StudyID": ""}, A, B, name="empty"),
        _asked("QR-11", {"AccessionNumber": "*"}, A, B, name="star alone"),
        _asked("QR-13", {"StudyDate": "20200131-20200229"}, A, B, name="dates between, both bounds"),
        _asked("QR-13", {"StudyDate": "20200201-20200228"}, name="dates between, neither"),
        _asked("QR-13", {"StudyDate": "-20200131"}, A, name="dates until"),
        _asked("QR-13", {"StudyDate": "20200229-"}, B, name="dates from"),
        _asked("QR-13", {"StudyDate": "20200131"}, A, name="one date"),
        _asked("QR-13", {"StudyTime": "101500-110000"}, A, name="times between"),
        _asked("QR-13", {"StudyTime": "101501-"}, B, name="times from"),
        _asked("QR-13", {"StudyDate": "20200101-20201231", "StudyTime": "-120000"}, A, name="date and time apart"),
    ],
)
def test_matching(
    *, stocked: Stocked, judge: Judge, requirement: str, keys: Mapping[str, object], expected: tuple[int, ...]
) -> None:
    """Single values, wild cards, ranges and empty keys choose the studies that they describe, and no others."""
    found = stocked.ask(**keys)
    stocked.finder.end()
    judge(
        queries.matched(
            found,
            requirement,
            "StudyInstanceUID",
            expected_values=[stocked.studies[index] for index in expected],
            others=[uid for index, uid in enumerate(stocked.studies) if index not in expected],
        )
    )


@pytest.mark.requirement("QR-12")
@pytest.mark.parametrize("unknown", [0, 1, 98], ids=lambda value: f"and {value} unknown ones")
@pytest.mark.parametrize("known", [1, 2])
def test_list_of_uids(stocked: Stocked, instances: Instances, judge: Judge, known: int, unknown: int) -> None:
    """A list of UIDs matches the union of them, the unknown ones being none."""
    invented = [instances.identities.new_uid() for _ in range(unknown)]
    found = stocked.ask(StudyInstanceUID=[*invented, *stocked.studies[:known]])
    stocked.finder.end()
    expected, others = stocked.studies[:known], stocked.studies[known:]
    judge(queries.matched(found, "QR-12", "StudyInstanceUID", expected_values=expected, others=others))


@pytest.mark.requirement("QR-14")
@pytest.mark.parametrize("items", [0, 1], ids=["no item", "an empty item"])
def test_empty_sequence_key(stocked: Stocked, judge: Judge, items: int) -> None:
    """A sequence key without item, or with an empty one, matches everything."""
    found = stocked.ask(ProcedureCodeSequence=Items([Dataset()] * items))
    stocked.finder.end()
    judge(queries.matched(found, "QR-14", "StudyInstanceUID", expected_values=stocked.studies, others=()))


@pytest.mark.requirement("QR-08")
def test_empty_stored_value(archive: Archive, instances: Instances, judge: Judge) -> None:
    """A study whose Accession Number is empty matches any Accession Number that is asked for."""
    archive.need(STUDY_ROOT.find)
    instance = variants.emptied(instances.build("CTImageStorage", rows=8, columns=8), "AccessionNumber")
    archive.stock([instance])
    finder = archive.finder(STUDY_ROOT)
    finder.listed(identifier("STUDY", StudyInstanceUID=instance.study_instance_uid), 1)
    keys = {"PatientID": instance.patient_id, "StudyInstanceUID": "", "AccessionNumber": "ANY"}
    found = finder.find(identifier("STUDY", **keys))
    finder.end()
    judge(
        queries.matched(
            found,
            "QR-08",
            "StudyInstanceUID",
            expected_values=[instance.study_instance_uid],
            others=(),
            otherwise=Verdict.WARN,
            note="PS3.4 C.2.2.1.2; most archives do not do so",
        )
    )


@pytest.mark.requirement("QR-05", "QR-06")
def test_key_that_hardly_anybody_supports(stocked: Stocked, judge: Judge) -> None:
    """An optional key that is not supported is left out and told with FF01H, and matching goes on without it."""
    found = stocked.ask(**{EXOTIC: ""})
    stocked.finder.end()
    judge(
        queries.matched(found, "QR-05", "StudyInstanceUID", expected_values=stocked.studies, others=()),
        queries.pending_statuses(found),
        queries.unsupported_key(found, EXOTIC),
    )


@pytest.mark.requirement("QR-15")
@pytest.mark.parametrize("level", ["SERIES", "IMAGE"])
def test_without_the_unique_keys_above(stocked: Stocked, judge: Judge, level: str) -> None:
    """A query below STUDY without a Study Instance UID is refused, or answered rightly all the same."""
    unique_key = UNIQUE_KEYS[level]
    value = str(stocked.all[0].dataset.get(unique_key))
    found = stocked.finder.find(identifier(level, **{unique_key: value}))
    stocked.finder.connection.close()
    judge(queries.without_unique_keys_above(found, unique_key, value))


@pytest.mark.requirement("QR-20")
@pytest.mark.parametrize("level", ["", "IMAGE2", "study", "PATIENT"], ids=["missing", "unknown", "lower case", "other"])
def test_level_that_does_not_fit(archive: Archive, instances: Instances, judge: Judge, level: str) -> None:
    """A level that the model does not have, or none, is refused with A900H or Cxxx."""
    finder = archive.finder(STUDY_ROOT)
    found = finder.find(identifier(level, StudyInstanceUID=instances.identities.new_uid()))
    finder.connection.close()
    judge(queries.refused_identifier(found, understandable=level == "study"))


@pytest.mark.requirement("QR-21")
@pytest.mark.parametrize(
    "value",
    ["' OR '1'='1", '"; DROP TABLE studies; --', "%", "_____", "AcB\\_17", "[A-Z]", "$ne", "x" * 64, "x" * LONG_VALUE],
    ids=["quotes", "semicolon", "percent", "underscores", "backslash", "brackets", "dollar", "64", "65000 characters"],
)
def test_odd_characters_in_a_key(stocked: Stocked, judge: Judge, value: str) -> None:
    """A key with characters that mean something to a database is a value like any other, or is refused."""
    found = stocked.ask(AccessionNumber=value)
    stocked.finder.connection.close()
    judge(queries.any_key(found, "StudyInstanceUID", stocked.studies))


@pytest.mark.requirement("QR-39")
def test_numbers_of_related_entities(stocked: Stocked, judge: Judge) -> None:
    """Numbers of related series and instances, where they are returned, are those of what is stored."""
    asked = {"NumberOfStudyRelatedSeries": 2, "NumberOfStudyRelatedInstances": 3}
    keys = {"StudyInstanceUID": stocked.studies[A], **dict.fromkeys(asked, "")}
    found = stocked.finder.find(identifier("STUDY", **keys))
    stocked.finder.end()
    judge(queries.counts(found, asked))


@pytest.mark.requirement("QR-36")
def test_available_transfer_syntaxes(stocked: Stocked, judge: Judge) -> None:
    """Available Transfer Syntax UID, where it is returned, names transfer syntaxes of the standard."""
    keys = unique_keys(STUDY_ROOT, "IMAGE", stocked.all[0]) | {"AvailableTransferSyntaxUID": ""}
    found = stocked.finder.find(identifier("IMAGE", **keys))
    stocked.finder.end()
    judge(queries.available_transfer_syntaxes(found))


NAMES: Final = {
    "Latin-1": ("ISO_IR 100", "Müller^Jürgen"),
    "Japanese": ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    "Korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "Chinese": ("GB18030", "Wang^XiaoDong=王^小东"),
    "UTF-8": ("ISO_IR 192", "Grün^Jörg=山田^太郎"),
}
"""Names by script, each with the Specific Character Set that it is stored in."""


@pytest.mark.requirement("QR-19")
@pytest.mark.parametrize("script", NAMES)
def test_name_beyond_ascii(archive: Archive, instances: Instances, judge: Judge, script: str) -> None:
    """A name beyond ASCII is listed in the characters that were stored, in a character set that is named."""
    archive.need(STUDY_ROOT.find)
    character_set, name = NAMES[script]
    plain = instances.build("CTImageStorage", rows=8, columns=8)
    instance = _with(plain, {"SpecificCharacterSet": character_set, "PatientName": name})
    archive.stock([instance])
    finder = archive.finder(STUDY_ROOT)
    keys = identifier("STUDY", StudyInstanceUID=instance.study_instance_uid, PatientName="", SpecificCharacterSet="")
    found = finder.listed(keys, 1)
    finder.end()
    judge(queries.name_in_its_character_set(found, name, _raw_name(instance), _raw_name_of(found)))


def _raw_name(instance: Instance) -> bytes:
    """The bytes of Patient's Name in an instance's encoding."""
    return _value_of(instance.encoded("1.2.840.10008.1.2"), 0x0010_0010)


def _raw_name_of(found: Answered) -> bytes:
    """The bytes of Patient's Name in the only match."""
    if len(found.matches) != 1:
        return b""
    raw = found.matches[0].dataset.get("PatientName")
    return b"" if raw is None else bytes(getattr(raw, "original_string", b"") or b"")


def _value_of(data_set: bytes, tag: int) -> bytes:
    """An element's value in an Implicit VR Little Endian data set, padding removed."""
    offset = data_set.find(struct.pack("<HH", tag >> 16, tag & 0xFFFF))
    (length,) = struct.unpack_from("<I", data_set, offset + 4)
    return data_set[offset + 8 : offset + 8 + length].rstrip(b" ")
