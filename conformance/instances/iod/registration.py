"""Relations of images: registration (PS3.3 A.39), fiducials (A.40), real world values (A.46), stereo pairs (A.43)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    add,
    code,
    composite,
    content_date,
    content_identification,
    floats,
    instance_references,
    item,
    reference,
    sop_class,
    uid_inside,
)

_CT_SERIES: Final = 1
_CT_IMAGE: Final = 2
_OTHER_FRAME_OF_REFERENCE: Final = 3
_OTHER_IMAGE: Final = 4
_IDENTITY_MATRIX: Final = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
_SHIFT_MATRIX: Final = (1, 0, 0, 12.5, 0, 1, 0, -3.25, 0, 0, 1, 40, 0, 0, 0, 1)
_GRID: Final = (4, 4, 2)


def spatial_registration(identity: Identity, _size: image.Size) -> Dataset:
    """Return a rigid registration of a CT image's frame of reference with this one's own."""
    dataset = composite(identity, sop_class_uid=sop_class("SpatialRegistrationStorage"), modality="REG")
    _identify(dataset, identity, "Rigid registration of a conformance test")
    image.frame_of_reference(dataset, identity)
    dataset.RegistrationSequence = [
        _registered(identity.frame_of_reference_uid, _IDENTITY_MATRIX),
        _registered(uid_inside(identity, _OTHER_FRAME_OF_REFERENCE), _SHIFT_MATRIX),
    ]
    dataset.RegistrationSequence[1].ReferencedImageSequence = [_ct_image(identity)]
    _refer_to_ct(dataset, identity)
    return dataset


def deformable_registration(identity: Identity, _size: image.Size) -> Dataset:
    """Return a registration that bends, on a grid of 4 x 4 x 2 vectors."""
    dataset = composite(identity, sop_class_uid=sop_class("DeformableSpatialRegistrationStorage"), modality="REG")
    _identify(dataset, identity, "Deformable registration of a conformance test")
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.20.3-1
    grid = item(
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        ImagePositionPatient=[-100, -100, 0],
        GridDimensions=list(_GRID),
        GridResolution=[50.0, 50.0, 50.0],
        VectorGridData=floats(_vectors()),
    )
    dataset.DeformableRegistrationSequence = [
        item(
            SourceFrameOfReferenceUID=uid_inside(identity, _OTHER_FRAME_OF_REFERENCE),
            ReferencedImageSequence=[_ct_image(identity)],
            RegistrationTypeCodeSequence=[_by_content()],
            DeformableRegistrationGridSequence=[grid],
            PreDeformationMatrixRegistrationSequence=[_matrix(_SHIFT_MATRIX)],
            PostDeformationMatrixRegistrationSequence=[_matrix(_IDENTITY_MATRIX)],
        )
    ]
    _refer_to_ct(dataset, identity)
    return dataset


def spatial_fiducials(identity: Identity, _size: image.Size) -> Dataset:
    """Return one fiducial point, in space and in the CT image that it lies on."""
    dataset = composite(identity, sop_class_uid=sop_class("SpatialFiducialsStorage"), modality="FID")
    _identify(dataset, identity, "Fiducials of a conformance test")
    # PS3.3 Table C.21.2-1
    fiducial = item(
        ShapeType="POINT",
        FiducialIdentifier="F1",
        FiducialDescription="A corner of the synthetic image",
        FiducialUID=uid_inside(identity, 5),
        NumberOfContourPoints=1,
        ContourData=[-100, -100, 5],
        GraphicCoordinatesDataSequence=[
            item(GraphicData=[1.0, 1.0], ReferencedImageSequence=[_ct_image(identity)]),
        ],
    )
    dataset.FiducialSetSequence = [
        item(
            FrameOfReferenceUID=identity.frame_of_reference_uid,
            ReferencedImageSequence=[_ct_image(identity)],
            FiducialSequence=[fiducial],
        )
    ]
    _refer_to_ct(dataset, identity)
    return dataset


def real_world_value_mapping(identity: Identity, _size: image.Size) -> Dataset:
    """Return the line that turns the stored values of a CT image into Hounsfield units."""
    dataset = composite(identity, sop_class_uid=sop_class("RealWorldValueMappingStorage"), modality="RWV")
    _identify(dataset, identity, "Real world values of a conformance test")
    # PS3.3 Table C.7.6.16-12b
    mapping = item(
        LUTExplanation="Stored value to Hounsfield unit",
        LUTLabel="HU",
        MeasurementUnitsCodeSequence=[code("[hnsf'U]", "UCUM", "Hounsfield unit")],
        RealWorldValueIntercept=-1024.0,
        RealWorldValueSlope=1.0,
    )
    add(mapping, 0x00409216, "US", 0)
    add(mapping, 0x00409211, "US", 4095)
    dataset.ReferencedImageRealWorldValueMappingSequence = [
        item(ReferencedImageSequence=[_ct_image(identity)], RealWorldValueMappingSequence=[mapping])
    ]
    _refer_to_ct(dataset, identity)
    return dataset


def stereometric_relationship(identity: Identity, _size: image.Size) -> Dataset:
    """Return a stereo pair of two ophthalmic photographs."""
    dataset = composite(identity, sop_class_uid=sop_class("StereometricRelationshipStorage"), modality="SMR")
    photograph = sop_class("OphthalmicPhotography8BitImageStorage")
    left = reference(photograph, uid_inside(identity, _CT_IMAGE))
    right = reference(photograph, uid_inside(identity, _OTHER_IMAGE))
    # PS3.3 Table C.8.18.2-1
    dataset.StereoPairsSequence = [
        item(
            LeftImageSequence=[left],
            RightImageSequence=[right],
            StereoBaselineAngle=6.5,
            StereoBaselineDisplacement=4.0,
        )
    ]
    instance_references(
        dataset,
        uid_inside(identity, _CT_SERIES),
        reference(photograph, uid_inside(identity, _CT_IMAGE)),
        reference(photograph, uid_inside(identity, _OTHER_IMAGE)),
    )
    return dataset


def _identify(dataset: Dataset, identity: Identity, description: str) -> None:
    content_date(dataset, identity)
    content_identification(dataset, description)


def _registered(frame_of_reference_uid: str, matrix: tuple[float, ...]) -> Dataset:
    # PS3.3 Table C.20.2-1
    return item(
        FrameOfReferenceUID=frame_of_reference_uid,
        MatrixRegistrationSequence=[
            item(RegistrationTypeCodeSequence=[_by_content()], MatrixSequence=[_matrix(matrix)]),
        ],
    )


def _matrix(values: tuple[float, ...]) -> Dataset:
    return item(
        FrameOfReferenceTransformationMatrixType="RIGID",
        FrameOfReferenceTransformationMatrix=list(values),
    )


def _by_content() -> Dataset:
    # CID 7100, RCS registration method types
    return code("125024", "DCM", "Image Content-based Alignment")


def _vectors() -> list[float]:
    columns, rows, planes = _GRID
    return [
        part
        for plane in range(planes)
        for row in range(rows)
        for column in range(columns)
        for part in (0.5 * column, -0.25 * row, 1.0 * plane)
    ]


def _ct_image(identity: Identity) -> Dataset:
    return reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))


def _refer_to_ct(dataset: Dataset, identity: Identity) -> None:
    instance_references(dataset, uid_inside(identity, _CT_SERIES), _ct_image(identity))
