"""MR Image IOD (PS3.3 A.4)."""

from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite


def mr_image(identity: Identity, size: image.Size) -> Dataset:
    """Return an axial spin echo slice of the head, 12 bits in 16."""
    dataset = composite(identity, sop_class_uid=MRImageStorage, modality="MR")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "OTHER")
    image.frame_of_reference(dataset, identity)
    image.image_plane(dataset, identity)
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    image.window(dataset, centre=1024, width=2048)
    # PS3.3 Table C.8-4
    dataset.ScanningSequence = "SE"
    dataset.SequenceVariant = "NONE"
    dataset.ScanOptions = ""
    dataset.MRAcquisitionType = "2D"
    dataset.RepetitionTime = 500
    dataset.EchoTime = 15
    dataset.EchoTrainLength = 1
    dataset.MagneticFieldStrength = 1.5
    dataset.EchoNumbers = 1
    dataset.FlipAngle = 90
    dataset.PatientPosition = "HFS"
    dataset.SequenceName = "*se2d1"
    return dataset
