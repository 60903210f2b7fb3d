"""Enhanced RT image and enhanced continuous RT image (PS3.3 A.86.1.15, A.86.1.16): planes of a treatment device."""

from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedContinuousRTImageStorage, EnhancedRTImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite, item

# PS3.6 Table A-2, IEC 61217 Fixed Coordinate System Frame of Reference
_FIXED_SYSTEM: Final = "1.2.840.10008.1.4.3.1"


def enhanced_rt_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of planes of the chest with a group for each."""
    dataset = _rt_image(identity, size, EnhancedRTImageStorage)
    groups.stack_dimensions(dataset, identity)
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[groups.timed_frame_content(identity, position)],
            PlanePositionSequence=[groups.plane_position(position, slice_mm=slices.SLICE_MM)],
        )
        for position in range(1, size.frames + 1)
    ]
    return dataset


def enhanced_continuous_rt_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a run of one plane of the chest whose groups are said of its first frame, and shared."""
    dataset = _rt_image(identity, size, EnhancedContinuousRTImageStorage)
    content = groups.timed_frame_content(identity, 1)
    for keyword in ("StackID", "InStackPositionNumber", "DimensionIndexValues"):
        delattr(content, keyword)
    dataset.SharedFunctionalGroupsSequence[0].PlanePositionSequence = [
        groups.plane_position(1, slice_mm=slices.SLICE_MM)
    ]
    # The sparse kind of the module has groups of selected frames in place of groups of each.
    dataset.SelectedFrameFunctionalGroupsSequence = [
        item(SelectedFrameNumber=1, FrameContentSequence=[content]),
    ]
    return dataset


def _rt_image(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="RTIMAGE")
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    slices.enhanced_image(dataset, identity, size, "DERIVED", "PRIMARY", "VOLUME", "NONE")
    image.frame_of_reference(dataset, identity)
    _devices(dataset)
    # PS3.3 Table C.36.27-1
    dataset.UserContentLabel = "CONFORMANCE"
    dataset.UserContentLongLabel = "Conformance image"
    dataset.EntityLongLabel = "Conformance image"
    dataset.ContentDescription = "RT image of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.AuthorIdentificationSequence = []
    dataset.ExposureTimeInuS = None
    image.posture(dataset, code("102538003", "SCT", "recumbent"), modifier=code("40199007", "SCT", "supine"))
    dataset.PatientEquipmentRelationshipCodeSequence = [code("102540008", "SCT", "headfirst")]
    dataset.SharedFunctionalGroupsSequence = [_shared(dataset)]
    return dataset


def _devices(dataset: Dataset) -> None:
    # PS3.3 Table C.36.26-1: no device is described
    dataset.EquipmentFrameOfReferenceUID = _FIXED_SYSTEM
    dataset.NumberOfAcquisitionDevices = 0
    dataset.NumberOfPatientSupportDevices = 0
    dataset.NumberOfRTBeamLimitingDevices = 0
    dataset.NumberOfGeneralAccessories = 0
    dataset.BeamModifierCoordinatesPresenceFlag = "NO"


def _shared(dataset: Dataset) -> Dataset:
    return item(
        PixelMeasuresSequence=[groups.pixel_measures(spacing_mm=slices.SPACING_MM, slice_mm=slices.SLICE_MM)],
        PlaneOrientationSequence=[groups.axial_orientation()],
        FrameVOILUTSequence=[item(WindowCenter=32768, WindowWidth=65536)],
        RTImageFrameGeneralContentSequence=[item(FrameType=list(dataset.ImageType), RTImageScopeSequence=[item()])],
        RTImageFrameImagingDevicePositionSequence=[
            item(
                ImagingSourcePositionSequence=[_position()],
                ImageReceptorPositionSequence=[_position()],
            )
        ],
    )


def _position() -> Dataset:
    return item(
        DevicePositionToEquipmentMappingMatrix=np.eye(4).ravel().tolist(),
        DevicePositionParameterSequence=[],
    )
