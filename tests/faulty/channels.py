"""Faults of one channel among several: what is stored is right, and one way to it is not."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydicom.datadict import tag_for_keyword

from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.elements import Element, Elements, decode, encode, text_element
from conformance.target.embedded.query import Query
from conformance.target.embedded.retrieve import Result, Route
from conformance.target.embedded.spool import Blob
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.walk import Encoding
from conformance.verdict.finding import Verdict
from conformance.wire.command import CommandField
from tests.faulty.registry import fault

EXPLICIT: Final = "1.2.840.10008.1.2.1"
IMPLICIT: Final = "1.2.840.10008.1.2"
_EXPLICIT: Final = Encoding(explicit_vr=True, big_endian=False)


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    return tag


class _Lists(Behaviour):
    """Changes each identifier that a C-FIND is answered with."""

    def find_matches(self, association: Association, query: Query) -> Iterator[Elements]:
        for match in super().find_matches(association, query):
            yield {**match, **self.changed(match)}

    def changed(self, match: Elements) -> Elements:
        raise NotImplementedError


@fault("lists-a-stale-name", catches=("CHN-01",), knows_us=True)
class ListsAStaleName(_Lists):
    """A C-FIND lists a patient's name as it was before."""

    def changed(self, match: Elements) -> Elements:
        tag = _tag("PatientName")
        return {tag: text_element("PN", "NAME^BEFORE")} if tag in match else {}


@fault("cuts-a-description", catches=("CHN-01",), knows_us=True)
class CutsADescription(_Lists):
    """The index keeps sixteen characters of a description."""

    def changed(self, match: Elements) -> Elements:
        tag = _tag("StudyDescription")
        return {tag: Element(vr="LO", value=match[tag].value[:16])} if tag in match else {}


@fault("lists-other-modalities", catches=("CHN-01",), knows_us=True)
class ListsOtherModalities(_Lists):
    """Modalities in Study has one that the study has not."""

    def changed(self, match: Elements) -> Elements:
        tag = _tag("ModalitiesInStudy")
        return {tag: text_element("CS", "CT\\MR\\PR")} if tag in match else {}


@fault("counts-series-one-too-few", catches=("QR-39",), caught_as=Verdict.WARN, knows_us=True)
class CountsSeriesOneTooFew(_Lists):
    """Number of Series Related Instances is one too low."""

    def changed(self, match: Elements) -> Elements:
        tag = _tag("NumberOfSeriesRelatedInstances")
        return {tag: text_element("IS", str(int(match[tag].value) - 1))} if tag in match else {}


class _OneWay(Behaviour):
    """Changes what one operation brings."""

    operation = CommandField.C_GET_RQ

    def sub_operation(
        self, association: Association, request: Request, route: Route, instance: StoredInstance
    ) -> Result:
        if request.command.command_field != self.operation:
            return super().sub_operation(association, request, route, instance)
        data = self.changed(instance)
        return super().sub_operation(
            association, request, route, replace(instance, data_set=association.store.blob(data))
        )

    def changed(self, instance: StoredInstance) -> bytes:
        if instance.transfer_syntax != EXPLICIT:
            return instance.data_set.read()
        return encode(self.edited(decode(instance.data_set.read(), _EXPLICIT)), _EXPLICIT)

    def edited(self, elements: dict[int, Element]) -> Elements:
        raise NotImplementedError


@fault("gets-without-private-elements", catches=("CHN-02",), knows_us=True)
class GetsWithoutPrivateElements(_OneWay):
    """A C-GET leaves out private elements; a C-MOVE does not."""

    def edited(self, elements: dict[int, Element]) -> Elements:
        return {tag: element for tag, element in elements.items() if not tag >> 16 & 1}


@fault("moves-another-study-date", catches=("CHN-02", "FID-01"), knows_us=True)
class MovesAnotherStudyDate(_OneWay):
    """A C-MOVE sends another Study Date than a C-GET."""

    operation = CommandField.C_MOVE_RQ

    def edited(self, elements: dict[int, Element]) -> Elements:
        return elements | {_tag("StudyDate"): text_element("DA", "19000101")}


@fault("moves-under-another-syntax", catches=("QR-34",), knows_us=True)
class MovesUnderAnotherSyntax(_OneWay):
    """A C-MOVE sends Implicit VR on a context that is Explicit VR."""

    operation = CommandField.C_MOVE_RQ

    def changed(self, instance: StoredInstance) -> bytes:
        if instance.transfer_syntax != EXPLICIT:
            return instance.data_set.read()
        elements = decode(instance.data_set.read(), _EXPLICIT)
        return encode(elements, Encoding(explicit_vr=False, big_endian=False))


@fault("gets-nothing-and-succeeds", catches=("QR-31",), knows_us=True)
class GetsNothingAndSucceeds(Behaviour):
    """A sub-operation of a C-GET is counted as completed, and nothing is sent."""

    def sub_operation(
        self, association: Association, request: Request, route: Route, instance: StoredInstance
    ) -> Result:
        if request.command.command_field == CommandField.C_GET_RQ:
            return Result.COMPLETED
        return super().sub_operation(association, request, route, instance)


class _InExplicit(Behaviour):
    """Changes what goes out in Explicit VR Little Endian."""

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        given = super().data_set_in(instance, transfer_syntax)
        if transfer_syntax != EXPLICIT:
            return given
        data = given if isinstance(given, bytes) else given.read()
        return self.edited(data)

    def edited(self, data: bytes) -> bytes:
        raise NotImplementedError


@fault("gives-another-vr", catches=("CHN-03",), knows_us=True)
class GivesAnotherVr(_InExplicit):
    """Private decimal strings go out as LO."""

    def edited(self, data: bytes) -> bytes:
        elements = decode(data, _EXPLICIT)
        return encode(
            {
                tag: replace(element, vr="LO") if tag >> 16 & 1 and element.vr == "DS" else element
                for tag, element in elements.items()
            },
            _EXPLICIT,
        )


@fault("forgets-private-vrs", catches=("CHN-03",), caught_as=Verdict.WARN, knows_us=True)
class ForgetsPrivateVrs(_InExplicit):
    """Private elements go out as UN, though they came with their VR."""

    def edited(self, data: bytes) -> bytes:
        elements = decode(data, _EXPLICIT)
        return encode(
            {
                tag: replace(element, vr="UN") if tag >> 16 & 1 and tag & 0xFF00 and element.items is None else element
                for tag, element in elements.items()
            },
            _EXPLICIT,
        )


@fault("numbers-depend-on-the-syntax", catches=("CHN-02", "FID-01"), knows_us=True)
class NumbersDependOnTheSyntax(Behaviour):
    """Bits Stored is another in Implicit VR."""

    def data_set_in(self, instance: StoredInstance, transfer_syntax: str) -> bytes | Blob:
        given = super().data_set_in(instance, transfer_syntax)
        if transfer_syntax != IMPLICIT or isinstance(given, Blob):
            return given
        implicit = Encoding(explicit_vr=False, big_endian=False)
        elements = decode(given, implicit)
        tag = _tag("BitsStored")
        changed = {tag: Element(vr="US", value=struct.pack("<H", 7))} if tag in elements else {}
        return encode(elements | changed, implicit)
