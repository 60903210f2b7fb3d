"""Command line, environment, file and defaults, in this order of precedence, become one frozen `Settings`."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from conformance.config.errors import ConfigError, nearest, shown, without_credentials
from conformance.config.readback import ReadbackConfig, readback_keys
from conformance.config.settings import Settings

ENVIRONMENT_PREFIX: Final = "PACS_CONFORMANCE_"
_FILE_MAX_BYTES: Final = 1024 * 1024
_COMMAND_LINE: Final = "the command line"
_SECRET_KEYS: Final = frozenset({"readback.password", "readback.user"})


def load_settings(*, file: Path | None, env: Mapping[str, str], overrides: Mapping[str, object]) -> Settings:
    """The settings of a run.

    Args:
        file: A target file (TOML), or None.
        env: The environment; names that begin `PACS_CONFORMANCE_` count: `PACS_CONFORMANCE_LIMITS_TIMEOUT_S`.
        overrides: From the command line, by dotted key (`limits.timeout_s`, `target.address`, `seed`); None is
            "not given". `readback` takes the short form of `parse_readback`, in the environment too.

    Raises:
        ConfigError: A key, a value or the file cannot be used.
    """
    layers = _Layers()
    if file is not None:
        _add_file(layers, file)
    _add_environment(layers, env)
    for path, value in overrides.items():
        if value is not None:
            layers.add(path, value, _COMMAND_LINE)
    try:
        return Settings.model_validate(layers.tree())
    except ValidationError as problem:
        raise layers.explain(problem.errors()[0]) from None


@dataclass(slots=True)
class _Layers:
    """Values by dotted key, with the place each came from; what is added later wins."""

    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, value: object, place: str) -> None:
        """Take a value, or raise a ConfigError if there is no such key."""
        if path == "readback" and isinstance(value, str):
            value = readback_keys(value)
        elif path == "readback" and isinstance(value, ReadbackConfig):
            value = {key: getattr(value, key) for key in value.model_fields_set}
        if isinstance(value, Mapping) and path in _TABLES:
            for key, inner in value.items():
                self.add(f"{path}.{key}", inner, place)
            return
        if path in _TABLES:
            raise ConfigError(f"{path} is {shown(value)} in {place}: it must be a table, [{path}]")
        if path not in _KEYS:
            raise _unknown_key(path, place)
        self.values[path] = value
        self.places[path] = place

    def tree(self) -> dict[str, object]:
        """The values as nested tables."""
        tree: dict[str, object] = {}
        for path, value in self.values.items():
            table, dot, key = path.partition(".")
            if dot:
                inner = tree.setdefault(table, {})
                assert isinstance(inner, dict)
                inner[key] = value
            else:
                tree[path] = value
        return tree

    def explain(self, error: ErrorDetails) -> ConfigError:
        """One line about the first thing that is wrong: key, value, place, limit."""
        location = [str(part) for part in error["loc"]]
        path = ".".join(location[:2])
        if path not in self.places:
            path = location[0] if location else ""
        reason = _reason(error)
        if path not in self.places:  # a rule of a whole table
            return ConfigError(f"[{path}]: {reason}")
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, ConfigError):  # says what and its value itself
            return ConfigError(f"{_in_words(path)} (from {self.places[path]}): {cause}", hint=cause.hint)
        return ConfigError(f"{_in_words(path)} is {self._shown(path)} (from {self.places[path]}): {reason}")

    def _shown(self, path: str) -> str:
        value = self.values[path]
        if path in _SECRET_KEYS:
            return "'…'"
        return shown(without_credentials(value) if path.endswith("_url") and isinstance(value, str) else value)


def _keys() -> Iterator[tuple[str, type[Enum] | None]]:
    for name, info in Settings.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for key, inner in kind.model_fields.items():
                yield f"{name}.{key}", _enum_of(inner.annotation)
        else:
            yield name, _enum_of(kind)


def _enum_of(annotation: object) -> type[Enum] | None:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, Enum):
            return part
    return None


_KEYS: Final = dict(_keys())
_TABLES: Final = frozenset(path.partition(".")[0] for path in _KEYS if "." in path)
_ENVIRONMENT: Final = {ENVIRONMENT_PREFIX + path.upper().replace(".", "_"): path for path in (*_KEYS, "readback")}


def _add_environment(layers: _Layers, env: Mapping[str, str]) -> None:
    # The short form of the read-back first: a single key beside it is the more exact word.
    for name in sorted(env, key=lambda name: (name != f"{ENVIRONMENT_PREFIX}READBACK", name)):
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        path = _ENVIRONMENT.get(name)
        if path is None:
            near = nearest(name, _ENVIRONMENT)
            raise ConfigError(
                f"unknown environment variable {shown(name)}" + (f"; did you mean {near!r}?" if near else "")
            )
        layers.add(path, env[name], f"environment variable {name}")


def _add_file(layers: _Layers, file: Path) -> None:
    document = _read(file)
    place = f"{file}"
    for name, value in document.items():
        layers.add(name, value, place)
    for key in ("readback.directory", "corpus.directory"):
        directory = layers.values.get(key)
        if isinstance(directory, str):
            layers.values[key] = file.parent / Path(directory).expanduser()


def _read(file: Path) -> dict[str, object]:
    what = f"target file {str(file)!r}"
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ConfigError(f"{what} is a directory", hint="name the TOML file inside it")
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError(f"{what} is not a regular file")
        if status.st_size > _FILE_MAX_BYTES:
            raise ConfigError(f"{what} has {status.st_size} bytes, at most {_FILE_MAX_BYTES} are read")
        # "-sig": editors on Windows put a byte order mark in front, which TOML does not know.
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{what} does not exist") from None
    except OSError as problem:
        raise ConfigError(f"{what} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise ConfigError(f"{what} is not UTF-8: byte {problem.start} cannot be decoded") from None
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{what} is not valid TOML: {problem}") from None


def _unknown_key(path: str, place: str) -> ConfigError:
    table, dot, key = path.partition(".")
    siblings = [known.partition(".")[2] for known in _KEYS if known.startswith(f"{table}.")]
    if dot and siblings:
        near = nearest(key, siblings)
        where = f"in [{table}]"
        legal = ", ".join(siblings)
    else:
        key = path
        top_level = sorted({known.partition(".")[0] for known in _KEYS})
        near = nearest(key, top_level) or _in_a_table(key)
        where = "at top level"
        legal = ", ".join(top_level)
    ask = f"; did you mean {near!r}?" if near else ""
    return ConfigError(f"unknown key {shown(key)} {where} (from {place}){ask}", hint=f"legal keys: {legal}")


def _in_a_table(key: str) -> str | None:
    return next((path for path in _KEYS if path.endswith(f".{key}")), None)


def _in_words(path: str) -> str:
    table, dot, key = path.partition(".")
    return f"{key!r} in [{table}]" if dot else f"{path!r}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error.get("ctx", {}).get("error"))
    if error["type"] == "enum":
        path = ".".join(str(part) for part in error["loc"][:2])
        kind = _KEYS.get(path)
        given = error["input"]
        near = nearest(str(given), [str(member.value) for member in kind]) if kind else None
        return f"must be one of {error.get('ctx', {})['expected']}" + (f"; did you mean {near!r}?" if near else "")
    if error["type"] == "string_pattern_mismatch":
        return "must have 1 to 16 of the characters A-Z a-z 0-9 _ . -"
    message = error["msg"].replace("Input should be", "must be")
    return message[0].lower() + message[1:]
