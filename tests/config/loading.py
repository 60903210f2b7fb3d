"""Settings loaded from what a test wrote."""

from __future__ import annotations

from pathlib import Path

from conformance.config import Settings, load_settings


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "target.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def load(
    file: Path | None = None, env: dict[str, str] | None = None, overrides: dict[str, object] | None = None
) -> Settings:
    return load_settings(file=file, env=env or {}, overrides=overrides or {})
