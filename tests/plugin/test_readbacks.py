"""Which read-back a run has: what is configured comes first, and the web services are known beside any other."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from conformance.config import Settings
from conformance.config.readback import ReadbackConfig, ReadbackMethod, parse_readback
from conformance.driver.endpoint import Endpoint
from conformance.plugin.readbacks import ReadBackPlan, choose_plan
from conformance.readback.base import NoReadBack
from conformance.target.base import RunningTarget

ENDPOINT = Endpoint(host="127.0.0.1", port=1, called_ae_title="PACS", calling_ae_title="CONFORMANCE", timeout_s=5.0)
REMOTE = RunningTarget(kind="remote", host="127.0.0.1", port=1, ae_title="PACS")
ORTHANC = RunningTarget(
    kind="orthanc-native",
    host="127.0.0.1",
    port=1,
    ae_title="ORTHANC",
    orthanc_url="http://o:8042",
    dicomweb_url="http://o:8042/dicom-web",
    orthanc_auth=("ann", "secret"),
)


def plan(readback: ReadbackConfig, running: RunningTarget = REMOTE) -> ReadBackPlan:
    return choose_plan(Settings(readback=readback), running, ENDPOINT, None)


def test_dicomweb_is_opened_with_its_credentials() -> None:
    chosen = plan(parse_readback("dicomweb=http://ann:secret@h/web"))
    assert (chosen.method, chosen.dicomweb_url, chosen.user, chosen.password) == (
        "dicomweb",
        "http://h/web",
        "ann",
        "secret",
    )
    channel = chosen.open(ENDPOINT)
    assert channel.name == "dicomweb"
    channel.close()
    assert ReadBackPlan.from_builtins(chosen.as_builtins()) == chosen


def test_an_orthanc_of_ours_is_read_by_its_own_interface_and_has_web_services() -> None:
    chosen = plan(ReadbackConfig(), ORTHANC)
    web = chosen.open_web(ENDPOINT)
    assert (chosen.method, chosen.dicomweb_url) == ("orthanc", "http://o:8042/dicom-web")
    assert web is not None
    web.close()


def test_without_a_url_there_are_no_web_services() -> None:
    assert plan(ReadbackConfig(method=ReadbackMethod.NONE)).open_web(ENDPOINT) is None


def test_web_services_serve_where_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.readback.auto.choose", lambda *_args, **_options: NoReadBack("nothing"))
    known = ReadbackConfig(dicomweb_url="http://h/web", user="ann", password=SecretStr("secret"))
    assert plan(known).method == "dicomweb"
    assert plan(ReadbackConfig()).reason == "nothing"
