"""Messages of dicom-validator that say nothing against an instance, with the reason of each.

By SOP class or by module: a keyword, or the last two of a path, and what is said of it.
"""

from typing import Final

_NESTING: Final = "PS3.3 Table C.8.8.8-1 has it in each item; in the package it stands in the sequence before"
_NO_TABLE: Final = "the package has no functional groups of this IOD"
_NEWER: Final = "an edition after 2020b has it"
_ZERO: Final = "required if their number 'has a non-zero value': it is 0, and the condition is read for presence alone"
_CHANGED: Final = "PS3.3 C.36.2.2.5.1.1: of a later control point if it has changed, which no parser reads"
_SEVERAL_MODULES: Final = "it is of X-Ray Generation and of X-Ray Acquisition Dose: neither is seen to be there"
_VALUE_TYPE: Final = "PS3.3 Table C.17.3-5 includes it by Value Type: the package has includes without conditions"
_DEPTH: Final = "PS3.3 C.17.3.1: content items nest, and the package has the first level of them"
_ONE_GROUP: Final = "it is in one kind of functional group alone; no fault in either is taken for its presence in both"

_BEAM_LIMITING: Final = {
    "RTBeamLimitingDeviceDefinitionSequence TagMissing": _ZERO,
    "NumberOfRTBeamLimitingDeviceOpenings TagMissing": _ZERO,
}
_PEAK_VOLTAGE: Final = {"KVP TagUnexpected": _SEVERAL_MODULES}
_SURFACE_SCAN: Final = {"FrameOfReferenceUID TagUnexpected": _NEWER, "PositionReferenceIndicator TagUnexpected": _NEWER}
_CONVERTED: Final = {
    "UnassignedSharedConvertedAttributesSequence TagNotAllowed": _ONE_GROUP,
    "UnassignedPerFrameConvertedAttributesSequence TagNotAllowed": _ONE_GROUP,
}

BY_CLASS: Final[dict[str, dict[str, str]]] = {
    "AdvancedBlendingPresentationStateStorage": {"SoftcopyVOILUTSequence TagUnexpected": _NEWER},
    "CArmPhotonElectronRadiationStorage": {**_BEAM_LIMITING, "NumberOfWedgePositions TagMissing": _ZERO},
    "DigitalIntraOralXRayImageStorageForPresentation": _PEAK_VOLTAGE,
    "DigitalIntraOralXRayImageStorageForProcessing": _PEAK_VOLTAGE,
    "DigitalXRayImageStorageForPresentation": _PEAK_VOLTAGE,
    "DigitalXRayImageStorageForProcessing": _PEAK_VOLTAGE,
    "EnhancedMRColorImageStorage": {"Sequence TagUnexpected": _NO_TABLE},
    "LegacyConvertedEnhancedCTImageStorage": _CONVERTED,
    "LegacyConvertedEnhancedMRImageStorage": _CONVERTED,
    "LegacyConvertedEnhancedPETImageStorage": _CONVERTED,
    "OphthalmicOpticalCoherenceTomographyEnFaceImageStorage": {
        "ImageOrientationPatient TagUnexpected": _NEWER,
        "ImagePositionPatient TagUnexpected": _NEWER,
        "OphthalmicFrameLocationSequence TagUnexpected": _NEWER,
    },
    "RTStructureSetStorage": {
        "ROIInterpreter TagUnexpected": _NESTING,
        "RTROIInterpretedType TagUnexpected": _NESTING,
    },
    "RoboticArmRadiationStorage": {
        **_BEAM_LIMITING,
        "RTTreatmentSourceCoordinates TagMissing": _CHANGED,
        "RadiationSourceCoordinateSystemPitchAngle TagMissing": _CHANGED,
        "RadiationSourceCoordinateSystemRollAngle TagMissing": _CHANGED,
        "RadiationSourceCoordinateSystemYawAngle TagMissing": _CHANGED,
    },
    "SurfaceScanMeshStorage": _SURFACE_SCAN,
    "SurfaceScanPointCloudStorage": _SURFACE_SCAN,
    "TomotherapeuticRadiationStorage": _BEAM_LIMITING,
}
BY_MODULE: Final[dict[str, dict[str, str]]] = {
    "sr-document-content": {
        "ConceptCodeSequence TagMissing": _VALUE_TYPE,
        "ContentSequence/ContentSequence TagUnexpected": _DEPTH,
        "ContentSequence/ObservationDateTime TagUnexpected": _DEPTH,
        "ContinuityOfContent TagMissing": _VALUE_TYPE,
        "GraphicData TagMissing": _VALUE_TYPE,
        "GraphicType TagMissing": _VALUE_TYPE,
        "MeasuredValueSequence TagMissing": _VALUE_TYPE,
        "ReferencedDateTime TagMissing": _VALUE_TYPE,
        "ReferencedFrameOfReferenceUID TagMissing": _VALUE_TYPE,
        "ReferencedSOPSequence TagMissing": _VALUE_TYPE,
        "ReferencedTimeOffsets TagMissing": _VALUE_TYPE,
        "TemporalRangeType TagMissing": _VALUE_TYPE,
    },
}
