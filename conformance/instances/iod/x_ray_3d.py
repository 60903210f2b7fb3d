"""Volumes from X-ray projections: angiographic (PS3.3 A.53), craniofacial (A.54), breast tomosynthesis (A.55)."""

from pydicom.dataset import Dataset
from pydicom.uid import (
    BreastTomosynthesisImageStorage,
    XRay3DAngiographicImageStorage,
    XRay3DCraniofacialImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import functional_groups as groups
from conformance.instances.iod import image, slices
from conformance.instances.iod.common import code, composite


def x_ray_3d_angiographic(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial slices of the chest from a rotational run."""
    return _volume(identity, size, XRay3DAngiographicImageStorage, modality="XA", region=groups.chest())


def x_ray_3d_craniofacial(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of axial slices of the head from a cone beam scan."""
    return _volume(identity, size, XRay3DCraniofacialImageStorage, modality="DX", region=groups.head())


def breast_tomosynthesis(identity: Identity, size: image.Size) -> Dataset:
    """Return a stack of slices of the left breast, cranio-caudal."""
    dataset = _volume(identity, size, BreastTomosynthesisImageStorage, modality="MG", region=groups.breast())
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.FrameAnatomySequence[0].FrameLaterality = "L"
    # PS3.3 A.55: the frame type is each frame's own
    del shared.XRay3DFrameTypeSequence
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        frame.XRay3DFrameTypeSequence = [slices.frame_type(dataset)]
    shared.PixelValueTransformationSequence = [slices.identity_transformation()]
    cranio_caudal(dataset)
    return dataset


def cranio_caudal(dataset: Dataset) -> None:
    """Add the breast view module (PS3.3 Table C.8.21.6-1)."""
    view = code("399162004", "SCT", "cranio-caudal")
    view.ViewModifierCodeSequence = []
    dataset.ViewCodeSequence = [view]
    dataset.BreastImplantPresent = "NO"
    dataset.PartialView = "NO"


def _volume(identity: Identity, size: image.Size, sop_class_uid: str, *, modality: str, region: Dataset) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality=modality)
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    slices.stack(dataset, identity, size, "ORIGINAL", "PRIMARY", "VOLUME", "NONE", acquired=False)
    shared = slices.shared_groups(region)
    shared.XRay3DFrameTypeSequence = [slices.frame_type(dataset)]
    dataset.SharedFunctionalGroupsSequence = [shared]
    return dataset
