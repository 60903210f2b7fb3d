"""`pacs-conformance store`: exit codes, what is printed, the record, and how it ends when it is interrupted."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.cli.main import main
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.load.files import DicomFile
from conformance.preflight import answers_echo
from conformance.target.embedded.answer import Answer
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.server import EmbeddedPacs
from conformance.target.embedded.settings import Settings
from tests.load.corpus import OnStore, answering, instances, write, write_all

DEADLINE_S = 30.0


def address_of(pacs: EmbeddedPacs) -> str:
    host, port = pacs.address
    return f"{pacs.ae_title}@{host}:{port}"


@pytest.fixture
def files(tmp_path: Path) -> list[DicomFile]:
    """Four CT images in `corpus/`."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    return write_all(folder, 4)


def folder_of(files: list[DicomFile]) -> str:
    return str(files[0].path.parent)


@pytest.mark.parametrize(
    ("status", "arguments", "code"),
    [
        (None, [], 0),
        (0xB000, [], 0),
        (0xB000, ["--strict"], 1),
        (0x0111, [], 1),
        (0xA700, [], 1),
        (0xC001, [], 1),
    ],
    ids=["success", "warning", "warning strictly", "duplicate", "resources", "cannot understand"],
)
def test_exit_code_says_what_came(
    files: list[DicomFile],
    capsys: pytest.CaptureFixture[str],
    status: int | None,
    arguments: list[str],
    code: int,
) -> None:
    with EmbeddedPacs(Settings(store_status=status)) as pacs:
        assert main(["store", address_of(pacs), folder_of(files), *arguments]) == code
    out = capsys.readouterr().out
    if status:
        lines = [line for line in out.splitlines() if "corpus" in line]
        assert len(lines) == 4
        assert all(f"{status:04X}H" in line and uid_of(line) for line in lines)
    assert re.search(r"^  4  [0-9A-F]{4}H ", out, re.MULTILINE)
    assert re.search(r"4 of 4 instances answered in .* instances/s, .* MB/s", out)


def uid_of(line: str) -> str:
    found = re.search(r"1\.2\.826\.[0-9.]+", line)
    return found.group() if found else ""


def test_batch_goes_on_past_an_abort_and_failures(
    files: list[DicomFile], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    uids = [file.sop_instance_uid for file in files]
    behaviour = OnStore({uids[0]: answering(0xA700, "disk \x1b[2Jfull")}, aborts=[uids[2]])
    record = tmp_path / "record.json"
    with EmbeddedPacs(behaviour=behaviour) as pacs:
        assert main(["store", address_of(pacs), folder_of(files), "--json", str(record)]) == 1
    out = capsys.readouterr().out
    assert "remaining 0, completed 2, failed 2, warning 0" in out
    assert 'Error Comment: "disk \\x1b[2Jfull"' in out
    assert "\x1b" not in out
    assert "no response: A-ABORT" in out
    content = json.loads(record.read_text(encoding="utf-8"))
    assert content["totals"] == {
        "instances": 4,
        "completed": 2,
        "warning": 0,
        "failed": 2,
        "remaining": 0,
        "acknowledged_bytes": sum(files[n].data_set_bytes for n in (1, 3)),
    }
    assert [row["status"] for row in content["instances"]] == ["A700", "0000", None, "0000"]
    assert [row["sop_instance_uid"] for row in content["instances"]] == uids
    assert content["exit_code"] == 1


def test_verify_finds_what_is_stored_as_sent(files: list[DicomFile], capsys: pytest.CaptureFixture[str]) -> None:
    with EmbeddedPacs() as pacs:
        assert main(["store", address_of(pacs), folder_of(files), "--verify"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"read back by .*:\n +4  equal", out)


def test_verify_lists_a_change_by_path_and_keyword(
    files: list[DicomFile], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "archive").mkdir()
    (original,) = instances(1)
    other = original.changed(label="", edit=lambda ds: setattr(ds, "PatientName", "Somebody^Else"))
    write(tmp_path / "archive", other, "kept")
    readback = f"dir={tmp_path / 'archive'}"
    with EmbeddedPacs() as pacs:
        code = main(["store", address_of(pacs), str(files[0].path), "--verify", "--readback", readback])
    out = capsys.readouterr().out
    assert code == 1
    assert "DIFFERENT" in out
    assert re.search(r"NOT LEGAL: \(0010,0010\) PatientName changed: sent '.*', stored 'Somebody\^Else'", out)


def test_dry_run_counts_and_sends_nothing(
    files: list[DicomFile], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "corpus" / "readme.txt").write_text("no DICOM", encoding="utf-8")
    assert main(["store", "PACS@127.0.0.1:1", folder_of(files), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"4 .*CT Image Storage, Implicit VR Little Endian", out)
    assert "skipped: 1 not DICOM" in out


def test_file_that_cannot_be_sent_is_a_failure(files: list[DicomFile], capsys: pytest.CaptureFixture[str]) -> None:
    bad = files[0].path.with_name("bad.dcm")
    bad.write_bytes(bytes(128) + b"DICM" + b"\xff" * 100)
    with EmbeddedPacs() as pacs:
        assert main(["store", address_of(pacs), folder_of(files)]) == 1
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "completed 4, failed 1" in out


def test_target_that_nobody_listens_at_is_not_usable(
    files: list[DicomFile], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert main(["store", f"PACS@127.0.0.1:{port}", folder_of(files)]) == 3
    err = capsys.readouterr().err
    assert "target not usable: TCP connection" in err
    assert "hint: nobody listens on that port" in err


def test_target_that_rejects_is_not_usable(files: list[DicomFile], capsys: pytest.CaptureFixture[str]) -> None:
    with EmbeddedPacs(Settings(called_ae_required=True)) as pacs:
        host, port = pacs.address
        assert main(["store", f"OTHER@{host}:{port}", folder_of(files)]) == 3
    err = capsys.readouterr().err
    assert "called-AE-title-not-recognized" in err
    assert "hint:" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["PACS@127.0.0.1", "."],
        ["A23456789012345678@127.0.0.1:104", "."],
        ["PACS@127.0.0.1:104", "no/such/path"],
        ["PACS@127.0.0.1:104", ".", "--calling-aet", "A\\B"],
        ["PACS@127.0.0.1:104", ".", "--timeout", "never"],
        ["PACS@127.0.0.1:104", ".", "--associations", "0"],
        ["PACS@127.0.0.1:104", ".", "--verify", "--readback", "none"],
        ["PACS@127.0.0.1:104", ".", "--verify", "--readback", "telepathy"],
        ["PACS@127.0.0.1:104", ".", "--json", "no/such/folder/file.json"],
        ["PACS@127.0.0.1:104"],
    ],
    ids=lambda arguments: " ".join(arguments[1:]) or "no path",
)
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["store", *arguments]) == 4
    err = capsys.readouterr().err
    assert err.startswith("ERROR: ")
    assert "Traceback" not in err


def test_record_is_never_written_over_a_file_to_send(
    files: list[DicomFile], capsys: pytest.CaptureFixture[str]
) -> None:
    before = files[0].path.read_bytes()
    assert main(["store", "PACS@127.0.0.1:1", folder_of(files), "--json", str(files[0].path)]) == 4
    assert files[0].path.read_bytes() == before
    assert "is one of the files to send" in capsys.readouterr().err


def test_nothing_to_send_has_an_exit_code_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("no DICOM", encoding="utf-8")
    assert main(["store", "PACS@127.0.0.1:1", str(tmp_path)]) == 5
    streams = capsys.readouterr()
    assert "skipped: 1 not DICOM" in streams.out
    assert "nothing to send" in streams.err


def test_interrupt_ends_with_what_was_done(files: list[DicomFile], tmp_path: Path) -> None:
    waiting, resume = threading.Event(), threading.Event()

    def hang(_association: Association, _request: Request) -> Answer | None:
        waiting.set()
        resume.wait(DEADLINE_S)
        return None

    record = tmp_path / "record.json"
    script = "import sys; from conformance.cli import main; sys.exit(main())"
    with EmbeddedPacs(behaviour=OnStore({files[2].sop_instance_uid: hang})) as pacs:
        child = subprocess.Popen(
            [sys.executable, "-c", script, "store", address_of(pacs), folder_of(files), "--json", str(record)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert waiting.wait(DEADLINE_S)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=DEADLINE_S)
        finally:
            resume.set()
            child.kill()
            child.wait()
    assert child.returncode == 2
    assert "remaining 2, completed 2, failed 0, warning 0" in out
    assert "2 of 4 instances answered" in out
    assert err.endswith("interrupted\n")
    content = json.loads(record.read_text(encoding="utf-8"))
    assert [row["result"] for row in content["instances"]] == ["completed", "completed", "remaining", "remaining"]


@contextmanager
def storescp(folder: Path, *arguments: str) -> Iterator[int]:
    """DCMTK's storescp; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    with (folder / "storescp.log").open("wb") as log:
        child = subprocess.Popen(
            ["storescp", "-od", str(folder), *arguments, str(port)], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            deadline_s = time.monotonic() + DEADLINE_S
            while not listens(port):
                assert child.poll() is None
                assert time.monotonic() < deadline_s
            yield port
        finally:
            child.kill()
            child.wait()


def listens(port: int) -> bool:
    endpoint = Endpoint(host="127.0.0.1", port=port, called_ae_title="X", calling_ae_title="Y", timeout_s=1)
    return answers_echo(endpoint, Recorder(), timeout_s=1)[0]


@pytest.mark.needs_program("storescp")
@pytest.mark.parametrize("arguments", [[], ["+xi"]], ids=["as sent", "implicit only"])
def test_storescp_stores_what_was_sent(
    files: list[DicomFile], tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    explicit = tmp_path / "corpus" / "explicit.dcm"
    (instance,) = instances(1, "MRImageStorage")
    write(explicit.parent, instance, explicit.name, "1.2.840.10008.1.2.1")
    archive = tmp_path / "archive"
    archive.mkdir()
    with storescp(archive, *arguments) as port:
        code = main(
            ["store", f"STORESCP@127.0.0.1:{port}", folder_of(files), "--verify", "--readback", f"dir={archive}"]
        )
    out = capsys.readouterr().out
    assert code == 0, out
    assert "  5  0000H Success" in out
    assert re.search(r" 5  equal$", out, re.MULTILINE)
    assert ("re-encoded" in out) is bool(arguments)
