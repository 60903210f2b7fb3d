"""manifest.json names each file with its digest, and tells what changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from conformance.evidence.manifest import changed_files, write_manifest


def test_every_file_but_itself_is_listed(tmp_path: Path) -> None:
    (tmp_path / "wire").mkdir()
    (tmp_path / "wire" / "a.pcapng").write_bytes(b"packets")
    (tmp_path / "results.json").write_bytes(b"{}")
    (tmp_path / "link").symlink_to(tmp_path / "results.json")
    write_manifest(tmp_path)
    listed = json.loads(write_manifest(tmp_path).read_text())["files"]
    assert listed == [
        {"path": "results.json", "bytes": 2, "sha256": hashlib.sha256(b"{}").hexdigest()},
        {"path": "wire/a.pcapng", "bytes": 7, "sha256": hashlib.sha256(b"packets").hexdigest()},
    ]


def test_changes_since_are_named(tmp_path: Path) -> None:
    for name in ("kept", "changed", "missing"):
        (tmp_path / name).write_text(name)
    write_manifest(tmp_path)
    assert changed_files(tmp_path) == []
    (tmp_path / "changed").write_text("otherwise")
    (tmp_path / "missing").unlink()
    (tmp_path / "new").write_text("new")
    assert changed_files(tmp_path) == ["missing: missing", "changed: changed", "new: not in the manifest"]
