"""Nuclear medicine (PS3.3 A.5) and positron emission tomography (A.21)."""

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
)

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import add, code, composite, item
from conformance.standard.sop_classes import storage_uid_by_keyword


def nm_image(identity: Identity, size: image.Size) -> Dataset:
    """Return a static planar study: one frame for each detector, one energy window."""
    return _static_planar(identity, size, NuclearMedicineImageStorage)


def nm_image_retired(identity: Identity, size: image.Size) -> Dataset:
    """Return the same study with the UID of the retired class (PS3.4 Table B.6-1), whose IOD PS3.3 defines no more."""
    return _static_planar(identity, size, storage_uid_by_keyword()["NuclearMedicineImageStorageRetired"])


def pet_image(identity: Identity, size: image.Size) -> Dataset:
    """Return one slice of a static, attenuation-corrected PET series in Bq/ml."""
    dataset = composite(identity, sop_class_uid=PositronEmissionTomographyImageStorage, modality="PT")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.frame_of_reference(dataset, identity)
    image.image_plane(dataset, identity, spacing_mm=4, thickness_mm=3)
    image.grey_pixels(dataset, identity, size, bits_stored=16, signed=True)
    image.window(dataset, centre=8000, width=16000)
    dataset.RescaleIntercept = 0
    dataset.RescaleSlope = 0.5
    # PS3.3 Table C.8-60, PET series
    dataset.Units = "BQML"
    dataset.CountsSource = "EMISSION"
    dataset.SeriesType = ["STATIC", "IMAGE"]
    dataset.NumberOfSlices = 16
    dataset.CorrectedImage = ["DECY", "ATTN", "SCAT"]
    dataset.RandomsCorrectionMethod = "DLYD"
    dataset.AttenuationCorrectionMethod = "CT"
    dataset.DecayCorrection = "START"
    dataset.CollimatorType = "NONE"
    # PS3.3 Table C.8-63, PET image
    dataset.FrameReferenceTime = 30000
    dataset.ActualFrameDuration = 60000
    dataset.ImageIndex = (identity.instance_number - 1) % 16 + 1
    dataset.DecayFactor = 1.05
    # PS3.3 Table C.8-61, PET isotope
    injected = seeded.date(identity.study_instance_uid) + "070000"
    dataset.RadiopharmaceuticalInformationSequence = [
        item(
            RadionuclideCodeSequence=[code("77004003", "SCT", "^18^Fluorine")],
            RadiopharmaceuticalStartDateTime=injected,
            RadiopharmaceuticalStartTime="070000",
            Radiopharmaceutical="Fluorodeoxyglucose F^18^",
            RadionuclideTotalDose=370000000,
            RadionuclideHalfLife=6586.2,
            RadionuclidePositronFraction=0.97,
        )
    ]
    dataset.PatientOrientationCodeSequence = [_supine()]
    dataset.PatientGantryRelationshipCodeSequence = [_head_first()]
    return dataset


def _static_planar(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality="NM")
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY", "STATIC", "EMISSION")
    image.patient_orientation(dataset)
    image.grey_pixels(dataset, identity, size, bits_stored=16)
    image.multi_frame(dataset, size, "EnergyWindowVector", "DetectorVector")
    dataset.PixelSpacing = [4.8, 4.8]
    dataset.BodyPartExamined = "CHEST"
    # PS3.3 Table C.8-9: one entry of each vector for each frame
    frames = size.frames
    _vector(dataset, "EnergyWindowVector", [1] * frames)
    _vector(dataset, "DetectorVector", list(range(1, frames + 1)))
    dataset.NumberOfEnergyWindows = 1
    dataset.NumberOfDetectors = frames
    dataset.CountsAccumulated = 100000
    dataset.ActualFrameDuration = 60000
    # PS3.3 Table C.8-10, isotope
    dataset.EnergyWindowInformationSequence = [
        item(
            EnergyWindowName="Tc99m",
            EnergyWindowRangeSequence=[item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)],
        )
    ]
    dataset.RadiopharmaceuticalInformationSequence = [
        item(
            RadionuclideCodeSequence=[code("72454003", "SCT", "Technetium Tc^99m^")],
            RadiopharmaceuticalStartTime="",
            Radiopharmaceutical="Sestamibi Tc99m",
        )
    ]
    # PS3.3 Table C.8-11, detector
    dataset.DetectorInformationSequence = [_detector() for _ in range(frames)]
    # PS3.3 C.8.4.8, patient orientation: erect or recumbent, and which way on the gantry
    dataset.PatientOrientationCodeSequence = [_supine()]
    dataset.PatientGantryRelationshipCodeSequence = [_head_first()]
    return dataset


def _vector(dataset: Dataset, keyword: str, values: list[int]) -> None:
    add(dataset, Tag(keyword), "US", values if len(values) > 1 else values[0])


def _detector() -> Dataset:
    return item(
        CollimatorType="PARA",
        FocalDistance=0,
        XFocusCenter=0,
        YFocusCenter=0,
        ImageOrientationPatient=[1, 0, 0, 0, 0, -1],
        ImagePositionPatient=[-200, -200, 200],
    )


def _supine() -> Dataset:
    orientation = code("102538003", "SCT", "recumbent")
    orientation.PatientOrientationModifierCodeSequence = [code("40199007", "SCT", "supine")]
    return orientation


def _head_first() -> Dataset:
    return code("102540008", "SCT", "headfirst")
