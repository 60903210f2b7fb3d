"""Copies of data sets, faulty values included.

`copy.deepcopy` checks every UID anew and warns of faulty ones; here a value is taken over as it is.
"""

from pydicom import config
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence


def deep_copy(dataset: Dataset) -> Dataset:
    """Return a copy that shares nothing changeable with `dataset`; large values of bytes are not copied."""
    copied = Dataset()
    for tag in sorted(dataset.keys()):  # a private creator before what it owns
        element = dataset.get_item(tag)
        copied[tag] = element if isinstance(element, RawDataElement) else _copied(element)
    is_implicit_vr, is_little_endian = dataset.original_encoding
    copied.set_original_encoding(is_implicit_vr, is_little_endian, dataset.original_character_set)
    copied.is_undefined_length_sequence_item = dataset.is_undefined_length_sequence_item
    return copied


def shallow_copy(dataset: Dataset) -> Dataset:
    """Return a data set of its own with the elements of `dataset`, which it shares: to be replaced, not changed."""
    copied = Dataset({tag: dataset.get_item(tag) for tag in dataset.keys()})  # noqa: SIM118 - iterating gives elements
    is_implicit_vr, is_little_endian = dataset.original_encoding
    copied.set_original_encoding(is_implicit_vr, is_little_endian, dataset.original_character_set)
    return copied


def _copied(element: DataElement) -> DataElement:
    value = element.value
    if isinstance(value, Sequence):
        value = Sequence([deep_copy(item) for item in value])
    elif isinstance(value, MultiValue):
        value = list(value)
    return DataElement(
        element.tag,
        element.VR,
        value,
        is_undefined_length=element.is_undefined_length,
        already_converted=not isinstance(value, list),
        validation_mode=config.IGNORE,
    )
