"""manifest.json: size and SHA-256 of each file of a run, so that a filed report can be checked later."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

NAME: Final = "manifest.json"


def manifest(run_dir: Path) -> dict[str, Any]:
    """Every regular file below the folder but the manifest itself, by its path with `/`, in order."""
    files = sorted(
        (path.relative_to(run_dir).as_posix(), path)
        for path in run_dir.rglob("*")
        if path.is_file() and not path.is_symlink() and path != run_dir / NAME
    )
    return {
        "algorithm": "SHA-256",
        "files": [{"path": name, "bytes": path.stat().st_size, "sha256": _digest(path)} for name, path in files],
    }


def write_manifest(run_dir: Path) -> Path:
    """Write the manifest of a folder into it; the path of the file."""
    path = run_dir / NAME
    path.write_text(json.dumps(manifest(run_dir), indent=1) + "\n", encoding="utf-8")
    return path


def changed_files(run_dir: Path) -> list[str]:
    """What does not agree with the folder's manifest, one line a file; empty when all does.

    Raises:
        OSError: There is no manifest, or it cannot be read.
    """
    recorded = {f["path"]: f["sha256"] for f in json.loads((run_dir / NAME).read_text(encoding="utf-8"))["files"]}
    present = {f["path"]: f["sha256"] for f in manifest(run_dir)["files"]}
    lines = [f"{path}: missing" for path in recorded if path not in present]
    lines += [f"{path}: changed" for path, digest in recorded.items() if present.get(path, digest) != digest]
    return lines + [f"{path}: not in the manifest" for path in present if path not in recorded]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
