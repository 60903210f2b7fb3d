"""Values on the command line, checked: what is wrong, the value, the limit."""

from __future__ import annotations

from typing import Any, Final

import click

from conformance.cli.errors import CommandError
from conformance.config import Address, ConfigError, check_ae_title, parse_address

USAGE_EXIT_CODE: Final = 4


def usage_error(error: ConfigError) -> CommandError:
    """A configuration error as the end of a command."""
    return CommandError(str(error), exit_code=USAGE_EXIT_CODE, hint=error.hint)


class AddressType(click.ParamType):  # type: ignore[type-arg]
    """AET@HOST:PORT."""

    name = "AET@HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Parse."""
        if isinstance(value, Address):
            return value
        try:
            return parse_address(value)
        except ConfigError as error:
            raise usage_error(error) from None


class AeTitleType(click.ParamType):  # type: ignore[type-arg]
    """An AE title."""

    name = "AET"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check."""
        try:
            return check_ae_title(value, "AE title")
        except ConfigError as error:
            raise usage_error(error) from None


class StatusType(click.ParamType):  # type: ignore[type-arg]
    """A status of four hexadecimal digits."""

    name = "HEX"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse."""
        if isinstance(value, int):
            return value
        try:
            status = int(value, 16)
        except ValueError:
            status = -1
        if not 0 <= status <= 0xFFFF:
            self.fail(f"{value!r} is no status of four hexadecimal digits, such as A700", param, ctx)
        return status


ADDRESS: Final = AddressType()
AE_TITLE: Final = AeTitleType()
STATUS: Final = StatusType()
