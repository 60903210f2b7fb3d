"""Every instance of the catalogue holds what the mandatory modules of its IOD demand, in the judgement of the tables
that highdicom generates from PS3.3.

Only what is demanded without a condition is looked at: type 1 (with a value) and type 2 (PS3.5 section 7.4), in the
data set and in every item that is there. The tables list the functional groups of an IOD without their usage: of a
group that is there the content is looked at, and whether it has to be there is not.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import pytest
from highdicom._standard_utils import (
    get_iod_module_map,
    get_module_attribute_map,
    get_sop_class_iod_map,
)
from pydicom.dataset import Dataset
from pydicom.uid import UID

from conformance.instances import catalogue, variants
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.standard.sop_classes import Group, in_group

_PIXELS: Final = {"image-pixel", "floating-point-image-pixel", "double-floating-point-image-pixel"}
_FUNCTIONAL_GROUPS: Final = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")

# PS3.3 Table C.17.3-5 and its macros: the tables demand of every content item what each value type demands of its own.
_OF_VALUE_TYPES: Final = {
    "ConceptCodeSequence": {"CODE"},
    "ContinuityOfContent": {"CONTAINER"},
    "GraphicData": {"SCOORD", "SCOORD3D"},
    "GraphicType": {"SCOORD", "SCOORD3D"},
    "MeasuredValueSequence": {"NUM"},
    "ReferencedFrameOfReferenceUID": {"SCOORD3D"},
    "ReferencedSOPSequence": {"COMPOSITE", "IMAGE", "WAVEFORM"},
    "TabulatedValuesSequence": {"TABLE"},
    "TemporalRangeType": {"TCOORD"},
}

# What the tables demand and the standard does not, by SOP class and place, with the reason. None so far.
_ALLOWED: dict[str, dict[str, str]] = {}


def _modules(sop_class_uid: str, usages: str = "M") -> list[str]:
    iod = get_sop_class_iod_map()[sop_class_uid]
    return [module["key"] for module in get_iod_module_map()[iod] if module["usage"] in usages]


def _items(dataset: Dataset, path: Sequence[str]) -> Iterator[Dataset]:
    """Yield the data sets at the end of a path of sequences, all of those that are there."""
    if not path:
        yield dataset
        return
    for item in dataset.get(path[0]) or []:
        yield from _items(item, path[1:])


def _is_demanded(item: Dataset, keyword: str) -> bool:
    """Say whether this item must have the attribute: a content item has those of its value type."""
    if "ReferencedContentItemIdentifier" in item:
        return keyword == "RelationshipType"  # PS3.3 C.17.3.2.5: by-reference, in place of all else
    value_types = _OF_VALUE_TYPES.get(keyword)
    return value_types is None or "ValueType" not in item or item.ValueType in value_types


def _faults(instance: Instance) -> list[str]:
    """Return the places at which something is missing, as `Sequence.Keyword (type 1) of module`."""
    allowed = _ALLOWED.get(instance.label, {})
    faults = set()
    for module in _modules(instance.sop_class_uid):
        for attribute in get_module_attribute_map().get(module, []):  # one IOD names a module without a table
            path, keyword, kind = attribute["path"], attribute["keyword"], attribute["type"]
            if kind not in ("1", "2") or (len(path) == 1 and path[0] in _FUNCTIONAL_GROUPS):
                continue
            place = ".".join([*path, keyword])
            for item in _items(instance.dataset, path):
                is_there = keyword in item and (kind == "2" or not item[keyword].is_empty)
                if not is_there and _is_demanded(item, keyword) and place not in allowed:
                    faults.add(f"{place} (type {kind}) of {module}")
    return sorted(faults)


def _known() -> list[str]:
    known = get_sop_class_iod_map()
    return [keyword for keyword in catalogue.available() if _uid(keyword) in known]


def _uid(keyword: str) -> UID:
    return UID(catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new()).sop_class_uid)


@pytest.mark.parametrize("keyword", _known())
def test_the_mandatory_modules_are_whole(keyword: str) -> None:
    assert _faults(catalogue.build(keyword, IdentitySource(seed=7, scope=keyword).new())) == []


def test_every_class_of_images_can_be_made() -> None:
    with_pixels = {row.keyword for row in in_group(Group.STORAGE) if _PIXELS & set(_modules(row.uid, "MC"))}
    assert len(with_pixels) > 60
    assert with_pixels <= set(catalogue.available())


def test_an_absent_a_valueless_and_a_nested_absent_attribute_are_seen() -> None:
    ct = catalogue.build("CTImageStorage", IdentitySource(seed=7, scope="f").new())
    assert _faults(variants.without(ct, "KVP")) == ["KVP (type 2) of ct-image"]
    assert "Rows (type 1) of image-pixel" in _faults(variants.emptied(ct, "Rows"))
    assert _faults(variants.emptied(ct, "KVP")) == []
    enhanced = catalogue.build("EnhancedCTImageStorage", IdentitySource(seed=7, scope="f").new())

    def edit(dataset: Dataset) -> None:
        del dataset.SharedFunctionalGroupsSequence[0].CTImageFrameTypeSequence[0].FrameType

    assert any(
        fault.startswith("SharedFunctionalGroupsSequence.CTImageFrameTypeSequence.FrameType (type 1)")
        for fault in _faults(enhanced.changed(label="without FrameType", edit=edit))
    )
