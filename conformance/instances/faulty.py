"""Encoded data sets that break one rule of PS3.5, each a named function over a well-formed instance.

What comes out is bytes, since no `Dataset` could hold them; of even length, so that legal fragments can carry them.
"""

from collections.abc import Callable

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

from conformance.instances import seeded
from conformance.instances.instance import Instance
from conformance.instances.iod.common import item
from conformance.instances.variants import truncated, without

_GARBAGE_BYTES = 2048
_REQUEST_ATTRIBUTES = Tag("RequestAttributesSequence")
_SEQUENCE_DELIMITER_BYTES = 8
_TAG_BYTES = 4


def garbage(instance: Instance) -> bytes:
    """Noise in place of a data set; the first tag and length are all ones, which no data set begins with."""
    return b"\xff" * 8 + seeded.octets(f"{instance.sop_instance_uid}/garbage", _GARBAGE_BYTES)


def cut_in_a_header(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """The data set up to the tag of its pixel data, with neither length nor value after it (PS3.5 7.1)."""
    before = without(instance, "PixelData").encoded(transfer_syntax_uid)
    return instance.encoded(transfer_syntax_uid)[: len(before) + _TAG_BYTES]


def cut_in_a_value(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """The data set without the last quarter of its pixel data: the length runs past the end (PS3.5 7.1.1)."""
    missing = len(instance.dataset.PixelData) // 4
    return truncated(instance, transfer_syntax_uid, missing_bytes=missing + missing % 2)


def sequence_not_ended(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """The data set up to a sequence of undefined length that nothing delimits (PS3.5 7.5.2)."""

    def edit(dataset: Dataset) -> None:
        for tag in [tag for tag in dataset.keys() if tag >= _REQUEST_ATTRIBUTES]:  # noqa: SIM118 - no element is decoded
            del dataset[tag]
        sequence = DataElement(_REQUEST_ATTRIBUTES, "SQ", Sequence([item(RequestedProcedureID="RP1")]))
        sequence.is_undefined_length = True
        dataset[_REQUEST_ATTRIBUTES] = sequence

    whole = instance.changed(label=instance.label, edit=edit).encoded(transfer_syntax_uid)
    return whole[:-_SEQUENCE_DELIMITER_BYTES]


def one_element(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """SOP Instance UID and nothing else."""
    return _part(instance, transfer_syntax_uid, lambda tag: tag == Tag("SOPInstanceUID"))


def file_meta_in_front(instance: Instance, transfer_syntax_uid: str, *, named: str) -> bytes:
    """The data set behind a (0002,0010) Transfer Syntax UID, which belongs to files alone (PS3.5 7.1, PS3.10 7.1).

    Args:
        instance: The instance.
        transfer_syntax_uid: In which it is encoded.
        named: The transfer syntax that the element names.
    """
    return _with_element_in_front(instance, transfer_syntax_uid, DataElement(0x00020010, "UI", named))


def command_group_in_front(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """The data set behind a (0000,0000) group length, which belongs to command sets alone (PS3.5 7.1)."""
    return _with_element_in_front(instance, transfer_syntax_uid, DataElement(0x00000000, "UL", 0))


def unordered(instance: Instance, transfer_syntax_uid: str) -> bytes:
    """The data set with its patient module (group 0010) in front of group 0008 (PS3.5 7.1)."""
    patient = _part(instance, transfer_syntax_uid, lambda tag: tag.group == 0x0010)
    return patient + _part(instance, transfer_syntax_uid, lambda tag: tag.group != 0x0010)


def doubled(instance: Instance, transfer_syntax_uid: str, keyword: str, second: str) -> bytes:
    """The data set with one text element twice, the second time with another value (PS3.5 7.1)."""
    doubled_tag = Tag(keyword)
    head = _part(instance, transfer_syntax_uid, lambda tag: tag <= doubled_tag)
    again = _encoded(DataElement(doubled_tag, str(instance.dataset[doubled_tag].VR), second), transfer_syntax_uid)
    return head + again + _part(instance, transfer_syntax_uid, lambda tag: tag > doubled_tag)


def _part(instance: Instance, transfer_syntax_uid: str, keep: Callable[[BaseTag], bool]) -> bytes:
    def edit(dataset: Dataset) -> None:
        for tag in [tag for tag in dataset.keys() if not keep(tag)]:  # noqa: SIM118 - no element is decoded
            del dataset[tag]

    return instance.changed(label=instance.label, edit=edit).encoded(transfer_syntax_uid)


def _with_element_in_front(instance: Instance, transfer_syntax_uid: str, element: DataElement) -> bytes:
    return _encoded(element, transfer_syntax_uid) + instance.encoded(transfer_syntax_uid)


def _encoded(element: DataElement, transfer_syntax_uid: str) -> bytes:
    alone = Dataset()
    alone[element.tag] = element
    return Instance(dataset=alone).encoded(transfer_syntax_uid)
