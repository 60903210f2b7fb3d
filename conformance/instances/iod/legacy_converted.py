"""Legacy converted enhanced CT, MR and PET (PS3.3 A.70 to A.72): single-frame images put into one multi-frame image."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    LegacyConvertedEnhancedMRImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import composite, item, reference, uid_inside

# groups.stack_dimensions takes number 1.
_FIRST_SOURCE: Final = 2


def converted_ct(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of CT slices of the chest, in Hounsfield units after rescaling."""
    dataset = composite(identity, sop_class_uid=LegacyConvertedEnhancedCTImageStorage, modality="CT")
    shared = _converted(dataset, identity, size, CTImageStorage, region=groups.chest())
    shared.CTImageFrameTypeSequence = [slices.frame_type(dataset)]
    shared.PixelValueTransformationSequence = [item(RescaleIntercept=-1024, RescaleSlope=1, RescaleType="HU")]
    return dataset


def converted_mr(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of MR slices of the head."""
    dataset = composite(identity, sop_class_uid=LegacyConvertedEnhancedMRImageStorage, modality="MR")
    shared = _converted(dataset, identity, size, MRImageStorage, region=groups.head())
    dataset.ComplexImageComponent = "MAGNITUDE"
    dataset.AcquisitionContrast = "UNKNOWN"
    frame_type = slices.frame_type(dataset)
    frame_type.ComplexImageComponent = dataset.ComplexImageComponent
    frame_type.AcquisitionContrast = dataset.AcquisitionContrast
    shared.MRImageFrameTypeSequence = [frame_type]
    shared.PixelValueTransformationSequence = [slices.identity_transformation()]
    return dataset


def converted_pet(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of PET slices of the chest."""
    dataset = composite(identity, sop_class_uid=LegacyConvertedEnhancedPETImageStorage, modality="PT")
    shared = _converted(dataset, identity, size, PositronEmissionTomographyImageStorage, region=groups.chest())
    shared.PETFrameTypeSequence = [slices.frame_type(dataset)]
    shared.PixelValueTransformationSequence = [slices.identity_transformation()]
    return dataset


def _converted(
    dataset: Dataset, identity: Identity, size: image.Size, source_class_uid: str, *, region: Dataset
) -> Dataset:
    """Add everything but the frame type and the transformation of values; return the shared groups."""
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    slices.stack(dataset, identity, size, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    shared = slices.shared_groups(region)
    # PS3.3 C.7.6.16.2.25: what has no place among the groups
    shared.UnassignedSharedConvertedAttributesSequence = [item(ProtocolName="CONFORMANCE")]
    dataset.SharedFunctionalGroupsSequence = [shared]
    for number, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        frame.UnassignedPerFrameConvertedAttributesSequence = [item(SliceLocation=number * slices.SLICE_MM)]
        frame.ConversionSourceAttributesSequence = [
            reference(source_class_uid, uid_inside(identity, _FIRST_SOURCE + number))
        ]
    return shared
