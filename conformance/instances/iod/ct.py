"""CT Image IOD (PS3.3 A.3)."""

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite


def ct_image(identity: Identity, size: image.Size) -> Dataset:
    """Return an axial CT slice, 12 bits in 16, in Hounsfield units after rescaling."""
    dataset = composite(identity, sop_class_uid=CTImageStorage, modality="CT")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "AXIAL")
    image.frame_of_reference(dataset, identity)
    image.image_plane(dataset, identity)
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    image.window(dataset, centre=40, width=400)
    image.rescale(dataset, intercept=-1024, slope=1, unit="HU")
    # PS3.3 Table C.8-3
    dataset.PatientPosition = "HFS"
    dataset.KVP = 120
    dataset.ScanOptions = "HELICAL MODE"
    dataset.DataCollectionDiameter = 500
    dataset.ReconstructionDiameter = 350
    dataset.GantryDetectorTilt = 0
    dataset.XRayTubeCurrent = 200
    dataset.ExposureTime = 500
    dataset.Exposure = 100
    dataset.ConvolutionKernel = "B30F"
    return dataset
