"""Projection radiography: CR (PS3.3 A.2), DX (A.26), mammography (A.27) and intra-oral (A.28)."""

from pydicom.dataset import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalIntraOralXRayImageStorageForPresentation,
    DigitalIntraOralXRayImageStorageForProcessing,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalMammographyXRayImageStorageForProcessing,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, item


def cr_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a chest radiograph from a storage phosphor plate, 10 bits in 16."""
    dataset = composite(identity, sop_class_uid=ComputedRadiographyImageStorage, modality="CR")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.patient_orientation(dataset, "L", "F")
    image.grey_pixels(dataset, identity, size, bits_stored=10)
    image.window(dataset, centre=512, width=1024)
    # PS3.3 Tables C.8-1 and C.8-2
    dataset.ViewPosition = "PA"
    dataset.KVP = 110
    dataset.PlateID = "PLATE 1"
    dataset.ImagerPixelSpacing = [0.2, 0.2]
    dataset.Exposure = 2
    dataset.CassetteSize = "35CMX43CM"
    return dataset


def dx_for_presentation(identity: Identity, size: image.Size) -> Dataset:
    """Return a digital chest radiograph for presentation."""
    dataset = _dx(identity, size, DigitalXRayImageStorageForPresentation, "FOR PRESENTATION")
    image.window(dataset, centre=2048, width=4096)
    return dataset


def dx_for_processing(identity: Identity, size: image.Size) -> Dataset:
    """Return a digital chest radiograph for processing."""
    return _dx(identity, size, DigitalXRayImageStorageForProcessing, "FOR PROCESSING")


def mg_for_presentation(identity: Identity, size: image.Size) -> Dataset:
    """Return a left cranio-caudal digital mammogram for presentation."""
    dataset = _mg(identity, size, DigitalMammographyXRayImageStorageForPresentation, "FOR PRESENTATION")
    image.window(dataset, centre=2048, width=4096)
    return dataset


def mg_for_processing(identity: Identity, size: image.Size) -> Dataset:
    """Return a left cranio-caudal digital mammogram for processing."""
    return _mg(identity, size, DigitalMammographyXRayImageStorageForProcessing, "FOR PROCESSING")


def intra_oral_for_presentation(identity: Identity, size: image.Size) -> Dataset:
    """Return an intra-oral radiograph of a lower right first molar for presentation."""
    dataset = _intra_oral(identity, size, DigitalIntraOralXRayImageStorageForPresentation, "FOR PRESENTATION")
    image.window(dataset, centre=2048, width=4096)
    return dataset


def intra_oral_for_processing(identity: Identity, size: image.Size) -> Dataset:
    """Return an intra-oral radiograph of a lower right first molar for processing."""
    return _intra_oral(identity, size, DigitalIntraOralXRayImageStorageForProcessing, "FOR PROCESSING")


def _mg(identity: Identity, size: image.Size, sop_class_uid: str, intent: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="MG")
    _digital_x_ray(dataset, identity, size, intent, left_right="L")
    image.patient_orientation(dataset, "A", "R")
    dataset.AnatomicRegionSequence = [code("76752008", "SCT", "Breast")]
    view = code("399162004", "SCT", "cranio-caudal")
    view.ViewModifierCodeSequence = []
    dataset.ViewCodeSequence = [view]
    # PS3.3 Table C.8-74
    dataset.PositionerType = "MAMMOGRAPHIC"
    dataset.PositionerPrimaryAngle = 0
    dataset.OrganExposed = "BREAST"
    dataset.BreastImplantPresent = "NO"
    dataset.CompressionForce = 90
    dataset.BodyPartThickness = 45
    dataset.PartialView = "NO"
    return dataset


def _intra_oral(identity: Identity, size: image.Size, sop_class_uid: str, intent: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="IO")
    _digital_x_ray(dataset, identity, size, intent, left_right="R")
    image.patient_orientation(dataset, "A", "F")
    # PS3.3 Table C.8-76 and PS3.16 CID 4018, 4019
    dataset.AnatomicRegionSequence = [code("661005", "SCT", "Jaw region")]
    dataset.PrimaryAnatomicStructureSequence = [code("245648009", "SCT", "Mandibular right first molar tooth")]
    dataset.PositionerType = "NONE"
    dataset.KVP = 70
    return dataset


def _dx(identity: Identity, size: image.Size, sop_class_uid: str, intent: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="DX")
    _digital_x_ray(dataset, identity, size, intent, left_right="U")
    image.patient_orientation(dataset, "L", "F")
    dataset.AnatomicRegionSequence = [code("51185008", "SCT", "Chest")]
    view = code("399348003", "SCT", "antero-posterior")
    view.ViewModifierCodeSequence = []
    dataset.ViewCodeSequence = [view]
    dataset.ViewPosition = "AP"
    dataset.KVP = 110
    # PS3.3 Table C.8-72
    dataset.PositionerType = "NONE"
    return dataset


def _digital_x_ray(dataset: Dataset, identity: Identity, size: image.Size, intent: str, *, left_right: str) -> None:
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "")
    image.grey_pixels(dataset, identity, size, bits_stored=12)
    # PS3.3 Table C.8-68, DX series
    dataset.PresentationIntentType = intent
    # PS3.3 Table C.8-69, DX anatomy imaged
    dataset.ImageLaterality = left_right
    # PS3.3 Table C.8-70, DX image
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.RescaleIntercept = "0"
    dataset.RescaleSlope = "1"
    dataset.RescaleType = "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    # PS3.3 Table C.8-71, DX detector
    dataset.DetectorType = "DIRECT"
    dataset.DetectorID = "DETECTOR 1"
    dataset.DetectorConfiguration = "AREA"
    dataset.ImagerPixelSpacing = [0.14, 0.14]
    dataset.DetectorElementSpacing = [0.14, 0.14]
    # PS3.3 C.7.6.14, acquisition context
    dataset.AcquisitionContextSequence = []
    dataset.RequestAttributesSequence = [item(ScheduledProcedureStepID="SPS1", RequestedProcedureID="RP1")]
