"""What images of specimens share: the specimen module (PS3.3 C.7.6.22) and places on a slide (C.8.12.2)."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, item, uid_inside

# Far from the numbers that builders give to other things inside an instance.
_SPECIMEN: Final = 9001


def specimen(dataset: Dataset, identity: Identity) -> None:
    """Add the specimen module: one slide with one specimen, prepared in no recorded way."""
    dataset.ContainerIdentifier = "SLIDE 1"
    dataset.IssuerOfTheContainerIdentifierSequence = []
    dataset.ContainerTypeCodeSequence = [code("433466003", "SCT", "Microscope slide")]
    dataset.SpecimenDescriptionSequence = [
        item(
            SpecimenIdentifier="SPECIMEN 1",
            SpecimenUID=uid_inside(identity, _SPECIMEN),
            IssuerOfTheSpecimenIdentifierSequence=[],
            SpecimenPreparationSequence=[],
        )
    ]


def slide_frame_of_reference(dataset: Dataset, identity: Identity) -> None:
    """Add the frame of reference of a slide, whose origin is its corner (PS3.3 C.7.4.1.1.2)."""
    image.frame_of_reference(dataset, identity)
    dataset.PositionReferenceIndicator = "SLIDE_CORNER"


def slide_offset(*, x_mm: float, y_mm: float, z_um: float = 0) -> Dataset:
    """Return an item with a place on the slide: millimetres from its corner, micrometres above its surface."""
    return item(
        XOffsetInSlideCoordinateSystem=x_mm,
        YOffsetInSlideCoordinateSystem=y_mm,
        ZOffsetInSlideCoordinateSystem=z_um,
    )
