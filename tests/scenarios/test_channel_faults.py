"""Each fault of one channel is caught by the requirement that it names; what is unusual and allowed is not."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.target.embedded.elements import decode, encode
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.transcode import data_set_in
from conformance.target.embedded.walk import Encoding
from tests.faulty.registry import all_faults, fault_named, with_us_as_destination
from tests.readback.origin import EXPLICIT, Answer, Origin
from tests.scenarios.playing import Played, play, play_fault

CHANNELS = "test_channels.py"
FIND = f"{CHANNELS}::test_find_says_what_is_stored[Study Root-CT]"
COUNTS = f"{CHANNELS}::test_counts_of_a_patient[Study Root]"
ALL = f"{CHANNELS}::test_every_channel_gives_what_was_sent"
CT = f"{ALL}[CT]"
OVER_THE_WEB = f"{CHANNELS}::test_retrieval_over_the_web"
LOSSY = f"{CHANNELS}::test_lossy_image_over_the_web"
NOT_USED = f"{CHANNELS}::test_what_web_services_do_not_use"
NOT_THERE = f"{CHANNELS}::test_what_is_not_there_over_the_web"
SEARCHES = f"{CHANNELS}::test_searches_over_the_web"
IMPLICIT = "1.2.840.10008.1.2"

CAUGHT = {
    "lists-a-stale-name": FIND,
    "cuts-a-description": FIND,
    "lists-other-modalities": FIND,
    "counts-series-one-too-few": COUNTS,
    "gets-without-private-elements": CT,
    "moves-another-study-date": CT,
    "moves-under-another-syntax": CT,
    "gets-nothing-and-succeeds": CT,
    "gives-another-vr": CT,
    "forgets-private-vrs": CT,
    "numbers-depend-on-the-syntax": CT,
}


@pytest.mark.parametrize("name", CAUGHT)
def test_fault_is_caught(name: str) -> None:
    fault = fault_named(name)
    played = play_fault(name, CAUGHT[name])
    assert len(played.records) == 1
    assert played.judged(fault.caught_as) >= set(fault.catches)


def test_every_fault_of_the_family_is_played() -> None:
    family = {name for name, fault in all_faults().items() if fault.family == "channels"}
    assert family == set(CAUGHT)


def test_the_embedded_pacs_has_none_of_these_faults() -> None:
    settings, options = with_us_as_destination()
    with EmbeddedPacs(settings) as pacs:
        played = play(pacs, f"{CHANNELS}::test_find_says_what_is_stored", ALL, COUNTS, options=options)
    assert played.not_passed == []
    given = {f["actual"] for r in played.records for f in r["findings"] if f["requirement"] == "CHN-02"}
    assert len(given) == 3
    assert all("C-MOVE" in words and "C-GET in" in words and "read-back" in words for words in given)


# The web services


def play_with_web(kind: type[Origin], *scenarios: str) -> Played:
    """Play scenarios against an embedded PACS whose instances an origin server gives as well."""
    with EmbeddedPacs() as pacs, kind(pacs) as origin:
        return play(pacs, *scenarios, options=(f"--pacs-readback=dicomweb={origin.url}",))


def test_an_origin_server_without_faults_passes() -> None:
    played = play_with_web(Origin, ALL, OVER_THE_WEB, NOT_USED, LOSSY, NOT_THERE, SEARCHES)
    assert played.not_passed == []
    assert any("WADO-RS" in f["actual"] for r in played.records for f in r["findings"] if f["requirement"] == "CHN-02")


class GivesImplicitVr(Origin):
    """Gives Implicit VR Little Endian where nothing is asked for."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        if transfer_syntax:
            return super().retrieve(instance, transfer_syntax)
        given = data_set_in(instance, IMPLICIT)
        data = given if isinstance(given, bytes) else given.read()
        return 200, self.content_type(), self.payload(instance, data, IMPLICIT)


class GivesAsStored(Origin):
    """Gives every instance as it is stored, whatever is asked for."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        return super().retrieve(instance, "*")


class GivesNothing(Origin):
    """Finds no instance that it lists."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        return 404, "", b""


class LosesPrivateElements(Origin):
    """Gives instances without their private elements."""

    def payload(self, instance: StoredInstance, data_set: bytes, transfer_syntax: str) -> bytes:
        if transfer_syntax == EXPLICIT:
            encoding = Encoding(explicit_vr=True, big_endian=False)
            elements = decode(data_set, encoding)
            data_set = encode({tag: one for tag, one in elements.items() if not tag >> 16 & 1}, encoding)
        return super().payload(instance, data_set, transfer_syntax)


class LosesMetadata(Origin):
    """Gives metadata without private attributes."""

    def metadata(self, instance: StoredInstance) -> dict[str, Any]:
        return {tag: value for tag, value in super().metadata(instance).items() if not int(tag[:4], 16) & 1}


class FailsOnLossy(Origin):
    """Fails where it would have to decompress what is lossy."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        lossy = instance.transfer_syntax == "1.2.840.10008.1.2.4.50"
        return (500, "", b"") if lossy else super().retrieve(instance, transfer_syntax)


class FindsWhatIsNotThere(Origin):
    """Gives an empty payload for an unknown instance, and an empty list for a search without a match."""

    def not_found(self) -> Answer:
        return 200, self.content_type(), b""

    def search(self, found: list[StoredInstance], *, level: str) -> Answer:
        return super().search(found, level=level) if found else (200, "application/dicom+json", b"[]")


class ListsAStaleName(Origin):
    """Lists another name than the one that is stored."""

    def row(self, instance: StoredInstance, *, level: str) -> dict[str, Any]:
        return super().row(instance, level=level) | {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "OLD^NAME"}]}}


class CountsNothing(Origin):
    """Leaves out the numbers of related entities."""

    def row(self, instance: StoredInstance, *, level: str) -> dict[str, Any]:
        return {tag: one for tag, one in super().row(instance, level=level).items() if not tag.startswith("002012")}


class HasNoSeries(Origin):
    """Does not search for the series of a study."""

    def search(self, found: list[StoredInstance], *, level: str) -> Answer:
        return (404, "", b"") if level == "series" else super().search(found, level=level)


CAUGHT_OVER_THE_WEB: list[tuple[type[Origin], str, set[str]]] = [
    (GivesImplicitVr, f"{NOT_USED}[implicit VR]", {"WEB-02"}),
    (GivesAsStored, f"{OVER_THE_WEB}[frames in RLE]", {"WEB-02", "WEB-17"}),
    (GivesNothing, f"{OVER_THE_WEB}[CT]", {"WEB-01"}),
    (LosesPrivateElements, f"{OVER_THE_WEB}[frames in RLE]", {"WEB-15"}),
    (LosesMetadata, f"{OVER_THE_WEB}[CT]", {"WEB-05"}),
    (FailsOnLossy, LOSSY, {"WEB-03"}),
    (FindsWhatIsNotThere, NOT_THERE, {"WEB-04", "WEB-10"}),
    (ListsAStaleName, SEARCHES, {"CHN-01"}),
    (CountsNothing, SEARCHES, {"WEB-09"}),
    (HasNoSeries, SEARCHES, {"WEB-08"}),
]


@pytest.mark.parametrize(("kind", "scenario", "requirements"), CAUGHT_OVER_THE_WEB)
def test_fault_of_an_origin_server_is_caught(kind: type[Origin], scenario: str, requirements: set[str]) -> None:
    assert play_with_web(kind, scenario).failed >= requirements
