"""C-GET and C-MOVE after a store: levels, counts, failures, priority, roles, encodings, and who is named as invoker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from conformance.config import Claims
from conformance.driver.sending import contexts_of, sent_of
from conformance.instances import variants
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.observation.queries import Retrieved
from conformance.observation.stored import Stored, StoredCopy
from conformance.plugin.archive import (
    PATIENT_ROOT,
    STUDY_ROOT,
    UNIQUE_KEYS,
    Archive,
    Model,
    identifier,
    storage_contexts,
    unique_keys,
)
from conformance.plugin.fixtures import Instances, Judge, Peers
from conformance.plugin.scene import NotNegotiatedError, Scene
from conformance.readback.move_scp import MoveSpool
from conformance.verdict import fidelity, operations, retrievals
from conformance.verdict.finding import Finding
from conformance.wire.command import Tag, decode_command_set

pytestmark = pytest.mark.topic("query and retrieve")

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
NUMBERS: Final = 12_000
"""Of so many Decimal Strings a value is longer than the 16-bit length of an explicit VR can say."""
BOTH: Final = (STUDY_ROOT, PATIENT_ROOT)
HIGH, LOW = 1, 2
OUT_OF_RESOURCES: Final = 0xA700
COERCED: Final = 0xB000
NOBODY: Final = "NOBODY-KNOWS-IT"

Step = Callable[[str], None]
NotApplicable = Callable[[str], None]


@pytest.fixture
def archive(peer: Peers, not_applicable: NotApplicable) -> Archive:
    """A target to store at and to retrieve from."""
    return Archive(peer, not_applicable)


def _study(instances: Instances) -> tuple[Instance, ...]:
    """A study of two series, two CT images and one MR image."""
    first = instances.identities.new()
    small = {"rows": 8, "columns": 8}
    return (
        instances.build("CTImageStorage", identity=first, **small),
        instances.build("CTImageStorage", identity=instances.identities.new(series_of=first), **small),
        instances.build("MRImageStorage", identity=instances.identities.new(study_of=first), **small),
    )


def _uids(series: Sequence[Instance]) -> list[str]:
    return [one.sop_instance_uid for one in series]


@pytest.mark.requirement("QR-25", "QR-26", "QR-27", "QR-28", "QR-31", "QR-34", "UI-ROL-05")
@pytest.mark.parametrize(
    ("model", "level"),
    [pytest.param(model, level, id=f"{model}, {level}") for model in BOTH for level in model.levels],
)
def test_get_at_each_level(archive: Archive, instances: Instances, judge: Judge, model: Model, level: str) -> None:
    """A C-GET brings every instance below its level once, in the encoding of its context, and counts them."""
    archive.need(model.get)
    study = _study(instances)
    archive.stock(study)
    wanted = {"SERIES": study[:2], "IMAGE": study[:1]}.get(level, study)
    getter = archive.getter(model, storage_contexts(study))
    retrieved = getter.get(identifier(level, **unique_keys(model, level, study[0])))
    association = getter.connection.recorder.associations[-1]
    getter.connection.close()
    judge(
        retrievals.brought_all(retrieved, _uids(wanted)),
        operations.counts_coherent(retrieved.exchange),
        retrievals.roles_of_sub_operations(association, retrieved),
        retrievals.in_the_syntax_of_its_context(retrieved),
    )


@pytest.mark.requirement("QR-30")
@pytest.mark.parametrize("priority", [HIGH, LOW], ids=["high", "low"])
def test_priority_of_sub_operations(archive: Archive, instances: Instances, judge: Judge, priority: int) -> None:
    """The sub-operations of a C-GET have its priority."""
    archive.need(STUDY_ROOT.get)
    study = _study(instances)
    archive.stock(study)
    getter = archive.getter(STUDY_ROOT, storage_contexts(study))
    keys = identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", study[0]))
    retrieved = getter.get(keys, priority=priority)
    getter.connection.close()
    judge(retrievals.priority_of_sub_operations(retrieved, priority))


@pytest.mark.requirement("QR-31", "QR-27")
@pytest.mark.parametrize("level", ["STUDY", "SERIES", "IMAGE"])
def test_list_of_uids(archive: Archive, instances: Instances, judge: Judge, level: str) -> None:
    """A C-GET with a list of UIDs at its level brings what each of them names (PS3.4 C.4.3.1.3.1, note)."""
    archive.need(STUDY_ROOT.get)
    first, second = _study(instances), _study(instances)
    archive.stock((*first, *second))
    # Two images are in one series; the third is in another series of their study.
    named, wanted = {
        "STUDY": ((first[0], second[0]), (*first, *second)),
        "SERIES": ((first[0], first[2]), first),
        "IMAGE": (first[:2], first[:2]),
    }[level]
    keys = unique_keys(STUDY_ROOT, level, first[0])
    keys[UNIQUE_KEYS[level]] = [str(one.dataset.get(UNIQUE_KEYS[level])) for one in named]
    getter = archive.getter(STUDY_ROOT, storage_contexts(first))
    retrieved = getter.get(identifier(level, **keys))
    getter.connection.close()
    judge(
        retrievals.brought_all(retrieved, _uids(wanted), unusual=True),
        operations.counts_coherent(retrieved.exchange),
    )


@pytest.mark.requirement("QR-25", "QR-26", "QR-27", "QR-28")
@pytest.mark.parametrize(
    "answers",
    [
        pytest.param((0, OUT_OF_RESOURCES, 0), id="one of three fails"),
        pytest.param((OUT_OF_RESOURCES,) * 3, id="all fail"),
        pytest.param((COERCED, 0, 0), id="one warning"),
        pytest.param((COERCED, 0xC000, 0), id="a warning and a failure"),
    ],
)
def test_sub_operations_that_fail(
    *, archive: Archive, instances: Instances, judge: Judge, step: Step, answers: tuple[int, ...]
) -> None:
    """The final response of a C-GET counts and lists the sub-operations that were answered with a Failure."""
    archive.need(STUDY_ROOT.get)
    study = _study(instances)
    archive.stock(study)
    getter = archive.getter(STUDY_ROOT, storage_contexts(study))
    step(f"C-GET of {len(answers)} instances, answered with {', '.join(f'{status:04X}H' for status in answers)}")
    keys = identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", study[0]))
    retrieved = getter.get(keys, choose=lambda index, _uid: answers[index] if index < len(answers) else 0)
    getter.connection.close()
    judge(
        retrievals.statuses_counted(retrieved, total=len(answers)),
        retrievals.counted_as_answered(retrieved, total=len(answers)),
        operations.counts_coherent(retrieved.exchange),
    )


@pytest.mark.requirement("UI-ROL-05")
def test_get_without_role_selection(archive: Archive, instances: Instances, judge: Judge, step: Step) -> None:
    """A C-GET on an association on which no roles were proposed brings nothing, and says so."""
    archive.need(STUDY_ROOT.get)
    study = _study(instances)
    archive.stock(study)
    getter = archive.getter(STUDY_ROOT, storage_contexts(study), as_scp=False)
    step("C-GET of three instances, whose storage contexts are accepted in the usual roles")
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", study[0])))
    getter.connection.close()
    judge(retrievals.nothing_without_a_role(retrieved))


@pytest.mark.requirement("QR-29", "QR-28")
def test_get_without_a_context_for_all(archive: Archive, instances: Instances, judge: Judge) -> None:
    """A C-GET brings what a context was offered for, and counts the rest as failed."""
    archive.need(STUDY_ROOT.get)
    study = _study(instances)
    archive.stock(study)
    getter = archive.getter(STUDY_ROOT, storage_contexts(study[:2]), granted=True)
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", study[0])))
    getter.connection.close()
    judge(
        retrievals.failed_for_want_of_a_context(retrieved, _uids(study[:2]), failed=1),
        operations.counts_coherent(retrieved.exchange),
    )


@pytest.mark.requirement("QR-32")
def test_key_that_is_not_unique(archive: Archive, instances: Instances, judge: Judge, step: Step) -> None:
    """A name beside the unique keys of a C-GET does not choose what is retrieved."""
    archive.need(STUDY_ROOT.get)
    study = _study(instances)
    archive.stock(study)
    getter = archive.getter(STUDY_ROOT, storage_contexts(study))
    step("C-GET of a study that is not there, with the Patient's Name of one that is")
    keys = {"StudyInstanceUID": instances.identities.new_uid(), "PatientName": str(study[0].dataset.PatientName)}
    retrieved = getter.get(identifier("STUDY", **keys))
    getter.connection.close()
    judge(retrievals.key_that_is_not_unique(retrieved))


@pytest.mark.requirement("QR-34", "FID-01", "FID-02")
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT], ids=["implicit VR", "explicit VR"])
@pytest.mark.parametrize(
    "stored_in",
    [IMPLICIT, EXPLICIT, BIG_ENDIAN],
    ids=["from implicit VR", "from explicit VR", "from big endian"],
)
def test_encoding_of_what_is_brought(
    *, archive: Archive, peer: Peers, instances: Instances, judge: Judge, claims: Claims, stored_in: str, syntax: str
) -> None:
    """What a C-GET brings is in the transfer syntax of its context, and what was stored."""
    archive.need(STUDY_ROOT.get)
    image = instances.build("CTImageStorage", rows=16, columns=16)
    store = _store_in(peer, image, stored_in)
    archive.kept([store])
    getter = archive.getter(STUDY_ROOT, [(image.sop_class_uid, (syntax,))])
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", image)))
    getter.connection.close()
    judge(retrievals.brought_all(retrieved, [image.sop_instance_uid], "QR-34"))
    judge(retrievals.in_the_syntax_of_its_context(retrieved), _as_stored(retrieved, image, store, claims.storage_level))


@pytest.mark.requirement("QR-34", "FID-01")
def test_value_too_long_for_an_explicit_vr(
    *, archive: Archive, peer: Peers, instances: Instances, judge: Judge, claims: Claims
) -> None:
    """A value of more than 65534 bytes that was stored in implicit VR is brought whole in explicit VR, or not."""
    archive.need(STUDY_ROOT.get)
    image = instances.build("CTImageStorage", rows=16, columns=16)
    for keyword, numbers in (("WindowCenter", "40.25"), ("WindowWidth", "400.5")):
        image = variants.with_element(image, keyword, [numbers] * NUMBERS)
    store = _store_in(peer, image, IMPLICIT)
    archive.kept([store])
    getter = archive.getter(STUDY_ROOT, [(image.sop_class_uid, (EXPLICIT,))])
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", image)))
    getter.connection.close()
    judge(retrievals.in_the_syntax_of_its_context(retrieved), _as_stored(retrieved, image, store, claims.storage_level))


def _store_in(peer: Peers, image: Instance, transfer_syntax: str) -> OperationExchange:
    """Store an image in one transfer syntax, whatever else the target would take."""
    with peer.associated(contexts_of([(image.sop_class_uid, (transfer_syntax,))]), label="store") as connection:
        if 1 not in connection.accepted:
            raise NotNegotiatedError(connection.recorder.associations[-1], image.sop_class_uid, image.label)
        sent = sent_of(image, transfer_syntax)
        store = connection.store(image.encoded(transfer_syntax), sent, context_id=1)
        connection.release()
    return store


def _as_stored(
    retrieved: Retrieved, image: Instance, store: OperationExchange, storage_level: int | None
) -> tuple[Finding, ...]:
    """What a C-GET brought, judged as what is stored."""
    copies = tuple(
        StoredCopy(
            sop_instance_uid=one.sop_instance_uid,
            dataset=one.dataset,
            transfer_syntax_uid=one.transfer_syntax_uid,
            where="C-GET",
        )
        for one in retrieved.brought
        if not one.defect
    )
    if not copies:
        return ()
    found = Stored(copies=copies, listed=len(copies), channel="C-GET")
    return tuple(fidelity.stored_equals_sent(image, found, store, storage_level=storage_level))


@pytest.mark.requirement("QR-33", "FID-02")
def test_lossless_image_in_the_default_transfer_syntax(
    archive: Archive, instances: Instances, judge: Judge, step: Step
) -> None:
    """An image that was stored in RLE Lossless can be had in Implicit VR Little Endian, with the same pixels."""
    archive.need(STUDY_ROOT.get)
    native = instances.build("CTImageStorage", rows=16, columns=16)
    archive.stock([rle(native)])
    getter = archive.getter(STUDY_ROOT, [(native.sop_class_uid, (IMPLICIT,))], granted=True)
    step("C-GET of an image in RLE Lossless, with a context for Implicit VR Little Endian alone")
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", native)))
    getter.connection.close()
    judge(retrievals.given_in_the_default_syntax(retrieved, obliged=True))
    judge(retrievals.same_pixels(retrieved, native))


@pytest.mark.requirement("QR-35", "QR-33")
@pytest.mark.parametrize("offered", ["as it was stored", "default only"])
def test_lossy_image(archive: Archive, instances: Instances, judge: Judge, offered: str) -> None:
    """An image that was stored in JPEG Baseline is brought as it is, or decompressed, and not compressed again."""
    archive.need(STUDY_ROOT.get)
    image = jpeg_baseline(instances.build("SecondaryCaptureImageStorage", rows=16, columns=16))
    archive.stock([image])
    syntax = image.transfer_syntax_uid if offered == "as it was stored" else IMPLICIT
    getter = archive.getter(STUDY_ROOT, [(image.sop_class_uid, (syntax,))])
    retrieved = getter.get(identifier("STUDY", **unique_keys(STUDY_ROOT, "STUDY", image)))
    getter.connection.close()
    if offered == "as it was stored":
        judge(retrievals.same_stream(retrieved, image))
    else:
        judge(retrievals.given_in_the_default_syntax(retrieved, obliged=False))


@pytest.mark.requirement("QR-24")
@pytest.mark.parametrize("model", BOTH, ids=str)
def test_unknown_move_destination(
    *, archive: Archive, instances: Instances, judge: Judge, step: Step, model: Model
) -> None:
    """A C-MOVE to a destination that nobody knows is refused with A801H."""
    archive.need(model.move)
    study = _study(instances)
    archive.stock(study)
    mover = archive.mover(model)
    step(f"C-MOVE of a study that is stored to {NOBODY}")
    retrieved = mover.move(identifier("STUDY", **unique_keys(model, "STUDY", study[0])), NOBODY)
    mover.connection.close()
    judge(retrievals.unknown_destination(retrieved))


@pytest.mark.requirement("QR-22", "QR-23", "QR-25", "QR-26", "QR-27", "QR-28", "QR-31")
@pytest.mark.parametrize("model", BOTH, ids=str)
def test_move(
    *,
    archive: Archive,
    instances: Instances,
    judge: Judge,
    scene: Scene,
    move_destination: MoveSpool,
    model: Model,
) -> None:
    """A C-MOVE brings a study to its destination on another association, counts it, and names who asked for it."""
    archive.need(model.move)
    study = _study(instances)
    archive.stock(study)
    mover = archive.mover(model)
    retrieved = mover.move(identifier("STUDY", **unique_keys(model, "STUDY", study[0])), move_destination.ae_title)
    mover.connection.close()
    arrived = {uid: len(move_destination.files_of(uid)) for uid in _uids(study)}
    commands = [decode_command_set(raw) for uid in _uids(study) for raw in move_destination.commands_of(uid)]
    for uid in _uids(study):
        move_destination.forget(uid)
    originators = [
        (
            command.text(Tag.MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE),
            command.number(Tag.MOVE_ORIGINATOR_MESSAGE_ID),
        )
        for command in commands
    ]
    judge(
        retrievals.on_another_association(retrieved, arrived),
        retrievals.arrived_all(retrieved, arrived),
        operations.counts_coherent(retrieved.exchange),
        retrievals.move_originator(
            originators, scene.endpoint.calling_ae_title, retrieved.exchange.request.message_id or 0
        ),
    )
