"""Faulty data sets: what cannot be read is refused, what lacks something is answered, and what is changed is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.line import Line
from conformance.driver.sending import sent_of
from conformance.instances import faulty, variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.outcomes import Response
from conformance.plugin.fixtures import Instances, Judge, Look, Peers, Scu
from conformance.verdict import content, encoding, fidelity, responses, storing
from conformance.verdict.responses import Reactions

pytestmark = pytest.mark.topic("statuses")

BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
STUDY_DESCRIPTION: Final = "(0008,1030)"

Make = Callable[[Instance, str], bytes]
Step = Callable[[str], None]
JudgeStored = Callable[..., None]


def _goes_on(line: Line, store: OperationExchange, judge: Judge) -> None:
    """Judge that after a response, whatever it says, a C-ECHO on the association is answered."""
    if isinstance(store.outcome, Response) and line.can_echo:
        reported = Reactions(abort=True, closed=True)
        judge(responses.expect(line.echo(), "BAT-01", success=True, reported=reported))
        line.connection.release()


@pytest.fixture
def line(peer: Peers, ct_image: Instance) -> Line:
    """An association for the CT image."""
    return Line(*peer.ready_for(ct_image, verification=True))


@pytest.fixture
def judge_unreadable(line: Line, ct_image: Instance, judge: Judge, readback: Look, step: Step) -> Callable[..., None]:
    """Sends bytes in which no instance can be made out, and judges what becomes of them."""

    def send(data_set: bytes, requirement: str, words: str) -> None:
        step(f"C-STORE-RQ whose data set is {words}, in PDUs that are well formed")
        store = line.store_bytes(ct_image, data_set, label=words)
        _goes_on(line, store, judge)
        line.connection.close()
        assert store.sent is not None
        found = readback.fetch(store.sent, expect=False)
        judge(encoding.refused_or_readable(store, found, requirement, meant=None))

    return send


@pytest.mark.requirement("ST-34", "STA-19", "BAT-01")
def test_empty_data_set(judge_unreadable: Callable[..., None]) -> None:
    """A data set of no bytes, announced and then ended at once, is no instance."""
    judge_unreadable(b"", "ST-34", "of no bytes")


@pytest.mark.requirement("ST-37", "STA-19", "BAT-01")
def test_garbage(judge_unreadable: Callable[..., None], ct_image: Instance) -> None:
    """Noise in place of a data set is refused."""
    judge_unreadable(faulty.garbage(ct_image), "ST-37", "noise")


@pytest.mark.requirement("ST-37", "STA-19", "BAT-01")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(faulty.cut_in_a_header, "cut in an element's header", id="in a header"),
        pytest.param(faulty.cut_in_a_value, "cut in the pixel data", id="in a value"),
        pytest.param(faulty.sequence_not_ended, "cut in a sequence of undefined length", id="in a sequence"),
    ],
)
def test_truncated_data_set(
    judge_unreadable: Callable[..., None], line: Line, ct_image: Instance, make: Make, words: str
) -> None:
    """A data set that ends inside an element is refused, not stored in part."""
    judge_unreadable(make(ct_image, line.transfer_syntax), "ST-37", words)


@pytest.mark.requirement("FID-01", "STA-17")
def test_refused_duplicate_leaves_the_first(
    line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored
) -> None:
    """What is stored is there, and is what it was, after a data set cut short under its SOP Instance UID is refused."""
    first = line.store(ct_image)
    second = line.store_bytes(ct_image, faulty.cut_in_a_value(ct_image, line.transfer_syntax), label="cut short")
    line.connection.close()
    if storing.acknowledged(second):
        judge(encoding.acknowledged_all_the_same(second, "STA-17"))
    else:
        judge_stored(ct_image, first)


@pytest.mark.requirement("ST-34", "STA-19")
def test_one_element(line: Line, ct_image: Instance, judge: Judge, readback: Look) -> None:
    """A data set of SOP Instance UID alone can be read, and is refused, or what is acknowledged is there."""
    store = line.store_bytes(ct_image, faulty.one_element(ct_image, line.transfer_syntax), label="one element")
    _goes_on(line, store, judge)
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(content.incomplete(store, found, "ST-34", told=(0xB007,)))


@pytest.mark.requirement("ST-35", "STA-19")
@pytest.mark.parametrize("group", ["0002", "0000"])
def test_group_of_another_place(line: Line, ct_image: Instance, judge: Judge, readback: Look, group: str) -> None:
    """A data set with an element of the file meta or command group in front is refused, or stored without it."""
    if group == "0002":
        # It names another encoding than the data set has, so that a reader who believes it sees garbage.
        data_set = faulty.file_meta_in_front(ct_image, line.transfer_syntax, named=BIG_ENDIAN)
    else:
        data_set = faulty.command_group_in_front(ct_image, line.transfer_syntax)
    store = line.store_bytes(ct_image, data_set, label=f"group {group} in front")
    _goes_on(line, store, judge)
    line.connection.close()
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(encoding.refused_or_readable(store, found, "ST-35", meant=ct_image))


@pytest.mark.requirement("ST-36", "STA-19")
@pytest.mark.parametrize("order", ["unordered", "one element twice"])
def test_order_of_elements(line: Line, ct_image: Instance, judge: Judge, readback: Look, order: str) -> None:
    """A data set whose elements are out of order, or one there twice, is refused, or nothing else of it is lost."""
    twice = order != "unordered"
    if twice:
        data_set = faulty.doubled(ct_image, line.transfer_syntax, "StudyDescription", "Another study description")
    else:
        data_set = faulty.unordered(ct_image, line.transfer_syntax)
    store = line.store_bytes(ct_image, data_set, label=order)
    _goes_on(line, store, judge)
    line.connection.close()
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(encoding.kept_in_order(store, found, "ST-36", meant=ct_image, twice=STUDY_DESCRIPTION if twice else ""))


@pytest.mark.requirement("ST-39", "STA-19")
@pytest.mark.parametrize("how", ["missing", "empty", "ill-formed"])
@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_without_a_place(
    *, line: Line, ct_image: Instance, judge: Judge, readback: Look, keyword: str, how: str
) -> None:
    """An instance without a Study or Series Instance UID is refused, coerced with a Warning, or still reachable."""
    match how:
        case "missing":
            instance = variants.without(ct_image, keyword)
        case "empty":
            instance = variants.emptied(ct_image, keyword)
        case _:
            instance = variants.with_element(ct_image, keyword, "1.2.a..3")
    store = line.store(instance)
    _goes_on(line, store, judge)
    assert store.sent is not None
    # Where it lacks a place, it is looked for in the one that it was to have.
    place = sent_of(ct_image, line.transfer_syntax)
    found = readback.fetch(store.sent, also=[place], expect=storing.acknowledged(store))
    judge(content.incomplete(store, found, "ST-39", told=(0xB000,)))


@pytest.mark.requirement("CMD-35", "STA-11", "STA-19")
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("." + "7" * 64, id="over 64 characters"),
        pytest.param(".2.a", id="a letter"),
        pytest.param("..2", id="an empty component"),
        pytest.param(".02", id="a leading zero"),
        pytest.param(".", id="a dot at the end"),
    ],
)
def test_ill_formed_sop_instance_uid(
    *, line: Line, ct_image: Instance, judge: Judge, readback: Look, ending: str
) -> None:
    """A SOP Instance UID against the rules, the same in command and data set, is refused or kept as it is."""
    instance = variants.with_sop_instance_uid(ct_image, f"{ct_image.sop_instance_uid}{ending}")
    store = line.store(instance)
    _goes_on(line, store, judge)
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(content.ill_formed_uid(store, found, instance.sop_instance_uid))


@pytest.mark.requirement("ENC-16", "ENC-17", "FID-01", "STA-17")
@pytest.mark.parametrize("kind", ["64 characters", "63 characters", "derived from a UUID"])
def test_unusual_sop_instance_uid(
    *, line: Line, ct_image: Instance, instances: Instances, judge_stored: JudgeStored, kind: str
) -> None:
    """A SOP Instance UID of the greatest length, or of another root, is stored as it is."""
    root = instances.identities.new_uid()
    digits = root.replace(".", "")
    if kind == "derived from a UUID":
        # PS3.5 B.2: 2.25 and a number of 128 bits
        uid, requirement = f"2.25.{int(digits) % 2**128}", "ENC-17"
    else:
        length = int(kind[:2])
        uid, requirement = (
            f"{root}.{(digits * 4)[: length - len(root) - 2].rjust(length - len(root) - 1, '1')}",
            "ENC-16",
        )
    instance = variants.with_sop_instance_uid(ct_image, uid)
    store = line.store(instance)
    line.connection.release()
    judge_stored(instance, store, requirement=requirement)


@pytest.mark.requirement("ENC-16", "FID-01", "STA-17")
def test_long_uids_that_differ_at_their_end(scu: Scu, instances: Instances, judge_stored: JudgeStored) -> None:
    """Two instances of a series whose SOP Instance UIDs of 64 characters have another last digit are two."""
    first = instances.identities.new()
    stem = f"{first.sop_instance_uid}.".ljust(63, "1")
    second = instances.identities.new(series_of=first)
    pair = [
        instances.build("CTImageStorage", identity=replace(identity, sop_instance_uid=f"{stem}{end}"))
        for identity, end in ((first, 1), (second, 2))
    ]
    for instance, store in zip(pair, scu.store_all(pair), strict=True):
        judge_stored(instance, store, requirement="ENC-16")


@pytest.mark.requirement("ST-13")
@pytest.mark.parametrize(
    "keyword", ["PixelSpacing", "Rows", "Modality", "PixelData", "RescaleSlope", "SamplesPerPixel", "PatientID"]
)
def test_missing_mandatory_attribute(
    *, line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, keyword: str
) -> None:
    """An instance without a mandatory attribute is answered with any status of the table; an abort is broken."""
    instance = variants.without(ct_image, keyword)
    store = line.store(instance)
    _goes_on(line, store, judge)
    judge(
        responses.expect(
            store,
            "ST-13",
            success=True,
            warning=True,
            failure=True,
            note="PS3.4 B.4.1.1: the SCP may validate against the IOD, and need not",
        )
    )
    if store.status is not None:
        judge_stored(instance, store)


@pytest.mark.requirement("CMD-34", "STA-19")
def test_other_sop_class_in_the_data_set(line: Line, ct_image: Instance, judge: Judge, readback: Look) -> None:
    """A data set whose SOP Class UID is not that of the command is refused, or stored with or without a Warning."""
    other = variants.with_sop_class_uid(ct_image, "1.2.840.10008.5.1.4.1.1.4")
    store = line.store_bytes(ct_image, other.encoded(line.transfer_syntax), label="SOP Class UID of MR in the data set")
    _goes_on(line, store, judge)
    judge(
        responses.expect(
            store,
            "CMD-34",
            failure=True,
            codes=(0xB007,),
            reported=Reactions(success=True, warning=True, abort=True),
            note="PS3.4 B.4.1.1 does not oblige the SCP to look, so that 0000H is no violation",
        )
    )
    assert store.sent is not None
    judge(encoding.nothing_kept(store, readback.fetch(store.sent, expect=False), "CMD-34"))


@pytest.mark.requirement("FID-01", "ST-15", "ST-19", "STA-21", "STA-17")
@pytest.mark.parametrize(
    "edits",
    [
        pytest.param({"PatientID": "{id} 007 x"}, id="Patient ID with spaces and lower case"),
        pytest.param({"OtherPatientIDs": ["0007", "00012"], "StudyID": "0042"}, id="leading zeros"),
        pytest.param({"IssuerOfPatientID": "conf issuer^x"}, id="Issuer of Patient ID"),
        pytest.param({"PatientName": "conformance^lower case^^dr^iii"}, id="name in lower case"),
        pytest.param({"AccessionNumber": "000123456789", "StudyID": "0"}, id="numbers that look like numbers"),
        pytest.param({"PatientBirthDate": "19000101", "PatientSex": "O"}, id="birth date and sex"),
    ],
)
def test_coercion_is_told(
    *, line: Line, ct_image: Instance, judge: Judge, readback: Look, claims: Claims, edits: dict[str, object]
) -> None:
    """Identifying attributes come back as they were sent, or the C-STORE was answered with a Warning."""
    instance = ct_image
    for keyword, value in edits.items():
        new = value.replace("{id}", ct_image.patient_id) if isinstance(value, str) else value
        instance = variants.with_element(instance, keyword, new)
    store = line.store(instance)
    line.connection.release()
    judge(storing.storable(store, "STA-17", claimed=claims.claims_sop_class(instance.sop_class_uid)))
    assert store.sent is not None
    found = readback.fetch(store.sent, expect=storing.acknowledged(store))
    judge(fidelity.stored_equals_sent(instance, found, store, storage_level=claims.storage_level))
    judge(content.coercion_told(instance, found, store))
