"""Instances of a chosen size: to the byte for PDU boundaries, large for endurance, and as small as can be."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, SecondaryCaptureImageStorage

from conformance.instances import catalogue, seeded
from conformance.instances.errors import InstanceError
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance
from conformance.instances.iod.common import PRIVATE_CREATOR, PRIVATE_GROUP, add

_FILLER: Final = 0xF0
_FRAME_EDGE: Final = 1024
_FRAME_BYTES: Final = _FRAME_EDGE * _FRAME_EDGE
_MAX_MEGABYTES: Final = 2048


def sized(instance: Instance, target_bytes: int, transfer_syntax_uid: str) -> Instance:
    """Return the instance with a private OB element that makes its encoded data set exactly `target_bytes` long.

    The length holds for this transfer syntax; in another one the headers of elements have other lengths.

    Args:
        instance: what to fill up.
        target_bytes: the length wanted, in bytes; even, as every data set is.
        transfer_syntax_uid: not deflated, whose length follows from content.

    Raises:
        InstanceError: the length is odd or too small, or the transfer syntax deflates or would need a codec.
    """
    if transfer_syntax_uid == DeflatedExplicitVRLittleEndian:
        raise InstanceError(
            "the length of a deflated data set cannot be chosen", hint="choose it in Explicit VR Little Endian"
        )
    smallest = len(_filled(instance, b"").encoded(transfer_syntax_uid))
    if target_bytes % 2 or target_bytes < smallest:
        raise InstanceError(
            f"target_bytes is {target_bytes}; {instance.label or 'the instance'} can have {smallest} or more, even",
            hint="start from tiny() for the smallest sizes",
        )
    return _filled(instance, seeded.octets(f"{instance.sop_instance_uid}/filler", target_bytes - smallest))


def large(identity: Identity, megabytes: int) -> Instance:
    """Return a multi-frame grayscale byte secondary capture of `megabytes` MiB of pixel data, one frame per MiB.

    Raises:
        InstanceError: the size is outside 1 to 2048 MiB.
    """
    if not 1 <= megabytes <= _MAX_MEGABYTES:
        raise InstanceError(
            f"megabytes is {megabytes}, outside 1 to {_MAX_MEGABYTES}", hint="several instances make more"
        )
    noise = memoryview(seeded.octets(f"{identity.sop_instance_uid}/large", _FRAME_BYTES))

    def edit(dataset: Dataset) -> None:
        dataset.Rows = dataset.Columns = _FRAME_EDGE
        dataset.NumberOfFrames = megabytes
        # Every frame is the same noise, begun elsewhere: no two are equal, and nothing is copied twice.
        starts = [frame * 509 % _FRAME_BYTES for frame in range(megabytes)]
        pieces = [piece for start in starts for piece in (noise[start:], noise[:start])]
        add(dataset, Tag("PixelData"), "OB", b"".join(pieces))

    small = catalogue.build("MultiFrameGrayscaleByteSecondaryCaptureImageStorage", identity, frames=1)
    return small.changed(label=f"{small.label}, {megabytes} MiB", edit=edit)


def tiny(identity: Identity) -> Instance:
    """Return the smallest data set that can still be found: its SOP class, patient, study, series and instance.

    It is not a valid IOD: its mandatory modules are missing.
    """
    dataset = Dataset()
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = identity.sop_instance_uid
    dataset.PatientID = identity.patient_id
    dataset.StudyInstanceUID = identity.study_instance_uid
    dataset.SeriesInstanceUID = identity.series_instance_uid
    return Instance(dataset=dataset, label="tiny SecondaryCaptureImageStorage")


def _filled(instance: Instance, filler: bytes) -> Instance:
    def edit(dataset: Dataset) -> None:
        block = dataset.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
        add(dataset, block.get_tag(_FILLER), "OB", filler)

    return instance.changed(label=f"{instance.label}, {len(filler)} bytes of filler", edit=edit)
