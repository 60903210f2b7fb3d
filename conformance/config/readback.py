"""How one looks at what the target stored: the part of the configuration, and its short form on a command line."""

from __future__ import annotations

from enum import StrEnum, unique
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from conformance.config.address import check_ae_title
from conformance.config.errors import ConfigError, nearest, shown, without_credentials


@unique
class ReadbackMethod(StrEnum):
    """The channel through which stored instances are seen."""

    AUTO = "auto"
    """The best that the target and the configuration offer."""
    DIMSE = "dimse"
    ORTHANC = "orthanc"
    DICOMWEB = "dicomweb"
    DIR = "dir"
    NONE = "none"


_PLACE: Final = {
    ReadbackMethod.ORTHANC: "orthanc_url",
    ReadbackMethod.DICOMWEB: "dicomweb_url",
    ReadbackMethod.DIR: "directory",
}
"""Methods that need a place, and the key that holds it."""

_FORMS: Final = "auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH, none"


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be an http:// or https:// URL with a host")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or password; set user and password instead")
    return text.rstrip("/")


def _move_aet(text: str) -> str:
    return check_ae_title(text, "move destination")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class ReadbackConfig(BaseModel):
    """Table `[readback]`: the channel, and what it needs.

    `move_aet` and `move_port` are our own Storage SCP as the target knows it, the destination of a C-MOVE.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: ReadbackMethod = ReadbackMethod.AUTO
    orthanc_url: HttpUrl | None = None
    dicomweb_url: HttpUrl | None = None
    directory: Path | None = None
    user: str | None = None
    password: SecretStr | None = None
    move_aet: Annotated[str, AfterValidator(_move_aet)] | None = None
    move_port: Annotated[int, Field(ge=1, le=65535)] | None = None

    @model_validator(mode="after")
    def _place_is_given(self) -> Self:
        key = _PLACE.get(self.method)
        if key is not None and getattr(self, key) is None:
            raise ValueError(f"method '{self.method}' needs {key}")
        return self


def parse_readback(text: str) -> ReadbackConfig:
    """The short form: `auto`, `dimse`, `orthanc=URL`, `dicomweb=URL`, `dir=PATH` or `none`.

    A user name and a password in the URL become `user` and `password`.

    Raises:
        ConfigError: No such method, or its place is missing or malformed. The message never shows a password.
    """
    return ReadbackConfig.model_validate(readback_keys(text))


def readback_keys(text: str) -> dict[str, object]:
    """The keys of `[readback]` that the short form sets, checked.

    Raises:
        ConfigError: As `parse_readback`.
    """
    name, equals, place = text.partition("=")
    try:
        method = ReadbackMethod(name)
    except ValueError:
        near = nearest(name, ReadbackMethod)
        hint = f"did you mean {near!r}?" if near else ""
        raise ConfigError(f"read-back {shown(name)} is none of: {_FORMS}", hint=hint) from None
    key = _PLACE.get(method)
    if key is None:
        if equals:
            raise ConfigError(f"read-back '{method}' takes no value: write '{method}' alone")
        return {"method": method}
    if not place:
        raise ConfigError(f"read-back '{method}' needs a value: one of {_FORMS}")
    if method is ReadbackMethod.DIR:
        return {"method": method, key: Path(place).expanduser()}
    return {"method": method, **_url_keys(method, key, place)}


def _url_keys(method: ReadbackMethod, key: str, url: str) -> dict[str, object]:
    keys: dict[str, object] = {}
    try:
        parts = urlsplit(url)
        credentials, at, endpoint = parts.netloc.rpartition("@")
        if at:
            user, _, password = credentials.partition(":")
            keys = {"user": unquote(user), "password": SecretStr(unquote(password))}
            url = urlunsplit(parts._replace(netloc=endpoint))
        keys[key] = _http_url(url)
    except ValueError as problem:
        raise ConfigError(f"read-back '{method}', URL {shown(without_credentials(url))}: {problem}") from None
    return keys
