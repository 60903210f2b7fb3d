"""One stored instance through every channel: C-FIND, C-GET, C-MOVE, the read-back and the web services agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import UID

from conformance.config import Claims
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.instance import Instance
from conformance.instances.rich import rich
from conformance.observation.exchanges import OperationExchange
from conformance.observation.stored import Stored
from conformance.observation.web import WebInstances, WebRows
from conformance.plugin.archive import (
    PATIENT_ROOT,
    STUDY_ROOT,
    UNIQUE_KEYS,
    Archive,
    Model,
    identifier,
    unique_keys,
)
from conformance.plugin.channels import Channels, is_lossy, place_of
from conformance.plugin.fixtures import Instances, Judge, Look, Peers, Scu
from conformance.plugin.run import current_run
from conformance.plugin.scene import NotNegotiatedError
from conformance.readback.dicomweb import AS_STORED, DicomWeb, WebPlace
from conformance.verdict import channels as same
from conformance.verdict import queries, web

pytestmark = pytest.mark.topic("channels")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
UNKNOWN_MEDIA_TYPE: Final = "application/x-conformance-unknown"
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "PATIENT": ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientComments", "EthnicGroup"),
    "STUDY": (
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "StudyID",
        "StudyInstanceUID",
        "ReferringPhysicianName",
        "StudyDescription",
    ),
    "SERIES": (
        "Modality",
        "SeriesNumber",
        "SeriesInstanceUID",
        "SeriesDescription",
        "SeriesDate",
        "SeriesTime",
        "BodyPartExamined",
        "ProtocolName",
        "PerformingPhysicianName",
    ),
    "IMAGE": (
        "InstanceNumber",
        "SOPInstanceUID",
        "SOPClassUID",
        "ContentDate",
        "ContentTime",
        "AcquisitionNumber",
        "Rows",
        "Columns",
        "BitsAllocated",
        "NumberOfFrames",
    ),
}
"""What is asked for at each level: unique, required and some optional keys (PS3.4 Tables C.6-1 to C.6-4)."""
COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "PATIENT": ("NumberOfPatientRelatedStudies", "NumberOfPatientRelatedSeries", "NumberOfPatientRelatedInstances"),
    "STUDY": ("NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"),
    "SERIES": ("NumberOfSeriesRelatedInstances",),
}


def _ct(instances: Instances) -> Instance:
    return _with_private(instances.build("CTImageStorage", rows=16, columns=16))


def _frames(instances: Instances) -> Instance:
    return rle(_with_private(instances.build("UltrasoundMultiFrameImageStorage", rows=16, columns=16)))


def _document(instances: Instances) -> Instance:
    return _with_private(instances.build("ComprehensiveSRStorage"))


def _photograph(instances: Instances) -> Instance:
    return jpeg_baseline(_with_private(instances.build("VLPhotographicImageStorage", rows=16, columns=16)))


def _rich(instances: Instances) -> Instance:
    return rich(instances.identities.new())


def _with_private(instance: Instance) -> Instance:
    """The instance with a private block, and with patient and study attributes that no other has."""

    def edit(dataset: Dataset) -> None:
        block = dataset.private_block(0x0099, "PACS CONFORMANCE CHANNELS", create=True)
        block.add_new(0x01, "LO", "a private text")
        block.add_new(0x02, "UL", [1, 4294967295])
        block.add_new(0x03, "DS", ["+1.50", "-0.000001"])
        dataset.PatientName = f"CHANNELS^{dataset.StudyID.replace('-', ' ')}"
        dataset.StudyDescription = "Seen through every channel"
        dataset.PatientComments = "one comment"

    return instance.changed(label=instance.label, edit=edit)


KINDS: Final[Mapping[str, Callable[[Instances], Instance]]] = {
    "CT": _ct,
    "frames in RLE": _frames,
    "structured report": _document,
    "photograph in JPEG": _photograph,
    "rich content": _rich,
}


@pytest.fixture
def archive(peer: Peers, not_applicable: Callable[[str], None]) -> Archive:
    """A target to store at and to ask."""
    return Archive(peer, not_applicable)


@pytest.fixture
def origin(not_applicable: Callable[[str], None]) -> DicomWeb:
    """The target's web services; without them the scenario does not apply."""
    found = current_run().web
    if found is None:
        not_applicable("no web services are known: --readback dicomweb=URL, or dicomweb_url in [readback]")
    assert found is not None
    return found


@pytest.fixture
def channels(archive: Archive, peer: Peers, readback: Look) -> Channels:
    """All channels."""
    run = current_run()
    return Channels(archive, peer, readback, spool=run.move, web=run.web)


Store = Callable[..., OperationExchange]


@pytest.fixture
def store(peer: Peers, archive: Archive) -> Store:
    """Stores an instance in Explicit VR Little Endian or another native one, or in the one that it is compressed in."""

    def send(instance: Instance, native: str = EXPLICIT) -> OperationExchange:
        syntax = instance.transfer_syntax_uid if instance.is_encapsulated else native
        with peer.associated(contexts_of([(instance.sop_class_uid, (syntax,))]), label="store") as connection:
            if 1 not in connection.accepted:
                needed = f"{instance.label} in {UID(syntax).name}"
                raise NotNegotiatedError(connection.recorder.associations[-1], instance.sop_class_uid, needed)
            exchange = connection.store(instance.encoded(syntax), sent_of(instance, syntax), context_id=1)
            connection.release()
        archive.kept([exchange])
        return exchange

    return send


@pytest.mark.requirement("CHN-01")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", [STUDY_ROOT, PATIENT_ROOT], ids=str)
def test_find_says_what_is_stored(
    *, archive: Archive, instances: Instances, store: Store, readback: Look, judge: Judge, model: Model, kind: str
) -> None:
    """What a C-FIND lists at each level are the values of the instance that was stored."""
    archive.need(model.find)
    instance = KINDS[kind](instances)
    exchange = store(instance)
    assert exchange.sent is not None
    stored = readback.fetch(exchange.sent)
    given_back = [copy.dataset for copy in stored.copies] if isinstance(stored, Stored) else []
    finder = archive.finder(model)
    finder.listed(identifier("STUDY", **unique_keys(model, "STUDY", instance)), 1)
    for level in model.levels:
        asked, collected = _keys(model, level, instance)
        found = finder.find(identifier(level, **asked))
        judge(same.found_as_stored(found, instance.dataset, collected, given_back=given_back))
    finder.end()


def _keys(model: Model, level: str, instance: Instance) -> tuple[dict[str, object], dict[str, list[str]]]:
    """The keys of a query that finds one entity, and what it collects of its instances."""
    keywords = KEYS[level] + (KEYS["PATIENT"] if (model, level) == (STUDY_ROOT, "STUDY") else ())
    asked: dict[str, object] = dict.fromkeys((*keywords, "SpecificCharacterSet"), "")
    collected = {}
    if level == "STUDY":
        collected = {
            "ModalitiesInStudy": [str(instance.dataset.Modality)],
            "SOPClassesInStudy": [instance.sop_class_uid],
        }
    return asked | dict.fromkeys(collected, "") | unique_keys(model, level, instance), collected


@pytest.mark.requirement("QR-39")
@pytest.mark.parametrize("model", [STUDY_ROOT, PATIENT_ROOT], ids=str)
def test_counts_of_a_patient(archive: Archive, instances: Instances, judge: Judge, scu: Scu, model: Model) -> None:
    """Numbers of related entities are right at each level, and stay so when an instance comes again."""
    archive.need(model.find)
    study = _two_studies(instances)
    archive.stock(study)
    finder = archive.finder(model)
    key = {"PatientID": study[0].patient_id}
    finder.listed(identifier("STUDY", StudyInstanceUID="", **key), 2)
    for again in (False, True):
        if again:
            scu.store(study[0], label="the first instance again")
        for level in ("PATIENT", "STUDY", "SERIES"):
            if level not in model.levels:
                continue
            asked = dict.fromkeys(COUNTS[level], "") | unique_keys(model, level, study[0])
            found = finder.find(identifier(level, **asked))
            judge(queries.counts(found, _counted(study, level)))
    finder.end()


def _two_studies(instances: Instances) -> tuple[Instance, ...]:
    """A study of two CT images and, in a series of its own, an MR image; and one of one CT image."""
    first = instances.identities.new()
    return (
        instances.build("CTImageStorage", identity=first, rows=8, columns=8),
        instances.build("CTImageStorage", identity=instances.identities.new(series_of=first), rows=8, columns=8),
        instances.build("MRImageStorage", identity=instances.identities.new(study_of=first), rows=8, columns=8),
        instances.build("CTImageStorage", identity=instances.identities.new(patient_of=first), rows=8, columns=8),
    )


def _counted(study: Sequence[Instance], level: str) -> dict[str, int]:
    """How many studies, series and instances the first instance's entity at a level has."""
    own = str(study[0].dataset.get(UNIQUE_KEYS[level]))
    inside = [one for one in study if str(one.dataset.get(UNIQUE_KEYS[level])) == own]
    numbers = {
        "Studies": len({one.study_instance_uid for one in inside}),
        "Series": len({one.series_instance_uid for one in inside}),
        "Instances": len(inside),
    }
    return {keyword: number for keyword in COUNTS[level] for end, number in numbers.items() if keyword.endswith(end)}


@pytest.mark.requirement("CHN-02", "CHN-03", "QR-31", "QR-34", "FID-01", "FID-02", "FID-03")
@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_gives_what_was_sent(
    *, instances: Instances, store: Store, channels: Channels, judge: Judge, claims: Claims, kind: str
) -> None:
    """C-GET in each transfer syntax, C-MOVE, the read-back and WADO-RS give the instance that was sent."""
    instance = KINDS[kind](instances)
    exchange = store(instance)
    given = channels.all_of(instance, exchange)
    judge(
        same.given(given),
        same.each_as_sent(instance, given, exchange, storage_level=claims.storage_level),
        same.the_same_through_all(instance, given),
        same.value_representations(instance, given),
    )


# The web services


@pytest.mark.requirement("WEB-01", "WEB-02", "WEB-05", "WEB-15", "WEB-17")
@pytest.mark.parametrize("kind", ["CT", "frames in RLE", "structured report", "rich content"])
def test_retrieval_over_the_web(
    *, instances: Instances, origin: DicomWeb, store: Store, channels: Channels, judge: Judge, kind: str
) -> None:
    """What was stored by C-STORE is retrieved by WADO-RS as it is, in the transfer syntax asked for, with metadata."""
    instance = KINDS[kind](instances)
    exchange = store(instance)
    place = place_of(instance)
    default, metadata = origin.retrieve(place), origin.metadata(place)
    judge(web.retrievable(default, metadata), web.default_transfer_syntax(default))
    judge(web.any_transfer_syntax(origin.retrieve(place, transfer_syntax=AS_STORED)))
    for syntax in dict.fromkeys((EXPLICIT, instance.transfer_syntax_uid if instance.is_encapsulated else EXPLICIT)):
        judge(web.transfer_syntax_asked_for(origin.retrieve(place, transfer_syntax=syntax), syntax))
    if isinstance(default, WebInstances) and len(default.parts) == 1:
        judge(web.metadata_complete(metadata, default.parts[0].dataset))
    judge(same.the_same_through_all(instance, channels.all_of(instance, exchange), "WEB-15"))


@pytest.mark.requirement("WEB-02")
@pytest.mark.parametrize("native", [IMPLICIT, BIG_ENDIAN], ids=["implicit VR", "big endian"])
def test_what_web_services_do_not_use(
    *, instances: Instances, origin: DicomWeb, store: Store, judge: Judge, native: str
) -> None:
    """What was stored in a transfer syntax that web services do not use is retrieved in another."""
    image = _ct(instances)
    store(image, native)
    judge(
        web.default_transfer_syntax(origin.retrieve(place_of(image))),
        web.any_transfer_syntax(origin.retrieve(place_of(image), transfer_syntax=AS_STORED)),
    )


@pytest.mark.requirement("WEB-03")
def test_lossy_image_over_the_web(instances: Instances, origin: DicomWeb, store: Store, judge: Judge) -> None:
    """An image that was stored in JPEG Baseline is retrieved so, or decompressed, where nothing else is asked for."""
    image = _photograph(instances)
    assert is_lossy(image)
    store(image)
    judge(web.lossy_by_default(origin.retrieve(place_of(image)), image.transfer_syntax_uid))


@pytest.mark.requirement("WEB-04", "WEB-10")
def test_what_is_not_there_over_the_web(instances: Instances, origin: DicomWeb, store: Store, judge: Judge) -> None:
    """An unknown instance is not found, nothing matches is no content, and an unknown media type is not acceptable."""
    image = _ct(instances)
    store(image)
    unknown = WebPlace(
        study_instance_uid=image.study_instance_uid,
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=instances.identities.new_uid(),
    )
    judge(
        web.unknown_instance(origin.retrieve(unknown)),
        web.unacceptable_media_type(origin.retrieve(place_of(image), accept=UNKNOWN_MEDIA_TYPE)),
        web.nothing_found(origin.search("/studies", {"StudyInstanceUID": instances.identities.new_uid()})),
    )


WEB_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "studies": (
        "StudyDate",
        "StudyTime",
        "AccessionNumber",
        "ReferringPhysicianName",
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyID",
        "ModalitiesInStudy",
        "NumberOfStudyRelatedSeries",
        "NumberOfStudyRelatedInstances",
        "RetrieveURL",
    ),
    "series": ("Modality", "SeriesInstanceUID", "SeriesNumber", "NumberOfSeriesRelatedInstances", "RetrieveURL"),
    "instances": ("SOPClassUID", "SOPInstanceUID", "InstanceNumber", "RetrieveURL"),
}
"""The attributes of a match that are required of every server (PS3.18 Tables 10.6.3-3 to 10.6.3-5)."""
OF_THE_ANSWER: Final = ("ModalitiesInStudy", "RetrieveURL")


@pytest.mark.requirement("WEB-08", "WEB-09", "CHN-01")
def test_searches_over_the_web(instances: Instances, origin: DicomWeb, store: Store, judge: Judge) -> None:
    """Each search resource lists what was stored, with the required attributes and the values that are stored."""
    image = _ct(instances)
    store(image)
    study, series = image.study_instance_uid, image.series_instance_uid
    resources = {
        "/studies": ({"StudyInstanceUID": study}, True),
        f"/studies/{study}/series": ({"SeriesInstanceUID": series}, True),
        f"/studies/{study}/series/{series}/instances": ({"SOPInstanceUID": image.sop_instance_uid}, True),
        f"/studies/{study}/instances": ({"SOPInstanceUID": image.sop_instance_uid}, False),
        "/series": ({"SeriesInstanceUID": series}, False),
        "/instances": ({"SOPInstanceUID": image.sop_instance_uid}, False),
    }
    for path, (keys, required) in resources.items():
        answer = origin.search(path, keys)
        judge(web.search_resource(answer, required=required))
        if not isinstance(answer, WebRows) or not answer.rows:
            continue
        level = path.rpartition("/")[2]
        wanted = [
            keyword
            for keyword in WEB_ATTRIBUTES[level]
            if keyword in OF_THE_ANSWER or keyword.startswith("NumberOf") or image.dataset.get(keyword)
        ]
        judge(web.required_attributes(answer, {_tag(keyword): keyword for keyword in wanted}))
        judge(same.listed_as_stored(answer.rows, image.dataset))


def _tag(keyword: str) -> str:
    return f"{int(Tag(keyword)):08X}"
