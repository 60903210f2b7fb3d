"""Text beyond ASCII: each repertoire of PS3.3 C.12.1.1.2, by itself, by code extensions, and another one in an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.instances.hard.case import Case
from conformance.instances.hard.raw import Raw, RawInstance, instance_with, sequence, text
from conformance.instances.identity import Identity

_SPECIFIC_CHARACTER_SET: Final = 0x00080005
_STUDY_DESCRIPTION: Final = 0x00081030
_PATIENT_NAME: Final = 0x00100010
_OTHER_PATIENT_NAMES: Final = 0x00101001
_PATIENT_COMMENTS: Final = 0x00104000
_REQUEST_ATTRIBUTES: Final = 0x00400275
_REQUESTED_PROCEDURE_DESCRIPTION: Final = 0x00321060
_REQUESTED_PROCEDURE_ID: Final = 0x00401001


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    """A script in one character set.

    Attributes:
        name: of the script and how it is encoded.
        terms: the value of Specific Character Set (0008,0005).
        names: ideographic and phonetic component groups of the patient's name, or what follows its alphabetic one.
        words: some words, encoded, without control characters.
        example: a whole name, as an annex of PS3.5 prints its bytes.
        requirement: what it is stored for.
    """

    name: str
    terms: bytes
    names: bytes = b""
    words: bytes
    example: bytes = b""
    requirement: str = "ENC-08"

    def elements(self, identity: Identity) -> tuple[Raw, ...]:
        example = self.example or b"CONFORMANCE^" + self.words.split(b" ")[0]
        return (
            text(_SPECIFIC_CHARACTER_SET, "CS", self.terms),
            text(_STUDY_DESCRIPTION, "LO", self.words),
            text(_PATIENT_NAME, "PN", identity.patient_name.encode() + self.names),
            text(_OTHER_PATIENT_NAMES, "PN", example + b"\\CONFORMANCE^SECOND"),
            text(_PATIENT_COMMENTS, "LT", self.words + b"\r\n" + self.words),
        )

    def instance(self, identity: Identity) -> RawInstance:
        return instance_with(identity, f"text in {self.name}", self.elements(identity))


# PS3.5 H.3.1: escapes to JIS X 0208, and back to ASCII before every delimiter.
_YAMADA: Final = b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"
_YAMADA_SPOKEN: Final = b"\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
# PS3.5 I.2: KS X 1001 is designated to G1 anew in every component.
_HONG: Final = b"\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"
_HONG_SPOKEN: Final = b"\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"
# PS3.5 K.2: GB 2312 is designated to G1 anew in every component.
_ZHANG: Final = b"\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab"

_SCRIPTS: Final = (
    _Script(name="ISO_IR 100 Latin 1", terms=b"ISO_IR 100", words="Étude de conformité ÄÖÜß".encode("latin-1"),
            example=b"Buc^J\xe9r\xf4me"),
    _Script(name="ISO_IR 101 Latin 2", terms=b"ISO_IR 101", words="Wałęsa Dvořák żółw".encode("iso8859_2")),
    _Script(name="ISO_IR 109 Latin 3", terms=b"ISO_IR 109", words="ĉiuĵaŭde eĥoŝanĝo".encode("iso8859_3")),
    _Script(name="ISO_IR 110 Latin 4", terms=b"ISO_IR 110", words="Šķūņu ģērbonis ņēma".encode("iso8859_4")),
    _Script(name="ISO_IR 148 Latin 5", terms=b"ISO_IR 148", words="Çavuşoğlu İstanbul ığdır".encode("iso8859_9")),
    _Script(name="ISO_IR 144 Cyrillic", terms=b"ISO_IR 144", words="здравствуй мир".encode("iso8859_5"),
            example="Люкceмбypг".encode("iso8859_5")),
    _Script(name="ISO_IR 127 Arabic", terms=b"ISO_IR 127", words="لنزار قباني".encode("iso8859_6"),
            example="قباني^لنزار".encode("iso8859_6")),
    _Script(name="ISO_IR 126 Greek", terms=b"ISO_IR 126", words="Διονυσιος καλημέρα".encode("iso8859_7"),
            example="Διονυσιος".encode("iso8859_7")),
    _Script(name="ISO_IR 138 Hebrew", terms=b"ISO_IR 138", words="שרון דבורה".encode("iso8859_8"),
            example="שרון^דבורה".encode("iso8859_8")),
    _Script(name="ISO_IR 166 Thai", terms=b"ISO_IR 166", words="สวัสดี ชาวโลก".encode("tis_620")),
    _Script(name="ISO_IR 13 Katakana", terms=b"ISO_IR 13", words=b"\xd4\xcf\xc0\xde \xc0\xdb\xb3",
            example=b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3"),
    _Script(name="ISO 2022 IR 87 Japanese", terms=b"\\ISO 2022 IR 87", words=b"Kanji \x1b$B;3ED\x1b(B and Latin",
            names=b"=" + _YAMADA + b"=" + _YAMADA_SPOKEN,
            example=b"Yamada^Tarou=" + _YAMADA + b"=" + _YAMADA_SPOKEN),
    _Script(name="ISO 2022 IR 13 and 87 Japanese", terms=b"ISO 2022 IR 13\\ISO 2022 IR 87",
            words=b"\xd4\xcf\xc0\xde \x1b$B;3ED\x1b(J",
            names=(b"=" + _YAMADA + b"=" + _YAMADA_SPOKEN).replace(b"\x1b(B", b"\x1b(J"),
            # PS3.5 H.3.2: back to JIS X 0201 before every delimiter.
            example=b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3"
            + (b"=" + _YAMADA + b"=" + _YAMADA_SPOKEN).replace(b"\x1b(B", b"\x1b(J")),
    _Script(name="ISO 2022 IR 159 Japanese", terms=b"\\ISO 2022 IR 87\\ISO 2022 IR 159",
            words=b"\x1b$B;3\x1b$(D0!\x1b(B both", names=b"=" + _YAMADA),
    _Script(name="ISO 2022 IR 149 Korean", terms=b"\\ISO 2022 IR 149", words=b"\x1b$)C\xb1\xe6\xb5\xbf and Latin",
            names=b"=" + _HONG + b"=" + _HONG_SPOKEN,
            example=b"Hong^Gildong=" + _HONG + b"=" + _HONG_SPOKEN),
    _Script(name="ISO 2022 IR 58 Chinese", terms=b"\\ISO 2022 IR 58", words=b"\x1b$)A\xd0\xa1\xb6\xab and Latin",
            names=b"=" + _ZHANG + b"=", example=b"Zhang^XiaoDong=" + _ZHANG + b"="),
    _Script(name="ISO 2022 IR 100 and 126 Greek", terms=b"ISO 2022 IR 100\\ISO 2022 IR 126",
            words="Étude ".encode("latin-1") + b"\x1b-F" + "Διονυσιος".encode("iso8859_7"),
            example=b"Buc^J\xe9r\xf4me"),
    _Script(name="ISO 2022 IR 6 and 144 Cyrillic", terms=b"\\ISO 2022 IR 144",
            words=b"Latin " + b"\x1b-L" + "мир".encode("iso8859_5"),
            example=b"\x1b-L" + "Иван".encode("iso8859_5")),
    _Script(name="ISO_IR 192 UTF-8", terms=b"ISO_IR 192", words="王 Καλημέρα здравствуй שלום € 𠀋 e\u0301".encode(),
            names="=王^小東=".encode(), example="Wang^XiaoDong=王^小東=".encode()),
    _Script(name="GB18030", terms=b"GB18030", words="王小东 €  𠀋".encode("gb18030"),
            names="=王^小东=".encode("gb18030"), example="Wang^XiaoDong=王^小东=".encode("gb18030")),
    _Script(name="GBK", terms=b"GBK", words="王小东 乗".encode("gbk"),
            names="=王^小东=".encode("gbk"), example="Wang^XiaoDong=王^小东=".encode("gbk")),
    # PS3.5 6.1.2.5.3 note: bytes 5CH and 5EH occur inside characters of GB18030, and delimit nothing there.
    _Script(name="GB18030 with 5CH and 5EH inside characters", terms=b"GB18030",
            words=b"\x81\x5c\x82\x5c \x81\x5e\x82\x5e", names=b"=\x81\x5c\x82\x5c^\x81\x5e=",
            example=b"Wang^XiaoDong=\x81\x5c^\x81\x5e\x82\x5c", requirement="ENC-07"),
)  # fmt: skip


def _other_in_item(identity: Identity) -> RawInstance:
    """Latin 1 at the top, Greek in one item, none of its own in the next (PS3.5 7.5.3)."""
    latin = next(script for script in _SCRIPTS if script.terms == b"ISO_IR 100")
    greek = (
        text(_SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 126"),
        text(_REQUESTED_PROCEDURE_DESCRIPTION, "LO", "Διονυσιος".encode("iso8859_7")),
        text(_REQUESTED_PROCEDURE_ID, "SH", b"RP1"),
    )
    inherited = (
        text(_REQUESTED_PROCEDURE_DESCRIPTION, "LO", latin.words),
        text(_REQUESTED_PROCEDURE_ID, "SH", b"RP2"),
    )
    utf8 = (
        text(_SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 192"),
        text(_REQUESTED_PROCEDURE_DESCRIPTION, "LO", "здравствуй".encode()),
        text(_REQUESTED_PROCEDURE_ID, "SH", b"RP3"),
    )
    elements = (*latin.elements(identity), sequence(_REQUEST_ATTRIBUTES, greek, inherited, utf8))
    return instance_with(identity, "another character set in an item", elements)


TEXT: Final = (
    *(Case(name=s.name, requirement=s.requirement, make=s.instance) for s in _SCRIPTS),
    Case(name="another character set in an item", requirement="ENC-08", make=_other_in_item),
)
"""Instances whose text only its character set can read."""


def unknown_character_set(identity: Identity) -> RawInstance:
    """An instance that names a character set which does not exist, with bytes over 7FH."""
    return _Script(name="ISO_IR 999, which is none", terms=b"ISO_IR 999", words=b"\xc4\xd6\xdc").instance(identity)


def no_character_set(identity: Identity) -> RawInstance:
    """An instance without Specific Character Set, with bytes over 7FH."""
    script = _Script(name="no character set", terms=b"", words=b"\xc4\xd6\xdc")
    elements = [e for e in script.elements(identity) if e.tag != _SPECIFIC_CHARACTER_SET]
    return instance_with(identity, script.name, elements, without=(_SPECIFIC_CHARACTER_SET,))
