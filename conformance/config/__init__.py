"""Who the target is, what its conformance statement claims, and how a run is bounded.

`load_settings` is the one way in: command line, environment, file and defaults become one frozen `Settings`.
"""

from conformance.config.address import Address, check_ae_title, parse_address
from conformance.config.errors import ConfigError
from conformance.config.load import load_settings
from conformance.config.readback import ReadbackConfig, ReadbackMethod, parse_readback
from conformance.config.settings import (
    Claims,
    DuplicatePolicy,
    Level,
    Limits,
    Safety,
    Service,
    Settings,
    TargetConfig,
)

__all__ = [
    "Address",
    "Claims",
    "ConfigError",
    "DuplicatePolicy",
    "Level",
    "Limits",
    "ReadbackConfig",
    "ReadbackMethod",
    "Safety",
    "Service",
    "Settings",
    "TargetConfig",
    "check_ae_title",
    "load_settings",
    "parse_address",
    "parse_readback",
]
