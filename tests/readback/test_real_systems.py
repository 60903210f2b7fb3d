"""Read-back from the systems that it is made for: what they give back is what was sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from conformance.driver.endpoint import Endpoint
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import Sent
from conformance.observation.stored import NotReadable, Stored
from conformance.readback import auto
from conformance.readback.base import ReadBack
from conformance.readback.dimse import DimseReadBack
from conformance.readback.directory import DirectoryReadBack
from conformance.readback.move_scp import MoveScp, MoveSpool
from conformance.readback.orthanc import OrthancReadBack
from conformance.target import base
from conformance.target.base import RunningTarget
from conformance.target.orthanc_config import MoveDestination, OrthancOptions
from conformance.target.orthanc_native import OrthancNative
from conformance.verdict.fidelity import stored_equals_sent
from conformance.verdict.finding import Verdict
from tests.readback.programs import EXPLICIT, dcmqrscp, endpoint_of, store, storescp

IMPLICIT = "1.2.840.10008.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
NATIVE = pytest.mark.parametrize(
    "transfer_syntax_uid",
    [pytest.param(IMPLICIT, id="implicit"), pytest.param(EXPLICIT, id="explicit"), pytest.param(BIG_ENDIAN, id="big")],
)


@pytest.fixture
def identities(request: pytest.FixtureRequest) -> IdentitySource:
    return IdentitySource(seed=7, scope=request.node.name)


@pytest.fixture
def ct(identities: IdentitySource) -> Instance:
    return catalogue.build("CTImageStorage", identities.new())


def stored(channel: ReadBack, sent: Sent, *also: Sent, expect: bool = True) -> Stored:
    outcome = channel.find(sent, also=also, expect=expect)
    assert isinstance(outcome, Stored), outcome
    return outcome


def assert_stored_as_sent(
    channel: ReadBack, endpoint: Endpoint, instance: Instance, transfer_syntax_uid: str = EXPLICIT
) -> None:
    sent, exchange = store(endpoint, instance, transfer_syntax_uid=transfer_syntax_uid)
    findings = stored_equals_sent(instance, stored(channel, sent), exchange)
    assert [f for f in findings if f.verdict is not Verdict.PASS] == []
    assert {"FID-01", "FID-02", "FID-03", "STA-17", "ST-19"} <= {f.requirement for f in findings}


# storescp and its directory


@pytest.mark.needs_program("storescp")
@NATIVE
@pytest.mark.parametrize("options", [pytest.param((), id="decoded"), pytest.param(("+B",), id="bits")])
def test_storescp_keeps_what_it_is_sent(
    tmp_path: Path, ct: Instance, transfer_syntax_uid: str, options: tuple[str, ...]
) -> None:
    with storescp(tmp_path / "in", *options, "+xa") as endpoint:
        assert_stored_as_sent(DirectoryReadBack(tmp_path / "in"), endpoint, ct, transfer_syntax_uid)


@pytest.mark.needs_program("storescp")
def test_storescp_without_file_meta_information(tmp_path: Path, ct: Instance) -> None:
    with storescp(tmp_path / "in", "-F") as endpoint:
        assert_stored_as_sent(DirectoryReadBack(tmp_path / "in"), endpoint, ct)


@pytest.mark.needs_program("storescp")
def test_storescp_sorts_into_directories(tmp_path: Path, ct: Instance) -> None:
    with storescp(tmp_path / "in", "-ss", "study") as endpoint:
        assert_stored_as_sent(DirectoryReadBack(tmp_path / "in"), endpoint, ct)


@pytest.mark.needs_program("storescp")
def test_storescp_with_unique_names_keeps_both_duplicates(tmp_path: Path, ct: Instance) -> None:
    with storescp(tmp_path / "in", "+uf") as endpoint:
        channel = DirectoryReadBack(tmp_path / "in")
        sent, _ = store(endpoint, ct)
        store(endpoint, ct)
        assert len(stored(channel, sent).copies) == 2


@pytest.mark.needs_program("storescp")
def test_garbage_that_storescp_keeps_counts_under_the_uid_of_the_command(tmp_path: Path, ct: Instance) -> None:
    with storescp(tmp_path / "in", "+B") as endpoint:
        sent, exchange = store(endpoint, ct, data_set=b"\x55\xaa" * 600)
        assert exchange.status == 0
        found = stored(DirectoryReadBack(tmp_path / "in"), sent)
    assert found.listed == 1
    assert found.note
    assert Verdict.FAIL in {f.verdict for f in stored_equals_sent(ct, found, exchange)}


# dcmqrscp by DIMSE


@pytest.mark.needs_program("dcmqrscp")
@pytest.mark.parametrize("way", ["get", "move"])
def test_dcmqrscp_gives_back_what_it_was_sent(tmp_path: Path, ct: Instance, way: str) -> None:
    with (
        MoveScp(ae_title="CONFMOVE", port=0, folder=tmp_path / "spool", host="127.0.0.1") as move_scp,
        dcmqrscp(tmp_path / "qr", *(("--disable-get",) if way == "move" else ()), move_port=move_scp.port) as endpoint,
    ):
        channel = DimseReadBack(endpoint, spool=move_scp.spool if way == "move" else None)
        assert_stored_as_sent(channel, endpoint, ct)
        (copy,) = stored(channel, store(endpoint, ct)[0]).copies
        assert copy.where == f"Study Root C-{way.upper()}"


@pytest.mark.needs_program("dcmqrscp")
def test_patient_root_is_used_where_there_is_no_study_root(tmp_path: Path, ct: Instance) -> None:
    with dcmqrscp(tmp_path / "qr", "-QS") as endpoint:
        channel = auto.choose(endpoint)
        assert channel.name == "dimse"
        (copy,) = stored(channel, store(endpoint, ct)[0]).copies
        assert copy.where == "Patient Root C-GET"


@pytest.mark.needs_program("dcmqrscp")
def test_without_retrieval_nothing_can_be_said(tmp_path: Path, ct: Instance) -> None:
    with dcmqrscp(tmp_path / "qr", "--disable-get") as endpoint:
        assert auto.choose(endpoint).name == "none"
        outcome = DimseReadBack(endpoint).find(store(endpoint, ct)[0], expect=True)
        assert isinstance(outcome, NotReadable)
        assert "move_aet" in outcome.reason


@pytest.mark.needs_program("dcmqrscp")
def test_a_destination_that_gets_nothing_is_not_blamed_on_the_store(tmp_path: Path, ct: Instance) -> None:
    with dcmqrscp(tmp_path / "qr", "--disable-get", move_port=1) as endpoint:
        spool = MoveSpool(ae_title="CONFMOVE", folder=tmp_path)
        outcome = DimseReadBack(endpoint, spool=spool).find(store(endpoint, ct)[0], expect=True)
        assert isinstance(outcome, NotReadable)
        assert "C-MOVE" in outcome.reason


@pytest.mark.needs_program("dcmqrscp")
def test_what_was_never_sent_is_not_stored(tmp_path: Path, ct: Instance, identities: IdentitySource) -> None:
    with dcmqrscp(tmp_path / "qr") as endpoint:
        sent, _ = store(endpoint, ct)
        other = catalogue.build("CTImageStorage", identities.new(series_of=None))
        missing = Sent(
            label="",
            sop_class_uid=other.sop_class_uid,
            sop_instance_uid=other.sop_instance_uid,
            transfer_syntax_uid=EXPLICIT,
            data_set_bytes=0,
            sha256="",
            study_instance_uid=sent.study_instance_uid,
            series_instance_uid=sent.series_instance_uid,
        )
        found = stored(DimseReadBack(endpoint), missing, expect=False)
        assert (found.copies, found.listed) == ((), 0)


# Orthanc by REST and by DIMSE


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MoveScp, MoveSpool]]:
    with MoveScp(ae_title="CONFMOVE", port=0, folder=tmp_path_factory.mktemp("spool")) as move_scp:
        yield move_scp, move_scp.spool


@pytest.fixture(scope="module")
def orthanc(
    tmp_path_factory: pytest.TempPathFactory, spool: tuple[MoveScp, MoveSpool]
) -> Iterator[tuple[RunningTarget, Endpoint]]:
    destination = MoveDestination(ae_title="CONFMOVE", host="127.0.0.1", port=spool[0].port)
    target = OrthancNative(options=OrthancOptions(), move_destination=destination)
    with base.running(target, tmp_path_factory.mktemp("orthanc"), deadline_s=60) as up:
        yield up, endpoint_of(up.port, up.ae_title)


def rest(up: RunningTarget) -> OrthancReadBack:
    assert up.orthanc_url is not None
    return OrthancReadBack(up.orthanc_url, auth=up.orthanc_auth)


@pytest.mark.needs_orthanc
@NATIVE
@pytest.mark.parametrize("way", ["rest", "dimse"])
def test_orthanc_gives_back_what_it_was_sent(
    orthanc: tuple[RunningTarget, Endpoint], identities: IdentitySource, transfer_syntax_uid: str, way: str
) -> None:
    up, endpoint = orthanc
    instance = catalogue.build("CTImageStorage", identities.new())
    channel: ReadBack = rest(up) if way == "rest" else DimseReadBack(endpoint)
    assert_stored_as_sent(channel, endpoint, instance, transfer_syntax_uid)
    channel.close()


@pytest.mark.needs_orthanc
def test_orthanc_sends_to_our_storage_scp(
    orthanc: tuple[RunningTarget, Endpoint],
    spool: tuple[MoveScp, MoveSpool],
    ct: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, endpoint = orthanc
    monkeypatch.setattr("conformance.readback.dimse.GET", dict.fromkeys(("Study Root", "Patient Root"), "1.2.3"))
    sent, exchange = store(endpoint, ct)
    found = stored(DimseReadBack(endpoint, spool=spool[1]), sent)
    assert [copy.where for copy in found.copies] == ["Study Root C-MOVE"]
    assert {f.verdict for f in stored_equals_sent(ct, found, exchange)} == {Verdict.PASS}
    assert spool[1].files_of(sent.sop_instance_uid) == ()


@pytest.mark.needs_orthanc
@pytest.mark.parametrize("way", ["rest", "dimse"])
def test_orthanc_keeps_one_uid_under_two_studies_and_both_are_seen(
    orthanc: tuple[RunningTarget, Endpoint], identities: IdentitySource, way: str
) -> None:
    up, endpoint = orthanc
    first = catalogue.build("CTImageStorage", identities.new())
    other = identities.new()

    def move_to_other_study(dataset: Dataset) -> None:
        dataset.StudyInstanceUID = other.study_instance_uid
        dataset.SeriesInstanceUID = other.series_instance_uid

    second = first.changed(label="other study", edit=move_to_other_study)
    sent, _ = store(endpoint, first)
    also, _ = store(endpoint, second)
    channel: ReadBack = rest(up) if way == "rest" else DimseReadBack(endpoint)
    found = stored(channel, sent, also)
    channel.close()
    assert (len(found.copies), found.listed) == (2, 2)


@pytest.mark.needs_orthanc
def test_orthanc_deletes_what_it_is_told_to(orthanc: tuple[RunningTarget, Endpoint], ct: Instance) -> None:
    up, endpoint = orthanc
    sent, _ = store(endpoint, ct)
    channel = rest(up)
    assert channel.delete([sent.sop_instance_uid, "1.2.3.4.5"]) == (sent.sop_instance_uid,)
    assert stored(channel, sent, expect=False).copies == ()
    channel.close()


@pytest.mark.needs_orthanc
def test_a_wrong_password_is_no_verdict(orthanc: tuple[RunningTarget, Endpoint], ct: Instance) -> None:
    up, endpoint = orthanc
    assert up.orthanc_url is not None
    channel = OrthancReadBack(up.orthanc_url, auth=("nobody", "wrong"))
    outcome = channel.find(store(endpoint, ct)[0], expect=True)
    assert outcome == NotReadable(reason="HTTP 401 for /tools/lookup", channel="orthanc")
    assert channel.delete(["1.2.3"]) == ()
    channel.close()


@pytest.mark.needs_orthanc
def test_auto_prefers_rest_then_dimse(orthanc: tuple[RunningTarget, Endpoint]) -> None:
    up, endpoint = orthanc
    chosen = auto.choose(endpoint, orthanc_url=up.orthanc_url, orthanc_auth=up.orthanc_auth)
    assert chosen.name == "orthanc"
    chosen.close()
    assert auto.choose(endpoint).name == "dimse"
