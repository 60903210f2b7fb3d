"""Encapsulated documents (PS3.3 A.45 and A.85): PDF, CDA, STL, OBJ, MTL; and Raw Data (A.37)."""

import struct
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage, RawDataStorage

from conformance.instances import pixels, seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import icc, image
from conformance.instances.iod.common import (
    PRIVATE_CREATOR,
    PRIVATE_GROUP,
    code,
    composite,
    content_date,
    date_time,
    instance_references,
    reference,
    sop_class,
    uid_inside,
)

# Corners and facets of a tetrahedron, in millimetres; a right-handed facet looks outwards.
_CORNERS: Final = ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (0.0, 10.0, 0.0), (0.0, 0.0, 10.0))
_FACETS: Final = ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3))
_MODEL_SERIES: Final = 1
_MODEL: Final = 2


def encapsulated_pdf(identity: Identity, _size: image.Size) -> Dataset:
    """Return a PDF document of one page that names its instance."""
    dataset = composite(identity, sop_class_uid=EncapsulatedPDFStorage, modality="DOC")
    document = one_page_pdf(f"Synthetic document {identity.sop_instance_uid}")
    _encapsulate(dataset, identity, document, "application/pdf")
    # SC equipment: PS3.3 Table C.8-24
    dataset.ConversionType = "WSD"
    dataset.ConceptNameCodeSequence = [code("11528-7", "LN", "Radiology Report")]
    return dataset


def encapsulated_cda(identity: Identity, _size: image.Size) -> Dataset:
    """Return a CDA document of one paragraph."""
    dataset = composite(identity, sop_class_uid=sop_class("EncapsulatedCDAStorage"), modality="DOC")
    _encapsulate(dataset, identity, _clinical_document(identity), "text/XML")
    dataset.ConversionType = "WSD"
    dataset.ConceptNameCodeSequence = [code("11528-7", "LN", "Radiology Report")]
    # PS3.3 C.24.2: root and extension of the id of the CDA document
    dataset.HL7InstanceIdentifier = f"{uid_inside(identity, 1)}^1"
    return dataset


def encapsulated_stl(identity: Identity, _size: image.Size) -> Dataset:
    """Return a tetrahedron as a binary STL model."""
    dataset = composite(identity, sop_class_uid=sop_class("EncapsulatedSTLStorage"), modality="M3D")
    _encapsulate(dataset, identity, _stl(), "model/stl")
    _model(dataset, identity)
    return dataset


def encapsulated_obj(identity: Identity, _size: image.Size) -> Dataset:
    """Return a tetrahedron as an OBJ model, whose material is in another instance."""
    dataset = composite(identity, sop_class_uid=sop_class("EncapsulatedOBJStorage"), modality="M3D")
    _encapsulate(dataset, identity, _obj(), "model/obj")
    _model(dataset, identity)
    dataset.ICCProfile = icc.input_profile()
    material = reference(
        sop_class("EncapsulatedMTLStorage"),
        uid_inside(identity, _MODEL),
        RelativeURIReferenceWithinEncapsulatedDocument="conformance.mtl",
    )
    dataset.ReferencedInstanceSequence = [material]
    instance_references(
        dataset,
        uid_inside(identity, _MODEL_SERIES),
        reference(sop_class("EncapsulatedMTLStorage"), uid_inside(identity, _MODEL)),
    )
    return dataset


def encapsulated_mtl(identity: Identity, _size: image.Size) -> Dataset:
    """Return a material library of one material."""
    dataset = composite(identity, sop_class_uid=sop_class("EncapsulatedMTLStorage"), modality="M3D")
    material = b"newmtl bone\nKa 0.8 0.8 0.7\nKd 0.9 0.9 0.8\nillum 1\n"
    _encapsulate(dataset, identity, material, "model/mtl")
    # PS3.3 Table C.35-1
    dataset.MeasurementUnitsCodeSequence = [code("mm", "UCUM", "millimeter")]
    dataset.ICCProfile = icc.input_profile()
    return dataset


def raw_data(identity: Identity, _size: image.Size) -> Dataset:
    """Return raw data: 4 KiB that mean something to their maker alone, in a private element."""
    dataset = composite(identity, sop_class_uid=RawDataStorage, modality="MR")
    image.frame_of_reference(dataset, identity)
    # PS3.3 Table C.19-1
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.AcquisitionContextSequence = []
    dataset.CreatorVersionUID = identity.sop_instance_uid.rpartition(".")[0]
    dataset.ImageLaterality = "U"
    block = dataset.private_block(PRIVATE_GROUP, PRIVATE_CREATOR)
    block.add_new(0x10, "OB", seeded.octets(identity.sop_instance_uid + "/raw", 4096))
    return dataset


def one_page_pdf(text: str) -> bytes:
    """Return a PDF 1.4 file of one page with a line of text (ASCII, no parentheses), cross-reference table included."""
    content = f"BT /F1 12 Tf 36 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font 6 0 R >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /F1 5 0 R >>",
    ]
    pdf = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    return pdf + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(pdf))


def _encapsulate(dataset: Dataset, identity: Identity, document: bytes, media_type: str) -> None:
    """Add the encapsulated document module (PS3.3 Table C.24-2)."""
    content_date(dataset, identity)
    dataset.AcquisitionDateTime = date_time(identity)
    dataset.BurnedInAnnotation = "YES" if dataset.Modality == "DOC" else "NO"
    dataset.ConceptNameCodeSequence = []
    dataset.DocumentTitle = "Conformance test document"
    dataset.MIMETypeOfEncapsulatedDocument = media_type
    dataset.EncapsulatedDocumentLength = len(document)
    dataset.EncapsulatedDocument = pixels.even(document)


def _model(dataset: Dataset, identity: Identity) -> None:
    """Add the modules frame of reference and manufacturing 3D model (PS3.3 Table C.35-1)."""
    image.frame_of_reference(dataset, identity)
    dataset.MeasurementUnitsCodeSequence = [code("mm", "UCUM", "millimeter")]
    dataset.ModelModification = "NO"
    dataset.ModelMirroring = "NO"


def _clinical_document(identity: Identity) -> bytes:
    """Return an HL7 CDA document, release 2, that names its instance and its synthetic patient."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3">'
        '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f'<id root="{uid_inside(identity, 1)}" extension="1"/>'
        '<code code="11528-7" codeSystem="2.16.840.1.113883.6.1"/>'
        f'<effectiveTime value="{seeded.date(identity.study_instance_uid)}"/>'
        '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>'
        f'<recordTarget><patientRole><id root="{uid_inside(identity, 2)}" extension="{identity.patient_id}"/>'
        "</patientRole></recordTarget>"
        "<component><nonXMLBody><text>Synthetic document of a conformance test.</text></nonXMLBody></component>"
        "</ClinicalDocument>\n"
    ).encode()


def _stl() -> bytes:
    """Return a binary STL file: 80 bytes of text, the number of facets, and for each its normal and corners."""
    facets = b""
    for corners in _FACETS:
        first, second, third = (_CORNERS[corner] for corner in corners)
        normal = _cross(_minus(second, first), _minus(third, first))
        length = sum(part * part for part in normal) ** 0.5
        facets += struct.pack("<3f", *(part / length for part in normal))
        facets += struct.pack("<9fH", *first, *second, *third, 0)
    return b"Synthetic model of a conformance test".ljust(80) + struct.pack("<I", len(_FACETS)) + facets


def _obj() -> bytes:
    lines = ["mtllib conformance.mtl"]
    lines += ["v {} {} {}".format(*corner) for corner in _CORNERS]
    lines += ["usemtl bone"]
    lines += ["f {} {} {}".format(*(corner + 1 for corner in corners)) for corners in _FACETS]
    return ("\n".join(lines) + "\n").encode("ascii")


def _minus(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2])


def _cross(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )
