"""The same compressed frames in another encapsulation (PS3.5 A.4): offset tables, fragments, padding."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.tag import Tag

from conformance.instances.codecs.native import frame_count
from conformance.instances.codecs.result import recoded
from conformance.instances.errors import InstanceError
from conformance.instances.instance import Instance
from conformance.instances.iod.common import add


def without_offsets(instance: Instance) -> Instance:
    """Return the instance with an empty Basic Offset Table, a fragment for each frame.

    Raises:
        InstanceError: its pixel data is not encapsulated.
    """
    return _again(instance, encapsulate(_streams(instance), has_bot=False), "empty Basic Offset Table")


def with_offsets(instance: Instance) -> Instance:
    """Return the instance with a filled Basic Offset Table, a fragment for each frame.

    Raises:
        InstanceError: its pixel data is not encapsulated.
    """
    return _again(instance, encapsulate(_streams(instance)), "filled Basic Offset Table")


def with_extended_offsets(instance: Instance) -> Instance:
    """Return the instance with an Extended Offset Table and an empty basic one (PS3.3 C.7.6.3.1.8).

    Raises:
        InstanceError: its pixel data is not encapsulated.
    """
    data, offsets, lengths = encapsulate_extended(_streams(instance))
    changed = _again(instance, data, "Extended Offset Table")

    def edit(dataset: Dataset) -> None:
        add(dataset, Tag("ExtendedOffsetTable"), "OV", offsets)
        add(dataset, Tag("ExtendedOffsetTableLengths"), "OV", lengths)

    return recoded(changed, changed.transfer_syntax_uid, label=changed.label, edit=edit)


def split(instance: Instance, fragments: int, *, offsets: bool = True) -> Instance:
    """Return the instance with each frame cut into several fragments, all of even length.

    Args:
        instance: one whose transfer syntax lets a frame span fragments.
        fragments: how many for each frame.
        offsets: fill the Basic Offset Table; without it the frames can only be told apart by their streams.

    Raises:
        InstanceError: its pixel data is not encapsulated.
    """
    data = encapsulate(_streams(instance), fragments_per_frame=fragments, has_bot=offsets)
    table = "filled" if offsets else "empty"
    return _again(instance, data, f"{fragments} fragments a frame, {table} Basic Offset Table")


def _streams(instance: Instance) -> list[bytes]:
    if not instance.is_encapsulated or "PixelData" not in instance.dataset:
        raise InstanceError(
            f"{instance.label or 'instance'} has no encapsulated pixel data", hint="compress its pixel data first"
        )
    return list(generate_frames(instance.dataset.PixelData, number_of_frames=frame_count(instance.dataset)))


def _again(instance: Instance, data: bytes, how: str) -> Instance:
    def edit(dataset: Dataset) -> None:
        add(dataset, Tag("PixelData"), "OB", data)
        dataset["PixelData"].is_undefined_length = True

    return recoded(instance, instance.transfer_syntax_uid, label=f"{instance.label}, {how}", edit=edit)
