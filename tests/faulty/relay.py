"""A relay that knows PDUs, in front of any SCP: what passes can be changed, in both directions. No fault of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from conformance.wire.command import CommandSet, decode_command_set
from conformance.wire.errors import WireError
from conformance.wire.framing import PduFramer
from conformance.wire.pdu import PDataTF, Pdu, Pdv, decode_pdu
from tests.relay import RECEIVE_BYTES, Relay
from tests.scp import Scp


class Tampering:
    """What is done with the PDUs of one connection; as it stands, nothing. None keeps a PDU back."""

    def to_scp(self, pdu: Pdu) -> Pdu | None:
        """A PDU that the SCP is to get."""
        return pdu

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        """A PDU that the SCP has sent."""
        return pdu


def with_pdvs(pdu: PDataTF, change: Callable[[Pdv], Pdv]) -> PDataTF:
    """A P-DATA-TF whose presentation data values were changed one by one; itself where nothing was."""
    pdvs = tuple(change(pdv) for pdv in pdu.pdvs)
    return pdu if pdvs == pdu.pdvs else replace(pdu, pdvs=pdvs)


def with_command(pdv: Pdv, change: Callable[[CommandSet], CommandSet]) -> Pdv:
    """A fragment that holds a whole command set with that changed; others as they are."""
    if not (pdv.is_command and pdv.is_last):
        return pdv
    command = decode_command_set(bytes(pdv.fragment))
    changed = change(command)
    return pdv if changed is command else replace(pdv, fragment=changed.encode())


def tampered(scp: Scp, tampering: Callable[[], Tampering], *, port: int = 0) -> Relay:
    """An SCP behind a relay, with one `Tampering` for each connection."""

    def ways() -> tuple[partial[None], partial[None]]:
        made = tampering()
        return partial(_pdu_by_pdu, made.to_scp), partial(_pdu_by_pdu, made.from_scp)

    return Relay(scp, ways, port=port)


def _pdu_by_pdu(change: Callable[[Pdu], Pdu | None], source: socket.socket, sink: socket.socket) -> None:
    """Whole PDUs are changed; what is none yet when the source ends is passed on then."""
    framer = PduFramer()
    with suppress(WireError):
        while data := source.recv(RECEIVE_BYTES):
            framer.feed(data)
            while (framed := framer.next_pdu()) is not None:
                sink.sendall(_changed(framed.data, change))
    sink.sendall(framer.pending)


def _changed(data: bytes, change: Callable[[Pdu], Pdu | None]) -> bytes:
    """The bytes to send for a PDU: its own, where it cannot be read or is not changed."""
    try:
        pdu = decode_pdu(data)
        changed = change(pdu)
    except WireError:
        return data
    return data if changed is pdu else b"" if changed is None else changed.encode()
