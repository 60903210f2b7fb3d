"""One Secondary Capture so rich in content that whatever an archive loses or changes is seen by comparing."""

from itertools import pairwise
from typing import Final

from pydicom.dataelem import DataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from conformance.instances import catalogue, seeded
from conformance.instances.identity import Identity
from conformance.instances.instance import Instance
from conformance.instances.iod.common import add, code, item

_GROUP: Final = 0x0099
_OTHER_GROUP: Final = 0x0011
_LONG_TEXT: Final = "   three leading spaces, then\r\na second line\r\n" + "text that goes on and on, " * 60 + "end"

# A value of each VR for private elements; the number of the element follows from the place in the list.
_VALUES: Final[tuple[tuple[str, object], ...]] = (
    ("AE", "CONFORMANCE"),
    ("AS", "045Y"),
    ("AT", [Tag(0x00100010), Tag(0x7FE00010)]),
    ("CS", ["ONE", "TWO_2", "THREE 3"]),
    ("DA", ["20100228", "20000229"]),
    ("DS", ["+1.50", "-0.000001", "1.0E+3", "0"]),
    ("DT", "20100228235959.123456+0100"),
    ("FL", [1.5, -0.0, 3.4028234663852886e38]),
    ("FD", [0.1, -1e300, 5e-324]),
    ("IS", ["+7", "-2147483647", "007", "0"]),
    ("LO", ["first", "", "third"]),
    ("LT", "  two leading spaces\r\nsecond line"),
    ("OB", bytes(range(256))),
    ("OD", bytes(range(32))),
    ("OF", bytes(range(64, 96))),
    ("OL", bytes(range(16))),
    ("OW", bytes(range(128, 256))),
    ("PN", ["CONFORMANCE^A", "CONFORMANCE^B=山田=やまだ"]),
    ("SH", ["a", "b", "c"]),
    ("SL", [-2147483648, 0, 2147483647]),
    ("SS", [-32768, 0, 32767]),
    ("ST", "   short text\r\nin two lines"),
    ("TM", ["000000", "235959.999999"]),
    ("UC", ["unlimited " * 30 + "characters", "second"]),
    ("UI", ["1.2.840.10008.1.1", "1.2.840.10008.1.2"]),
    ("UL", [0, 1, 4294967295]),
    ("UN", b"\x00\x01unknown\xff\xfe\x00"),
    ("UR", "http://conformance.invalid/a?b=c&d=%20e"),
    ("US", [0, 1, 65535]),
    ("UT", _LONG_TEXT),
)


def rich(identity: Identity) -> Instance:
    """Return a Secondary Capture with every common VR, private blocks, nested sequences and text beyond ASCII.

    It holds three private creators in one group and one in another; private sequences; sequences and items of
    defined and of undefined length, four deep; a sequence without items and items without elements; elements of
    length zero; text over 1 KB with leading spaces; a name in three component groups in UTF-8 (PS3.5 Annex H).
    """
    instance = catalogue.build("SecondaryCaptureImageStorage", identity)

    def edit(dataset: Dataset) -> None:
        _text(dataset, identity)
        _public_values(dataset)
        _private_blocks(dataset, identity)
        _sequences(dataset)

    return instance.changed(label="rich SecondaryCaptureImageStorage", edit=edit)


def _text(dataset: Dataset, identity: Identity) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 192"
    # PS3.5 section 6.2.1: alphabetic, ideographic and phonetic component groups
    dataset.PatientName = f"{identity.patient_name}=山田^太郎=やまだ^たろう"
    dataset.OtherPatientNames = ["CONFORMANCE^ÄÖÜ", "CONFORMANCE^Ελληνικά^^Dr"]
    dataset.PatientComments = _LONG_TEXT
    dataset.AdditionalPatientHistory = "  " + _LONG_TEXT
    dataset.ImageComments = "Καλημέρα, здравствуйте, 你好, שלום, €"
    dataset.StudyDescription = "Étude de conformité"


def _public_values(dataset: Dataset) -> None:
    for keyword in ("EthnicGroup", "Occupation", "NameOfPhysiciansReadingStudy", "ProtocolName"):
        setattr(dataset, keyword, "")
    dataset.PatientSize = None
    dataset.PatientTelephoneNumbers = ["+00 0 000", "00-1"]
    dataset.AcquisitionDateTime = "20100228235959.123456+0100"
    dataset.ContentTime = "010203.040506"
    dataset.WindowCenter = ["+40.500", "-6.0e+02"]
    dataset.WindowWidth = ["4.0E+2", "01500"]
    dataset.WindowCenterWidthExplanation = ["NARROW", "WIDE"]
    add(dataset, Tag("SmallestImagePixelValue"), "US", 0)
    add(dataset, Tag("LargestImagePixelValue"), "US", 255)


def _private_blocks(dataset: Dataset, identity: Identity) -> None:
    values = dataset.private_block(_GROUP, "PACS CONFORMANCE VALUES", create=True)
    for number, (vr, value) in enumerate(_VALUES, start=1):
        values.add_new(number, vr, value)
    empty = dataset.private_block(_GROUP, "PACS CONFORMANCE EMPTY", create=True)
    for number, (vr, _) in enumerate(_VALUES, start=1):
        empty.add_new(number, vr, empty_value_for_VR(vr))
    other = dataset.private_block(_OTHER_GROUP, "PACS CONFORMANCE", create=True)
    other.add_new(0x01, "OB", seeded.octets(f"{identity.sop_instance_uid}/rich", 4096))
    other.add_new(0x02, "SQ", Sequence([item(PatientComments="a standard element inside a private sequence")]))
    other.add_new(0x03, "SQ", Sequence([]))
    other.add_new(0x04, "SQ", Sequence([Dataset(), Dataset()]))
    other.add_new(0x05, "SQ", Sequence([Dataset(), Dataset()]))
    _undefined(other[0x05], items=True)
    other.add_new(0xFF, "LO", "the last element of the block")


def _sequences(dataset: Dataset) -> None:
    """Add sequences four deep, with every combination of defined and undefined length, and empty ones."""
    purpose = code("121322", "DCM", "Source image for image processing operation")
    purpose.ContextGroupExtensionFlag = "N"
    levels = [item(TextValue=f"level {level}", ValueType="TEXT") for level in range(1, 5)]
    for outer, inner in pairwise(levels):
        outer.ContentSequence = [inner, Dataset(), inner]
    dataset.ContentSequence = [levels[0]]
    dataset.AcquisitionContextSequence = []
    dataset.RequestAttributesSequence = [
        item(RequestedProcedureID="RP1", ScheduledProcedureStepID="SPS1"),
        item(RequestedProcedureID="RP2", ScheduledProcedureStepID="SPS2", ScheduledProtocolCodeSequence=[purpose]),
    ]
    # PS3.5 section 7.5: the length of a sequence and of each item may be defined or not, independently.
    _undefined(dataset["RequestAttributesSequence"], items=False)
    _undefined(dataset["ContentSequence"], items=True)


def _undefined(sequence: DataElement, *, items: bool) -> None:
    sequence.is_undefined_length = True
    for entry in sequence.value:
        entry.is_undefined_length_sequence_item = items
