"""Parametric map (PS3.3 A.75), of floating point pixels."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import composite, item

_HIGHEST: Final = 3.0


def parametric_map(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of slices of diffusion coefficients of the head, 32-bit floats from 0 to 3."""
    dataset = composite(identity, sop_class_uid=ParametricMapStorage, modality="MR")
    image.float_pixels(dataset, identity, size, highest=_HIGHEST)
    slices.stack(dataset, identity, size, "DERIVED", "PRIMARY", "VOLUME", "NONE", acquired=False)
    del dataset.VolumetricProperties
    del dataset.VolumeBasedCalculationTechnique
    # PS3.3 Tables C.8.32-2 and C.8.32-3
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Parametric map of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.RecognizableVisualFeatures = "NO"
    shared = slices.shared_groups(groups.head())
    shared.FrameVOILUTSequence = [item(WindowCenter=_HIGHEST / 2, WindowWidth=_HIGHEST)]
    shared.ParametricMapFrameTypeSequence = [item(FrameType=list(dataset.ImageType))]
    shared.PixelValueTransformationSequence = [slices.identity_transformation()]
    unit = slices.unit_of("10-3.mm2/s", "10^-3 mm^2/s")
    shared.RealWorldValueMappingSequence = [slices.real_world_values(unit, last=_HIGHEST)]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset
