"""Surfaces: segmentation (PS3.3 A.57), scans as mesh and as points (A.70, A.71); and tracts of fibres (A.78)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    algorithm,
    code,
    composite,
    content_date,
    content_identification,
    date_time,
    floats,
    instance_references,
    item,
    reference,
    shorts,
    sop_class,
    uid_inside,
    words,
)

_SOURCE_SERIES: Final = 1
_SOURCE_IMAGE: Final = 2
# A tetrahedron: corners in millimetres, and facets by corner, counted from 1 (PS3.3 C.27.4.1).
_CORNERS: Final = (0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10)
_FACETS: Final = (1, 3, 2, 1, 2, 4, 1, 4, 3, 2, 3, 4)
# Red in the CIELab space, scaled to 16 bits (PS3.3 C.10.7.1.1)
_CIELAB_RED: Final = (34885, 53485, 50171)


def surface_segmentation(identity: Identity, _size: image.Size) -> Dataset:
    """Return one organ of a CT image, bounded by a tetrahedron."""
    dataset = composite(identity, sop_class_uid=sop_class("SurfaceSegmentationStorage"), modality="SEG")
    content_date(dataset, identity)
    content_identification(dataset, "Surface of a conformance test")
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.8.23-1
    referenced = item(
        ReferencedSurfaceNumber=1,
        SegmentSurfaceGenerationAlgorithmIdentificationSequence=[
            algorithm("By hand", family=code("123109", "DCM", "Manual Processing"))
        ],
        SegmentSurfaceSourceInstanceSequence=[reference(CTImageStorage, uid_inside(identity, _SOURCE_IMAGE))],
    )
    dataset.SegmentSequence = [
        item(
            SegmentNumber=1,
            SegmentLabel="HEART",
            SegmentAlgorithmType="MANUAL",
            SegmentedPropertyCategoryCodeSequence=[code("123037004", "SCT", "Anatomical Structure")],
            SegmentedPropertyTypeCodeSequence=[code("80891009", "SCT", "Heart")],
            SurfaceCount=1,
            ReferencedSurfaceSequence=[referenced],
        )
    ]
    _mesh(dataset)
    instance_references(
        dataset,
        uid_inside(identity, _SOURCE_SERIES),
        reference(CTImageStorage, uid_inside(identity, _SOURCE_IMAGE)),
    )
    return dataset


def surface_scan_mesh(identity: Identity, _size: image.Size) -> Dataset:
    """Return an optical scan as a tetrahedron."""
    dataset = composite(identity, sop_class_uid=sop_class("SurfaceScanMeshStorage"), modality="OSS")
    _scan(dataset, identity)
    _mesh(dataset)
    return dataset


def surface_scan_point_cloud(identity: Identity, _size: image.Size) -> Dataset:
    """Return an optical scan as four points."""
    dataset = composite(identity, sop_class_uid=sop_class("SurfaceScanPointCloudStorage"), modality="OSS")
    _scan(dataset, identity)
    # PS3.3 Table C.31-1
    dataset.SurfacePointsSequence = [_points()]
    return dataset


def tractography_results(identity: Identity, _size: image.Size) -> Dataset:
    """Return one track of four points, computed from an MR image."""
    dataset = composite(identity, sop_class_uid=sop_class("TractographyResultsStorage"), modality="MR")
    content_date(dataset, identity)
    content_identification(dataset, "Tracks of a conformance test")
    image.frame_of_reference(dataset, identity)
    source = uid_inside(identity, _SOURCE_IMAGE)
    dataset.ReferencedInstanceSequence = [reference(MRImageStorage, source)]
    # PS3.3 Table C.8.33-2; CIDs 7710, 7261 and 7262
    track = item(
        PointCoordinatesData=floats(_CORNERS),
        RecommendedDisplayCIELabValueList=shorts(_CIELAB_RED * (len(_CORNERS) // 3)),
    )
    dataset.TrackSetSequence = [
        item(
            TrackSetNumber=1,
            TrackSetLabel="Conformance track",
            TrackSetAnatomicalTypeCodeSequence=[code("70215001", "SCT", "genu of corpus callosum")],
            TrackSequence=[track],
            DiffusionAcquisitionCodeSequence=[code("113223", "DCM", "DTI")],
            DiffusionModelCodeSequence=[code("113231", "DCM", "Single Tensor")],
            TrackingAlgorithmIdentificationSequence=[
                algorithm("Straight ahead", family=code("113211", "DCM", "Deterministic"))
            ],
        )
    ]
    instance_references(dataset, uid_inside(identity, _SOURCE_SERIES), reference(MRImageStorage, source))
    return dataset


def mesh_surface() -> Dataset:
    """Return a tetrahedron as an item of Surface Sequence (PS3.3 Table C.27-1)."""
    primitives = item(
        LongVertexPointIndexList=None,
        LongEdgePointIndexList=None,
        LongTrianglePointIndexList=words(_FACETS),
        TriangleStripSequence=[],
        TriangleFanSequence=[],
        LineSequence=[],
        FacetSequence=[],
    )
    return item(
        SurfaceNumber=1,
        SurfaceProcessing="NO",
        RecommendedDisplayGrayscaleValue=32768,
        RecommendedDisplayCIELabValue=list(_CIELAB_RED),
        RecommendedPresentationOpacity=1.0,
        RecommendedPresentationType="SURFACE",
        FiniteVolume="YES",
        Manifold="YES",
        SurfacePointsSequence=[_points()],
        SurfacePointsNormalsSequence=[],
        SurfaceMeshPrimitivesSequence=[primitives],
    )


def _mesh(dataset: Dataset) -> None:
    dataset.NumberOfSurfaces = 1
    dataset.SurfaceSequence = [mesh_surface()]


def _points() -> Dataset:
    return item(NumberOfSurfacePoints=len(_CORNERS) // 3, PointCoordinatesData=floats(_CORNERS))


def _scan(dataset: Dataset, identity: Identity) -> None:
    """Add the modules optical surface scanner series, frame of reference and scan procedure (PS3.3 C.30, C.31)."""
    image.frame_of_reference(dataset, identity)
    dataset.ReferencedSurfaceDataSequence = []
    dataset.AcquisitionDateTime = date_time(identity)
    dataset.AcquisitionNumber = "1"
    dataset.InstanceNumber = str(identity.instance_number)
    dataset.ShotDurationTime = 0.5
    dataset.SurfaceScanAcquisitionTypeCodeSequence = [code("114203", "DCM", "Laser scanning")]
    dataset.SurfaceScanModeCodeSequence = []
