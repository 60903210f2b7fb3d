"""VL Photographic Image IOD (PS3.3 A.32.4)."""

from pydicom.dataset import Dataset
from pydicom.uid import VLPhotographicImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite


def vl_photograph(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour photograph of a hand."""
    dataset = composite(identity, sop_class_uid=VLPhotographicImageStorage, modality="XC")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.patient_orientation(dataset, "L", "F")
    image.colour_pixels(dataset, identity, size)
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.AcquisitionContextSequence = []
    dataset.AnatomicRegionSequence = [code("85562004", "SCT", "Hand")]
    dataset.ImageLaterality = "R"
    return dataset
