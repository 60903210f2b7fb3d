"""Reports of storage commitment that another implementation, pynetdicom, sends to our own SCP."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from conformance.readback import reports
from conformance.readback.move_scp import MoveScp

TRANSACTION = "2.25.17"
INSTANCE = "1.2.3.4"


def information() -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    item.ReferencedSOPInstanceUID = INSTANCE
    made = Dataset()
    made.TransactionUID = TRANSACTION
    made.ReferencedSOPSequence = [item]
    return made


def send(port: int, *, with_role: bool = True, timeout_s: float = 5.0) -> int | None:
    """Report; the status that came back, or None."""
    ae = AE("SOMEPACS")
    ae.dimse_timeout = timeout_s
    ae.add_requested_context(StorageCommitmentPushModel)
    association = ae.associate(
        "127.0.0.1",
        port,
        ae_title="LISTENER",
        ext_neg=[build_role(StorageCommitmentPushModel, scp_role=True)] if with_role else None,
    )
    assert association.is_established
    status, _ = association.send_n_event_report(
        information(), 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    )
    association.release()
    return status.Status if "Status" in status else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def test_a_report_is_kept_and_answered(folder: Path) -> None:
    with MoveScp(ae_title="LISTENER", port=0, folder=folder, host="127.0.0.1") as scp:
        assert send(scp.port) == 0x0000
        (kept,) = reports.about(folder, TRANSACTION)
    assert kept.transaction_uid == TRANSACTION
    assert [one.sop_instance_uid for one in kept.committed] == [INSTANCE]
    assert kept.failed == ()
    assert kept.event_type_id == 1
    assert kept.roles == (0, 1)
    assert kept.calling_ae_title == "SOMEPACS"
    assert kept.answered == 0x0000
    assert not kept.same_association
    assert kept.defect == ""


def test_reports_are_found_by_what_they_name(folder: Path) -> None:
    with MoveScp(ae_title="LISTENER", port=0, folder=folder, host="127.0.0.1") as scp:
        send(scp.port)
    assert len(reports.about(folder, "2.25.99", [INSTANCE])) == 1
    assert reports.about(folder, "2.25.99", ["1.2.3.5"]) == ()


def test_a_report_is_answered_as_was_said(folder: Path) -> None:
    folder.mkdir()
    reports.answer_with(folder, TRANSACTION, 0x0110)
    with MoveScp(ae_title="LISTENER", port=0, folder=folder, host="127.0.0.1") as scp:
        assert send(scp.port) == 0x0110
        reports.answer_with(folder, TRANSACTION, None)
        assert send(scp.port, timeout_s=0.5) is None
    assert [kept.answered for kept in reports.about(folder, TRANSACTION)] == [0x0110, None]


def test_a_requestor_without_a_role_selection_is_seen_as_such(folder: Path) -> None:
    with MoveScp(ae_title="LISTENER", port=0, folder=folder, host="127.0.0.1") as scp:
        send(scp.port, with_role=False)
    assert [kept.roles for kept in reports.about(folder, TRANSACTION)] == [None]
