"""Measurements of refraction (PS3.3 A.60): lensometry, refraction, keratometry, acuity, axial lengths, lenses."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite, content_date, item, reference, sop_class, uid_inside

_SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7.2"
_MEAN_VALUE: Final = ("121412", "DCM", "Mean value chosen")
_THIS_DEVICE: Final = ("111780", "DCM", "Measurement From This Device")


def lensometry(identity: Identity, _size: image.Size) -> Dataset:
    """Return the powers of a pair of spectacles."""
    dataset = _measurements(identity, "LensometryMeasurementsStorage", "LEN")
    # PS3.3 Table C.8.25.2-1
    dataset.LensDescription = "Synthetic spectacles"
    dataset.RightLensSequence = [_lens()]
    dataset.LeftLensSequence = [_lens()]
    return dataset


def autorefraction(identity: Identity, _size: image.Size) -> Dataset:
    """Return the refraction of both eyes, measured by a device."""
    dataset = _measurements(identity, "AutorefractionMeasurementsStorage", "AR")
    # PS3.3 Table C.8.25.3-1
    dataset.AutorefractionRightEyeSequence = [item(SpherePower=-1.25, CylinderSequence=[_cylinder()])]
    dataset.AutorefractionLeftEyeSequence = [item(SpherePower=-1.5, CylinderSequence=[_cylinder()])]
    return dataset


def keratometry(identity: Identity, _size: image.Size) -> Dataset:
    """Return the curvature of the right cornea."""
    dataset = _measurements(identity, "KeratometryMeasurementsStorage", "KER")
    dataset.MeasurementLaterality = "R"
    # PS3.3 Table C.8.25.4-1
    dataset.KeratometryRightEyeSequence = [
        item(SteepKeratometricAxisSequence=[_steep_axis()], FlatKeratometricAxisSequence=[_flat_axis()])
    ]
    return dataset


def subjective_refraction(identity: Identity, _size: image.Size) -> Dataset:
    """Return the refraction of both eyes as the patient found it."""
    dataset = _measurements(identity, "SubjectiveRefractionMeasurementsStorage", "SRF")
    # PS3.3 Table C.8.25.5-1
    dataset.SubjectiveRefractionRightEyeSequence = [_lens()]
    dataset.SubjectiveRefractionLeftEyeSequence = [_lens()]
    return dataset


def visual_acuity(identity: Identity, _size: image.Size) -> Dataset:
    """Return the acuity of both eyes without correction."""
    dataset = _measurements(identity, "VisualAcuityMeasurementsStorage", "VA")
    # PS3.3 Table C.8.25.6-1
    dataset.VisualAcuityTypeCodeSequence = [code("420050001", "SCT", "Uncorrected Visual Acuity")]
    dataset.ReferencedRefractiveMeasurementsSequence = []
    dataset.ViewingDistanceType = "DISTANCE"
    dataset.BackgroundColor = "WHITE"
    dataset.Optotype = "LETTERS"
    dataset.OptotypeDetailedDefinition = "Synthetic letters"
    dataset.OptotypePresentation = "MULTIPLE"
    dataset.VisualAcuityRightEyeSequence = [item(DecimalVisualAcuity=1.0)]
    dataset.VisualAcuityLeftEyeSequence = [item(DecimalVisualAcuity=0.8)]
    return dataset


def axial_measurements(identity: Identity, _size: image.Size) -> Dataset:
    """Return the length of the right eye, measured by light."""
    dataset = _measurements(identity, "OphthalmicAxialMeasurementsStorage", "OAM")
    dataset.MeasurementLaterality = "R"
    # PS3.3 Table C.8.25.14-1
    dataset.OphthalmicAxialMeasurementsDeviceType = "OPTICAL"
    total = item(
        OphthalmicAxialLength=23.5,
        OphthalmicAxialLengthMeasurementModified="NO",
        OpticalOphthalmicAxialLengthMeasurementsSequence=[
            item(OphthalmicAxialLengthDataSourceCodeSequence=[code(*_THIS_DEVICE)])
        ],
        ReferencedOphthalmicAxialLengthMeasurementQCImageSequence=[_quality_image(identity)],
    )
    quality = item(
        ConceptNameCodeSequence=[code("111786", "DCM", "Standard Deviation of measurements used")],
        NumericValue="0.02",
        MeasurementUnitsCodeSequence=[code("mm", "UCUM", "millimeter")],
    )
    selected = item(
        OphthalmicAxialLength=23.5,
        OphthalmicAxialLengthQualityMetricSequence=[quality],
        ReferencedOphthalmicAxialLengthMeasurementQCImageSequence=[_quality_image(identity)],
    )
    dataset.OphthalmicAxialMeasurementsRightEyeSequence = [
        item(
            PupilDilated="NO",
            LensStatusCodeSequence=[code("247049005", "SCT", "Crystalline lens")],
            VitreousStatusCodeSequence=[code("372242005", "SCT", "Vitreous Only")],
            OphthalmicAxialLengthMeasurementsSequence=[
                item(
                    OphthalmicAxialLengthMeasurementsType="TOTAL LENGTH",
                    OphthalmicAxialLengthMeasurementsTotalLengthSequence=[total],
                )
            ],
            OpticalSelectedOphthalmicAxialLengthSequence=[item(SelectedTotalOphthalmicAxialLengthSequence=[selected])],
        )
    ]
    return dataset


def lens_calculations(identity: Identity, _size: image.Size) -> Dataset:
    """Return the power of a lens to implant in the right eye, by one formula."""
    dataset = _measurements(identity, "IntraocularLensCalculationsStorage", "IOL")
    dataset.MeasurementLaterality = "R"
    # PS3.3 Table C.8.25.16-1
    length = item(
        OphthalmicAxialLength=23.5,
        OphthalmicAxialLengthSelectionMethodCodeSequence=[code(*_MEAN_VALUE)],
        SourceOfOphthalmicAxialLengthCodeSequence=[code(*_THIS_DEVICE)],
    )
    constant = item(ConceptNameCodeSequence=[code("397263007", "SCT", "A-Constant")], NumericValue="118.4")
    dataset.IntraocularLensCalculationsRightEyeSequence = [
        item(
            TargetRefraction=-0.5,
            RefractiveProcedureOccurred="NO",
            RefractiveStateSequence=[],
            KeratometerIndex=1.3359375,
            KeratometryMeasurementTypeCodeSequence=[code("111754", "DCM", "Auto Keratometry")],
            SteepKeratometricAxisSequence=[_steep_axis()],
            FlatKeratometricAxisSequence=[_flat_axis()],
            OphthalmicAxialLengthSequence=[length],
            IOLFormulaCodeSequence=[code("111764", "DCM", "Hoffer Q")],
            IOLManufacturer="PACS CONFORMANCE",
            ImplantName="Synthetic lens",
            LensConstantSequence=[constant],
            IOLPowerForExactEmmetropia=21.25,
            IOLPowerForExactTargetRefraction=22.0,
            IOLPowerSequence=[item(IOLPower=22.0, PredictedRefractiveError=-0.5, ImplantPartNumber="CONF-22")],
        )
    ]
    return dataset


def _measurements(identity: Identity, keyword: str, modality: str) -> Dataset:
    """Return a data set with the general ophthalmic refractive measurements module (PS3.3 Table C.8.25.1-1)."""
    dataset = composite(identity, sop_class_uid=sop_class(keyword), modality=modality)
    dataset.BodyPartExamined = "EYE"
    content_date(dataset, identity)
    dataset.MeasurementLaterality = "B"
    return dataset


def _lens() -> Dataset:
    # PS3.3 Tables C.8.25.2-1 and C.8.25.5-1
    prism = item(HorizontalPrismPower=0.5, HorizontalPrismBase="IN", VerticalPrismPower=0.25, VerticalPrismBase="UP")
    return item(
        SpherePower=-1.25,
        CylinderSequence=[_cylinder()],
        AddNearSequence=[item(AddPower=2.0)],
        PrismSequence=[prism],
    )


def _cylinder() -> Dataset:
    return item(CylinderPower=-0.75, CylinderAxis=90.0)


def _steep_axis() -> Dataset:
    return item(RadiusOfCurvature=7.6, KeratometricPower=44.4, KeratometricAxis=90.0)


def _flat_axis() -> Dataset:
    return item(RadiusOfCurvature=7.8, KeratometricPower=43.3, KeratometricAxis=0.0)


def _quality_image(identity: Identity) -> Dataset:
    return reference(_SECONDARY_CAPTURE, uid_inside(identity, 1), ReferencedFrameNumber="1")
