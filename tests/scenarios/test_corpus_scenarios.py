"""A person's own files in a run: stored, compared, said where they cannot be, and never deleted where they are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.cli.listing import collect
from conformance.cli.run import base_arguments
from conformance.config import Settings
from conformance.config.corpus import CorpusConfig, CorpusUids
from conformance.instances import catalogue
from conformance.instances.encapsulated import rle
from conformance.instances.identity import IdentitySource, run_uid_root
from conformance.instances.rich import rich
from conformance.plugin.controller import delete_stored
from conformance.plugin.corpus import privacy_note
from conformance.target.embedded.server import EmbeddedPacs
from conformance.verdict.finding import Verdict
from tests.load.test_corpus_cases import EXPLICIT, IMPLICIT, RLE, SMALL, give_a_name, put
from tests.scenarios.playing import play, play_fault

FILES = "test_corpus.py"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Files of every kind: whole, compressed, named, cut, twice, and one that is none."""
    folder, identities = tmp_path / "corpus", IdentitySource(seed=5, scope="corpus")
    image = catalogue.build("CTImageStorage", identities.new(), **SMALL)
    put(folder / "a.dcm", image)
    put(folder / "again.dcm", image, IMPLICIT)
    put(folder / "deep/frames.dcm", rle(catalogue.build("CTImageStorage", identities.new(), **SMALL)), RLE)
    put(folder / "deep/rich.dcm", rich(identities.new()), EXPLICIT)
    put(
        folder / "named.dcm",
        catalogue.build("MRImageStorage", identities.new(), **SMALL).changed(label="", edit=give_a_name),
    )
    put(folder / "cut.dcm", catalogue.build("CTImageStorage", identities.new(), **SMALL))
    (folder / "cut.dcm").write_bytes((folder / "cut.dcm").read_bytes()[:-7])
    (folder / "notes.txt").write_text("no image")
    return folder


def test_each_file_is_a_case(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in corpus.rglob("*") if path.is_file()}
    with EmbeddedPacs() as pacs:
        played = play(pacs, FILES, options=(f"--pacs-corpus={corpus}",))
        kept = pacs.store.instances()
    assert {record["id"].partition("[")[2].rstrip("]"): record["verdict"] for record in played.records} == {
        "a.dcm": "PASS",
        "again.dcm": "NOT_APPLICABLE",
        "cut.dcm": "NOT_APPLICABLE",
        "deep/frames.dcm": "PASS",
        "deep/rich.dcm": "PASS",
        "named.dcm": "PASS",
    }
    reasons = {f["actual"] for r in played.records for f in r["findings"] if f["verdict"] == Verdict.NOT_APPLICABLE}
    assert any("its SOP Instance UID is that of a.dcm" in reason for reason in reasons)
    assert any("cannot be read to its end" in reason for reason in reasons)
    assert all(instance.patient_id.startswith("CONF") for instance in kept)
    said = capfd.readouterr().err
    assert "1 of 6 files of the corpus may be about real people" in said
    assert "Meier" not in said
    notes = [note for record in played.records for note in record["notes"]]
    assert notes == ["may be about a real person: a Patient's Name that does not look synthetic"]
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before} == before


def test_a_changed_file_is_caught(corpus: Path) -> None:
    played = play_fault("flips-a-bit", f"{FILES}::test_file[a.dcm]", options=(f"--pacs-corpus={corpus}",))
    assert "FID-02" in played.failed


def test_files_that_are_kept_go_out_as_they_are(corpus: Path) -> None:
    with EmbeddedPacs() as pacs:
        options = (f"--pacs-corpus={corpus}", "--pacs-corpus-uids=keep")
        assert play(pacs, f"{FILES}::test_file[named.dcm]", options=options).verdicts == {"PASS"}
        assert "1" in {instance.patient_id for instance in pacs.store.instances()}


def test_without_a_corpus_there_is_no_case() -> None:
    assert not [scenario["id"] for scenario in collect() if scenario["id"].startswith("test_corpus")]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        pytest.param(("notes.txt",), "none of its 1 files is a DICOM file", id="no-dicom"),
        pytest.param((), "none of its 0 files", id="empty"),
        pytest.param(None, "is no folder", id="no-folder"),
    ],
)
def test_a_corpus_without_files_is_a_usage_error(
    tmp_path: Path, names: Sequence[str] | None, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corpus"
    if names is not None:
        folder.mkdir()
        for name in names:
            (folder / name).write_text("no image")
    arguments = [*base_arguments(), "--pacs-target=embedded", f"--pacs-corpus={folder}", f"--pacs-output={tmp_path}/r"]
    assert pytest.main(arguments) == pytest.ExitCode.USAGE_ERROR
    said = capfd.readouterr().err
    assert words in said
    assert "hint:" in said
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(("uids", "deleted"), [(CorpusUids.REMAP, ["1", "2"]), (CorpusUids.KEEP, ["1"])], ids=str)
def test_what_kept_its_identifiers_is_never_deleted(tmp_path: Path, uids: CorpusUids, deleted: list[str]) -> None:
    """It may have been on the target before the run, even where it came from a run with the same seed."""
    root = run_uid_root(7)
    asked: list[str] = []

    def delete(found: Sequence[str]) -> tuple[str, ...]:
        asked.extend(found)
        return tuple(found)

    scenarios = [
        {"id": name, "verdict": "PASS", "instances": [{"sop_instance_uid": f"{root}.{number}", "status": "0000H"}]}
        for name, number in (("test_storage.py::test_one", 1), ("test_corpus.py::test_one", 2))
    ]
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"schema_version": "1.0", "seed": 7, "scenarios": scenarios, "summary": {}}))
    run: Any = SimpleNamespace(
        settings=Settings(corpus=CorpusConfig(directory=tmp_path, uids=uids)),
        readback=SimpleNamespace(name="orthanc", delete=delete),
    )
    assert delete_stored(run, path)["deleted"] == asked == [f"{root}.{number}" for number in deleted]


def test_a_privacy_note_counts_signs_and_names_files_alone() -> None:
    assert privacy_note({}, 3) == ""
    people = {f"{number}.dcm": ("burned-in annotation",) for number in range(7)}
    assert privacy_note(people, 9) == (
        "7 of 9 files of the corpus may be about real people (burned-in annotation: 7): "
        "0.dcm, 1.dcm, 2.dcm, 3.dcm, 4.dcm, and 2 more"
    )
