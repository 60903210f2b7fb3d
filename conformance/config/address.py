"""The address of an Application Entity, as a person types it: `PACS@10.0.0.5:104`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from conformance.config.errors import ConfigError, shown

_EXPECTED: Final = "write AET@HOST:PORT, such as PACS@10.0.0.5:104 or PACS@[::1]:104"
_AE_TITLE_MAX_CHARACTERS: Final = 16
_PORT_MAX: Final = 65535
_HOST_MAX_CHARACTERS: Final = 253
_HOST_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an Application Entity listens.

    Attributes:
        aet: AE title, without the spaces around it, which are not significant.
        host: Host name, or IP address without brackets.
        port: TCP port, 1 to 65535.
    """

    aet: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.aet}@{host}:{self.port}"


def check_ae_title(text: str, what: str) -> str:
    """An AE title as PS3.5 Table 6.2-1 (VR AE) has it, without the spaces around it.

    Args:
        text: What the person wrote.
        what: What it is, for the error: "called AE title", "calling AE title", "move destination".

    Raises:
        ConfigError: Empty or all spaces, over 16 characters, with a backslash or a control character, or not ASCII.
    """
    clause = "PS3.5 Table 6.2-1, VR AE"
    title = text.strip(" ")
    if not title:
        raise ConfigError(f"{what} {shown(text)} is empty: it has 1 to 16 characters, not all spaces ({clause})")
    if len(title) > _AE_TITLE_MAX_CHARACTERS:
        raise ConfigError(
            f"{what} {shown(text)} has {len(title)} characters, at most {_AE_TITLE_MAX_CHARACTERS} are allowed"
            f" ({clause})"
        )
    if "\\" in title:
        raise ConfigError(f"{what} {shown(text)} contains a backslash, which an AE title may not ({clause})")
    for char in title:
        if not char.isascii():
            raise ConfigError(
                f"{what} {shown(text)} contains {shown(char)}: only ASCII characters are allowed ({clause})"
            )
        if not char.isprintable():
            raise ConfigError(f"{what} {shown(text)} contains the control character {shown(char)} ({clause})")
    return title


def parse_address(text: str) -> Address:
    """`AET@HOST:PORT`; the host is a name, an IPv4 address, or an IPv6 address in brackets.

    Raises:
        ConfigError: A part is missing or malformed.
    """
    # An AE title may contain "@" itself; a host may not, so the last one divides.
    aet, at, endpoint = text.rpartition("@")
    if not at:
        raise ConfigError(f"address {shown(text)} has no AE title before an '@'", hint=_EXPECTED)
    host, port = _split_endpoint(text, endpoint)
    return Address(
        aet=check_ae_title(aet, "called AE title"), host=_check_host(text, host), port=_check_port(text, port)
    )


def _split_endpoint(text: str, endpoint: str) -> tuple[str, str]:
    if endpoint.startswith("["):
        host, bracket, rest = endpoint[1:].partition("]")
        if not bracket:
            raise ConfigError(f"address {shown(text)} has '[' without ']'", hint=_EXPECTED)
        if not rest.startswith(":"):
            raise ConfigError(f"address {shown(text)} has no ':PORT' after the host", hint=_EXPECTED)
        try:
            IPv6Address(host)
        except ValueError:
            raise ConfigError(f"address {shown(text)}: {shown(host)} is not an IPv6 address", hint=_EXPECTED) from None
        return host, rest[1:]
    host, colon, port = endpoint.rpartition(":")
    if not colon:
        raise ConfigError(f"address {shown(text)} has no ':PORT' after the host", hint=_EXPECTED)
    if ":" in host:
        raise ConfigError(f"address {shown(text)}: an IPv6 address stands in brackets", hint=_EXPECTED)
    return host, port


def _check_host(text: str, host: str) -> str:
    if not host:
        raise ConfigError(f"address {shown(text)} has an empty host", hint=_EXPECTED)
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        is_name = len(host) <= _HOST_MAX_CHARACTERS and all(_HOST_LABEL.fullmatch(label) for label in labels)
        # A name whose last label is a number is a mistyped IPv4 address (10.0.0.256).
        if not is_name or labels[-1].isdigit():
            raise ConfigError(
                f"address {shown(text)}: {shown(host)} is neither a host name nor an IP address", hint=_EXPECTED
            ) from None
    return host


def _check_port(text: str, port: str) -> int:
    limit = f"a port is a number from 1 to {_PORT_MAX}"
    if not (port.isascii() and port.isdigit()):
        raise ConfigError(f"address {shown(text)} has the port {shown(port)}: {limit}", hint=_EXPECTED)
    # Longer than any port: no need to convert a number of any length.
    number = int(port) if len(port) <= len("00065535") else 0
    if not 1 <= number <= _PORT_MAX:
        raise ConfigError(f"address {shown(text)} has the port {port[:20]}: {limit}")
    return number
