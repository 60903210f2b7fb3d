"""The DICOMweb channel: what it finds, and what it makes of answers that a healthy origin server does not give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.config.readback import parse_readback
from conformance.driver.endpoint import Endpoint
from conformance.driver.sending import sent_of
from conformance.instances import catalogue
from conformance.instances.encapsulated import jpeg_baseline, rle
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, Stored
from conformance.observation.web import WebFailure, WebInstances, WebRows
from conformance.readback.dicomweb import DicomWeb, DicomWebReadBack, WebPlace
from conformance.target import base
from conformance.target.base import RunningTarget
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.storage import StoredInstance
from conformance.target.orthanc_container import OrthancContainer
from conformance.target.orthanc_native import OrthancNative
from conformance.verdict.fidelity import stored_equals_sent
from conformance.verdict.finding import Verdict
from tests.readback.origin import Answer, Origin
from tests.readback.programs import EXPLICIT, endpoint_of, free_port, store

IMPLICIT = "1.2.840.10008.1.2"
SECRET = "pass:word@x"


@pytest.fixture
def identities(request: pytest.FixtureRequest) -> IdentitySource:
    return IdentitySource(seed=7, scope=request.node.name)


@pytest.fixture
def ct(identities: IdentitySource) -> Instance:
    return catalogue.build("CTImageStorage", identities.new(), rows=8, columns=8)


@pytest.fixture(scope="module")
def pacs() -> Iterator[EmbeddedPacs]:
    with EmbeddedPacs() as running:
        yield running


def look(url: str, sent: Sent, *also: Sent, auth: tuple[str, str] | None = None) -> Stored | NotReadable:
    channel = DicomWebReadBack(DicomWeb(url, auth=auth, timeout_s=5), latency_s=0.1)
    try:
        return channel.find(sent, also=also, expect=True)
    finally:
        channel.close()


def endpoint(pacs: EmbeddedPacs) -> Endpoint:
    return endpoint_of(pacs.address[1], pacs.ae_title)


# The channel itself


@pytest.mark.parametrize("stored_in", [IMPLICIT, EXPLICIT])
def test_what_is_stored_is_found_and_retrieved(pacs: EmbeddedPacs, ct: Instance, stored_in: str) -> None:
    sent, exchange = store(endpoint(pacs), ct, transfer_syntax_uid=stored_in)
    with Origin(pacs) as origin:
        found = look(origin.url, sent)
    assert isinstance(found, Stored)
    assert (len(found.copies), found.listed, found.channel) == (1, 1, "dicomweb")
    assert {f.verdict for f in stored_equals_sent(ct, found, exchange)} == {Verdict.PASS}
    assert [accept for path, accept in origin.asked if "instances/" in path] == [
        'multipart/related; type="application/dicom"; transfer-syntax=*'
    ]


def test_what_is_not_stored_is_not_found(pacs: EmbeddedPacs, ct: Instance) -> None:
    with Origin(pacs) as origin:
        assert look(origin.url, sent_of(ct, EXPLICIT)) == Stored(copies=(), listed=0, channel="dicomweb")


def test_credentials_are_sent_and_never_shown(pacs: EmbeddedPacs, ct: Instance) -> None:
    sent, _ = store(endpoint(pacs), ct)
    with Origin(pacs, auth=("ann", SECRET)) as origin:
        right = look(origin.url, sent, auth=("ann", SECRET))
        wrong = look(origin.url, sent, auth=("ann", "wrong-word"))
    assert isinstance(right, Stored)
    assert len(right.copies) == 1
    assert isinstance(wrong, NotReadable)
    assert wrong.reason.startswith("HTTP 401 for /instances; hint: user and password")
    assert "wrong-word" not in wrong.reason


def test_credentials_of_the_url_are_taken_out_of_it() -> None:
    config = parse_readback("dicomweb=http://ann:pass%3Aword%40x@host:8042/dicom-web")
    assert config.dicomweb_url == "http://host:8042/dicom-web"
    assert (config.user, config.password.get_secret_value() if config.password else "") == ("ann", SECRET)
    assert SECRET not in repr(config)


def test_nothing_is_deleted() -> None:
    channel = DicomWebReadBack(DicomWeb("http://127.0.0.1:1"))
    assert channel.delete(["1.2.3"]) == ()
    channel.close()


def test_a_uid_that_is_none_is_not_put_into_a_url(ct: Instance) -> None:
    sent = sent_of(ct.changed(label="", edit=lambda d: setattr(d, "SOPInstanceUID", "1.2/../3")), EXPLICIT)
    found = look("http://127.0.0.1:1", sent)
    assert isinstance(found, NotReadable)
    assert "PS3.5 9.1" in found.reason


def test_nobody_answers(ct: Instance) -> None:
    found = look(f"http://127.0.0.1:{free_port()}/web", sent_of(ct, EXPLICIT))
    assert isinstance(found, NotReadable)
    assert found.reason.startswith("/instances: ConnectError")


def test_a_wrong_root_is_said_with_a_hint(pacs: EmbeddedPacs, ct: Instance) -> None:
    with Origin(pacs) as origin:
        found = look(origin.url + "/deeper", sent_of(ct, EXPLICIT))
    assert isinstance(found, NotReadable)
    assert "hint: the URL must be the root of the web services" in found.reason


# Servers that are not like this one


class Proxy(Origin):
    """Searches in series only (PS3.18 Table 10.6.1-1, column Proxy)."""

    def search(self, found: list[StoredInstance], *, level: str) -> Answer:
        return (501, "", b"") if self.asked[-1][0].startswith("/web/instances") else super().search(found, level=level)


class Blind(Origin):
    """Lists without study and series."""

    def row(self, instance: StoredInstance, *, level: str) -> dict[str, Any]:
        return {
            tag: value for tag, value in super().row(instance, level=level).items() if not tag.startswith("0020000")
        }


class DefaultOnly(Origin):
    """Knows no transfer syntax parameter."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        return (406, "", b"") if transfer_syntax else super().retrieve(instance, transfer_syntax)


class SinglePart(Origin):
    """Gives one instance as a single part."""

    def content_type(self) -> str:
        return "application/dicom"

    def payload(self, instance: StoredInstance, data_set: bytes, transfer_syntax: str) -> bytes:
        return super().payload(instance, data_set, transfer_syntax).split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--")[0]


@pytest.mark.parametrize("kind", [Proxy, Blind, DefaultOnly, SinglePart])
def test_legal_servers_are_understood(pacs: EmbeddedPacs, ct: Instance, kind: type[Origin]) -> None:
    sent, exchange = store(endpoint(pacs), ct)
    with kind(pacs) as origin:
        found = look(origin.url, sent)
    assert isinstance(found, Stored), found
    assert {f.verdict for f in stored_equals_sent(ct, found, exchange)} == {Verdict.PASS}


def test_a_proxy_that_knows_no_such_series_has_nothing(pacs: EmbeddedPacs, ct: Instance) -> None:
    with Proxy(pacs) as origin:
        assert look(origin.url, sent_of(ct, EXPLICIT)) == Stored(copies=(), listed=0, channel="dicomweb")


class Gone(Origin):
    """Lists, and gives nothing back."""

    def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
        return 404, "", b""


class Twice(Origin):
    """Lists each match twice."""

    def search(self, found: list[StoredInstance], *, level: str) -> Answer:
        return super().search(found * 2, level=level)


@pytest.mark.parametrize(("kind", "copies", "listed"), [(Gone, 0, 1), (Twice, 1, 2)])
def test_what_an_index_says_is_kept(
    pacs: EmbeddedPacs, ct: Instance, kind: type[Origin], copies: int, listed: int
) -> None:
    sent, _ = store(endpoint(pacs), ct)
    with kind(pacs) as origin:
        found = look(origin.url, sent)
    assert isinstance(found, Stored)
    assert (len(found.copies), found.listed) == (copies, listed)


def _answering(status: int, content_type: str, body: bytes, *, search: bool) -> type[Origin]:
    class Answering(Origin):
        def search(self, found: list[StoredInstance], *, level: str) -> Answer:
            return (status, content_type, body) if search else super().search(found, level=level)

        def retrieve(self, instance: StoredInstance, transfer_syntax: str) -> Answer:
            return status, content_type, body

    return Answering


JSON = "application/dicom+json"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param(_answering(200, JSON, b"<html>", search=True), "no JSON", id="no-json"),
        pytest.param(_answering(200, JSON, b"{}", search=True), "no list of data sets", id="no-list"),
        pytest.param(_answering(302, "", b"", search=True), "redirects are not followed", id="redirect"),
        pytest.param(_answering(500, "", b"", search=False), "HTTP 500", id="error"),
        pytest.param(_answering(206, "x", b"", search=False), "cannot be cut into parts", id="partial"),
        pytest.param(_answering(200, "text/html", b"<html>", search=False), "not multipart/related", id="html"),
    ],
)
def test_an_answer_that_cannot_be_used_is_no_verdict(
    pacs: EmbeddedPacs, ct: Instance, kind: type[Origin], words: str
) -> None:
    sent, _ = store(endpoint(pacs), ct)
    with kind(pacs) as origin:
        found = look(origin.url, sent)
    assert isinstance(found, NotReadable)
    assert words in found.reason


def test_an_answer_is_bounded(pacs: EmbeddedPacs, ct: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.readback.dicomweb._MAX_INSTANCE_BYTES", 64)
    sent, _ = store(endpoint(pacs), ct)
    with Origin(pacs) as origin:
        found = look(origin.url, sent)
    assert isinstance(found, NotReadable)
    assert "more than 64 bytes" in found.reason


def test_an_answer_without_end_is_given_up(pacs: EmbeddedPacs, ct: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.readback.dicomweb._WHOLE_TIMEOUTS", 0)
    sent, _ = store(endpoint(pacs), ct)
    with Origin(pacs) as origin:
        web = DicomWeb(origin.url, timeout_s=5)
        outcome = web.search("/instances", {"SOPInstanceUID": sent.sop_instance_uid})
        web.close()
    assert outcome == WebFailure(reason="/instances: no end after 0 s")


# Orthanc's plugin


def _orthanc(kind: str, image: str) -> OrthancNative | OrthancContainer:
    return OrthancNative() if kind == "native" else OrthancContainer(image=image)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("native", marks=pytest.mark.needs_orthanc),
        pytest.param("container", marks=pytest.mark.needs_docker),
    ],
)
def orthanc(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, orthanc_image: str
) -> Iterator[RunningTarget]:
    folder: Path = tmp_path_factory.mktemp("orthanc")
    with base.running(_orthanc(request.param, orthanc_image), folder, deadline_s=60) as up:
        if up.dicomweb_url is None:
            pytest.skip("this Orthanc has no DICOMweb plugin")
        yield up


@pytest.mark.parametrize("encoding", ["implicit", "explicit", "rle", "jpeg"])
def test_orthanc_gives_back_what_it_was_sent(orthanc: RunningTarget, identities: IdentitySource, encoding: str) -> None:
    image = catalogue.build("SecondaryCaptureImageStorage", identities.new(), rows=16, columns=16)
    image = {"rle": rle, "jpeg": jpeg_baseline}.get(encoding, lambda one: one)(image)
    syntax = {"implicit": IMPLICIT, "explicit": EXPLICIT}.get(encoding, image.transfer_syntax_uid)
    sent, exchange = store(endpoint_of(orthanc.port, orthanc.ae_title), image, transfer_syntax_uid=syntax)
    assert orthanc.dicomweb_url is not None
    found = look(orthanc.dicomweb_url, sent, auth=orthanc.orthanc_auth)
    assert isinstance(found, Stored), found
    assert [copy.transfer_syntax_uid for copy in found.copies] == [syntax]
    assert {f.verdict for f in stored_equals_sent(image, found, exchange)} == {Verdict.PASS}


def test_orthanc_answers_searches_and_retrievals(orthanc: RunningTarget, ct: Instance) -> None:
    sent, _ = store(endpoint_of(orthanc.port, orthanc.ae_title), ct, transfer_syntax_uid=IMPLICIT)
    assert orthanc.dicomweb_url is not None
    web = DicomWeb(orthanc.dicomweb_url, auth=orthanc.orthanc_auth)
    studies = web.search("/studies", {"StudyInstanceUID": sent.study_instance_uid})
    place = WebPlace(
        study_instance_uid=sent.study_instance_uid,
        series_instance_uid=sent.series_instance_uid,
        sop_instance_uid=sent.sop_instance_uid,
    )
    default = web.retrieve(place)
    web.close()
    assert isinstance(studies, WebRows)
    assert len(studies.rows) == 1
    assert isinstance(default, WebInstances)
    assert [part.transfer_syntax_uid for part in default.parts] == [EXPLICIT]
