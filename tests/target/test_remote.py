from pathlib import Path

from conformance.target.base import running
from conformance.target.remote import RemoteTarget


def test_a_remote_target_is_taken_as_it_is(tmp_path: Path) -> None:
    target = RemoteTarget(ae_title="PACS", host="192.0.2.1", port=104)
    with running(target, tmp_path, deadline_s=0) as up:
        assert (up.kind, up.host, up.port, up.ae_title) == ("remote", "192.0.2.1", 104, "PACS")
        assert (up.log_path, up.orthanc_url, up.orthanc_auth) == (None, None, None)
    assert target.alive() is None
    assert list(tmp_path.iterdir()) == []
