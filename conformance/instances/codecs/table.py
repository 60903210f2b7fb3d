"""Each registered transfer syntax: whether instances can be had in it, and why not where they cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance.instances.codecs.video import STREAMS
from conformance.instances.encoding import NATIVE_TRANSFER_SYNTAXES
from conformance.instances.in_syntax import ENCODERS
from conformance.standard.transfer_syntaxes import TRANSFER_SYNTAXES, Kind, TransferSyntax

_WHY_NOT: Final = {
    "1.2.840.10008.1.2.4.92": "no encoder of the multi-component transformations of JPEG 2000 Part 2 can be had",
    "1.2.840.10008.1.2.4.93": "no encoder of the multi-component transformations of JPEG 2000 Part 2 can be had",
    "1.2.840.10008.1.2.4.111": "the encoder does not recompress JPEG streams",
    "1.2.840.10008.1.2.4.202": "the encoder does not write the RPCL order of progression with its markers",
    "1.2.840.10008.1.20": "retired; another format of files, never on an association",
}
_WHY_NOT_BY_KIND: Final = {
    Kind.JPEG: "retired; no encoder of this process can be had",
    Kind.MPEG: "no encoder of several views in one stream can be had",
    Kind.JPIP: "holds no pixels, but the address of a provider that there is not",
    Kind.SMPTE: "real-time communication only (PS3.22), never on an association",
    Kind.OTHER: "retired; the encoding of a message, not of pixels",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A transfer syntax and what writes it.

    Attributes:
        syntax: the row of the registry.
        encoder: the function of this package that writes it, the library, or the stream that is carried; empty where
            nothing does.
        why_not: why nothing does; empty where something does.
    """

    syntax: TransferSyntax
    encoder: str = ""
    why_not: str = ""


def encodings() -> tuple[Encoding, ...]:
    """Return every registered transfer syntax, in the order of the registry."""
    return tuple(_encoding(row) for row in TRANSFER_SYNTAXES)


def _encoding(row: TransferSyntax) -> Encoding:
    if row.uid in NATIVE_TRANSFER_SYNTAXES:
        return Encoding(syntax=row, encoder="pydicom")
    stream = STREAMS.get(row.uid)
    if stream is not None:
        return Encoding(syntax=row, encoder=f"carried: {stream.file}")
    encoder = ENCODERS.get(row.uid)
    if encoder is not None:
        return Encoding(syntax=row, encoder=f"{encoder.__module__.rpartition('.')[2]}.{encoder.__name__}")
    return Encoding(syntax=row, why_not=_WHY_NOT.get(row.uid) or _WHY_NOT_BY_KIND[row.kind])
