"""Functional groups of multi-frame images (PS3.3 C.7.6.16) and the dimension index (C.7.6.17)."""

from pydicom.datadict import dictionary_description
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod.common import add, code, item, uid_inside

_DIMENSION_ORGANIZATION = 1


def dimensions(dataset: Dataset, identity: Identity, *indices: tuple[str, str]) -> None:
    """Add the dimension module: one dimension for each pair of an attribute and its functional group, by keyword."""
    organization = uid_inside(identity, _DIMENSION_ORGANIZATION)
    dataset.DimensionOrganizationSequence = [item(DimensionOrganizationUID=organization)]
    dataset.DimensionIndexSequence = [_dimension_index(organization, *index) for index in indices]


def _dimension_index(organization: str, attribute: str, group: str) -> Dataset:
    tag = Tag(attribute)
    index = item(DimensionOrganizationUID=organization, DimensionDescriptionLabel=dictionary_description(tag))
    add(index, Tag("DimensionIndexPointer"), "AT", tag)
    add(index, Tag("FunctionalGroupPointer"), "AT", Tag(group))
    return index


def stack_dimensions(dataset: Dataset, identity: Identity) -> None:
    """Add the dimension module: one dimension, the position in the stack."""
    dimensions(dataset, identity, ("InStackPositionNumber", "FrameContentSequence"))


def frame_content(position: int) -> Dataset:
    """Return an item of the frame content macro (PS3.3 Table C.7.6.16-3) for a place in the one stack, from 1."""
    return item(StackID="1", InStackPositionNumber=position, DimensionIndexValues=position)


def timed_frame_content(identity: Identity, position: int) -> Dataset:
    """Return an item of the frame content macro with the acquisition times that an ORIGINAL frame must have."""
    content = frame_content(position)
    day = seeded.date(identity.study_instance_uid)
    moment = day + seeded.time(identity.study_instance_uid, plus_s=300 + position)
    content.FrameReferenceDateTime = moment
    content.FrameAcquisitionDateTime = moment
    content.FrameAcquisitionDuration = 500
    content.FrameAcquisitionNumber = 1
    return content


def plane_position(position: int, *, slice_mm: float) -> Dataset:
    """Return an item of the plane position macro (PS3.3 Table C.7.6.16-4) for a place in an axial stack, from 1."""
    return item(ImagePositionPatient=[-100, -100, (position - 1) * slice_mm])


def axial_orientation() -> Dataset:
    """Return an item of the plane orientation macro (PS3.3 Table C.7.6.16-5)."""
    return item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])


def pixel_measures(*, spacing_mm: float, slice_mm: float) -> Dataset:
    """Return an item of the pixel measures macro (PS3.3 Table C.7.6.16-2)."""
    return item(PixelSpacing=[spacing_mm, spacing_mm], SliceThickness=slice_mm, SpacingBetweenSlices=slice_mm)


def frame_anatomy(region: Dataset) -> Dataset:
    """Return an item of the frame anatomy macro (PS3.3 Table C.7.6.16-8) for a region in the middle of the body."""
    return item(AnatomicRegionSequence=[region], FrameLaterality="U")


def chest() -> Dataset:
    """Return the code of the chest."""
    return code("51185008", "SCT", "Chest")


def head() -> Dataset:
    """Return the code of the head."""
    return code("69536005", "SCT", "Head")


def breast() -> Dataset:
    """Return the code of the breast."""
    return code("76752008", "SCT", "Breast")


def skin() -> Dataset:
    """Return the code of the skin."""
    return code("39937001", "SCT", "Skin")
