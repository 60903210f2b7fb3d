"""Instances without pixel data: that their content is what it says, beyond what a validator of IODs looks at."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.standard.sop_classes import Group, in_group
from tests.instances.reading import an_identity, read_back

REPORTS = [k for k in catalogue.available() if "SRStorage" in k or k.endswith("ReportStorage") or "ProcedureLog" in k]
WAVEFORMS = [k for k in catalogue.available() if k.endswith("WaveformStorage")]


def _made(keyword: str) -> Dataset:
    return read_back(catalogue.build(keyword, an_identity(keyword)))


def _content(item: Dataset) -> Iterator[Dataset]:
    for child in item.get("ContentSequence", []):
        yield child
        yield from _content(child)


@pytest.mark.parametrize("keyword", [row.keyword for row in in_group(Group.NON_PATIENT)])
def test_an_object_of_no_patient_names_none(keyword: str) -> None:
    dataset = _made(keyword)
    assert not dataset.group_dataset(0x0010)
    assert "StudyInstanceUID" not in dataset
    assert "SeriesInstanceUID" not in dataset


@pytest.mark.parametrize("keyword", REPORTS)
def test_every_instance_in_a_report_is_in_its_evidence(keyword: str) -> None:
    dataset = _made(keyword)
    referenced = {
        reference.ReferencedSOPInstanceUID
        for item in _content(dataset)
        for reference in item.get("ReferencedSOPSequence", [])
    }
    evidence = {
        reference.ReferencedSOPInstanceUID
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence", [])
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }
    assert referenced == evidence


@pytest.mark.parametrize("keyword", REPORTS)
def test_a_report_is_about_something(keyword: str) -> None:
    dataset = _made(keyword)
    assert dataset.ValueType == "CONTAINER"
    items = list(_content(dataset))
    assert len(items) >= 2
    assert all(item.RelationshipType and item.ValueType for item in items)


def test_the_entries_of_a_procedure_log_are_in_the_order_of_their_times() -> None:
    times = [i.ObservationDateTime for i in _made("ProcedureLogStorage").ContentSequence if "ObservationDateTime" in i]
    assert len(times) == 2
    assert times == sorted(times)


@pytest.mark.parametrize("keyword", WAVEFORMS)
def test_a_waveform_has_as_many_samples_as_it_says(keyword: str) -> None:
    group = _made(keyword).WaveformSequence[0]
    assert len(group.ChannelDefinitionSequence) == group.NumberOfWaveformChannels
    samples = group.NumberOfWaveformChannels * group.NumberOfWaveformSamples
    assert len(group.WaveformData) == samples * group.WaveformBitsAllocated // 8
    assert len(set(group.WaveformData)) > 8


def test_the_stl_model_is_whole_and_closed() -> None:
    dataset = _made("EncapsulatedSTLStorage")
    model = dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength]
    (facets,) = struct.unpack("<I", model[80:84])
    assert len(model) == 84 + 50 * facets
    edges: set[tuple[Any, Any]] = set()
    for number in range(facets):
        numbers = struct.unpack("<12f", model[84 + 50 * number :][:48])
        corners = [numbers[at : at + 3] for at in (3, 6, 9)]
        edges |= {(corners[at], corners[(at + 1) % 3]) for at in range(3)}
    assert len(edges) == 3 * facets
    assert all((end, start) in edges for start, end in edges)


def test_the_obj_model_uses_the_material_that_it_refers_to() -> None:
    dataset = _made("EncapsulatedOBJStorage")
    lines = dataset.EncapsulatedDocument.rstrip(b"\0").decode("ascii").splitlines()
    (reference,) = dataset.ReferencedInstanceSequence
    assert f"mtllib {reference.RelativeURIReferenceWithinEncapsulatedDocument}" in lines
    assert [line.split()[0] for line in lines].count("f") == 4
    material = _made("EncapsulatedMTLStorage").EncapsulatedDocument.decode("ascii")
    assert next(line for line in lines if line.startswith("usemtl")).removeprefix("usemtl ") in material


def test_a_mesh_names_only_points_that_it_has() -> None:
    (surface,) = _made("SurfaceSegmentationStorage").SurfaceSequence
    points = surface.SurfacePointsSequence[0]
    assert len(points.PointCoordinatesData) == 12 * points.NumberOfSurfacePoints
    triangles = surface.SurfaceMeshPrimitivesSequence[0].LongTrianglePointIndexList
    indices = struct.unpack(f"<{len(triangles) // 4}I", triangles)
    assert set(indices) == set(range(1, points.NumberOfSurfacePoints + 1))


@pytest.mark.parametrize("keyword", ["ColorPaletteStorage", "PseudoColorSoftcopyPresentationStateStorage"])
def test_a_palette_has_as_many_entries_as_it_says(keyword: str) -> None:
    dataset = _made(keyword)
    for colour in ("Red", "Green", "Blue"):
        entries, _first, bits = dataset[f"{colour}PaletteColorLookupTableDescriptor"].value
        assert len(dataset[f"{colour}PaletteColorLookupTableData"].value) == entries * bits // 8
