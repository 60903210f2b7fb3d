"""Faults that a relay makes of any conformant SCP, a real one too."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.wire.command import CommandField, CommandSet, Tag, decode_command_set, us
from conformance.wire.items import Item, ItemType, uid_bytes
from conformance.wire.pdu import Associate, PDataTF, Pdu, PduType, Pdv, ReleaseRP
from tests.faulty.editing import replaced
from tests.faulty.registry import relayed
from tests.faulty.relay import Tampering, with_command, with_pdvs

_PENDING: Final = 0xFF00
_LONG_BYTES: Final = 1024
_PRIVATE_SYNTAX: Final = "1.3.6.1.4.1.5962.99.9"


class _Responses(Tampering):
    """Changes the command sets that the SCP sends."""

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        if not isinstance(pdu, PDataTF):
            return pdu
        return with_pdvs(pdu, lambda pdv: with_command(pdv, self.change))

    def change(self, response: CommandSet) -> CommandSet:
        raise NotImplementedError


def _damaged(pdv: Pdv) -> Pdv:
    """The last fragment of a long data set with one bit of its last byte changed."""
    if pdv.is_command or not pdv.is_last or len(pdv.fragment) < _LONG_BYTES:
        return pdv
    fragment = bytes(pdv.fragment)
    return replace(pdv, fragment=fragment[:-1] + bytes((fragment[-1] ^ 1,)))


@relayed("damages-the-last-byte-on-the-way-in", catches=("FID-02",))
class DamagesTheLastByteOnTheWayIn(Tampering):
    """One bit of the last byte of every data set is another one before it is stored."""

    def to_scp(self, pdu: Pdu) -> Pdu | None:
        return with_pdvs(pdu, _damaged) if isinstance(pdu, PDataTF) else pdu


@relayed("answers-the-message-before", catches=("CMD-14",))
class AnswersTheMessageBefore(_Responses):
    """Message ID Being Responded To is one less than that of the request."""

    def change(self, response: CommandSet) -> CommandSet:
        number = response.message_id_being_responded_to
        return (
            response
            if number is None
            else replaced(response, Tag.MESSAGE_ID_BEING_RESPONDED_TO, us((number - 1) % 65536))
        )


@relayed("calls-a-store-pending", catches=("STA-26",))
class CallsAStorePending(_Responses):
    """A C-STORE that succeeded is answered with FF00H, and with nothing else."""

    def change(self, response: CommandSet) -> CommandSet:
        stored = response.command_field == CommandField.C_STORE_RSP and response.status == 0
        return replaced(response, Tag.STATUS, us(_PENDING)) if stored else response


@relayed("loses-its-pending-responses", catches=("QR-04",))
class LosesItsPendingResponses(Tampering):
    """What a C-FIND finds is kept back, and its Success passes."""

    def __init__(self) -> None:
        self._keeps_back = False

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        if not isinstance(pdu, PDataTF):
            return pdu
        passed = tuple(pdv for pdv in pdu.pdvs if self._passes(pdv))
        return replace(pdu, pdvs=passed) if passed else None

    def _passes(self, pdv: Pdv) -> bool:
        if pdv.is_command:
            command = decode_command_set(bytes(pdv.fragment))
            self._keeps_back = command.command_field == CommandField.C_FIND_RSP and command.status == _PENDING
        return not self._keeps_back


@relayed("never-agrees-to-a-release", catches=("UL-REL-02",), options=("--pacs-timeout=6",))
class NeverAgreesToARelease(Tampering):
    """The A-RELEASE-RP is kept back."""

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        return None if isinstance(pdu, ReleaseRP) else pdu


class _Accepts(Tampering):
    """Changes the presentation contexts of an A-ASSOCIATE-AC."""

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        if not isinstance(pdu, Associate) or pdu.pdu_type != PduType.A_ASSOCIATE_AC:
            return pdu
        results = tuple(item for item in pdu.items if item.item_type == ItemType.PRESENTATION_CONTEXT_AC)
        others = [item for item in pdu.items if item not in results]
        return replace(pdu, items=(others[0], *self.change(results), *others[1:]))

    def change(self, results: tuple[Item, ...]) -> tuple[Item, ...]:
        raise NotImplementedError


@relayed("accepts-with-a-syntax-of-its-own", catches=("UL-AC-08",))
class AcceptsWithASyntaxOfItsOwn(_Accepts):
    """Every result names a private transfer syntax that nobody has offered."""

    def change(self, results: tuple[Item, ...]) -> tuple[Item, ...]:
        named = Item(item_type=ItemType.TRANSFER_SYNTAX, body=uid_bytes(_PRIVATE_SYNTAX)).encode()
        return tuple(replace(item, body=item.body[:4] + named) for item in results)


@relayed("repeats-the-last-result", catches=("UL-AC-06",))
class RepeatsTheLastResult(_Accepts):
    """The last presentation context has a second result, under an ID that was not proposed."""

    def change(self, results: tuple[Item, ...]) -> tuple[Item, ...]:
        return (*results, *(replace(item, body=b"\xfd" + item.body[1:]) for item in results[-1:]))


@relayed("damages-the-last-byte-on-the-way-out", catches=("CHN-02",))
class DamagesTheLastByteOnTheWayOut(Tampering):
    """One bit of the last byte of what C-GET brings is another one than is stored."""

    def from_scp(self, pdu: Pdu) -> Pdu | None:
        return with_pdvs(pdu, _damaged) if isinstance(pdu, PDataTF) else pdu
