"""Encapsulated PDF (PS3.3 A.45.1) and Raw Data (A.37)."""

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage, RawDataStorage

from conformance.instances import pixels, seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import PRIVATE_CREATOR, PRIVATE_GROUP, code, composite


def encapsulated_pdf(identity: Identity, _size: image.Size) -> Dataset:
    """Return a PDF document of one page that names its instance."""
    dataset = composite(identity, sop_class_uid=EncapsulatedPDFStorage, modality="DOC")
    document = one_page_pdf(f"Synthetic document {identity.sop_instance_uid}")
    # PS3.3 Tables C.24-1 and C.24-2; SC equipment: Table C.8-24
    dataset.ConversionType = "WSD"
    dataset.ContentDate = seeded.date(identity.study_instance_uid)
    dataset.ContentTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.AcquisitionDateTime = dataset.ContentDate + dataset.ContentTime
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = "Conformance test document"
    dataset.ConceptNameCodeSequence = [code("11528-7", "LN", "Radiology Report")]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(document)
    dataset.EncapsulatedDocument = pixels.even(document)
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
