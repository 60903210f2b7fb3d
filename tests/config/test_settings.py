"""Precedence and types of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from conformance.config import (
    Address,
    DuplicatePolicy,
    Level,
    ReadbackMethod,
    Service,
    Settings,
    parse_readback,
)
from tests.config.loading import load, write

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"

COMPLETE = """
seed = 7
strict = true
output = "out"
[target]
name = "Hospital PACS"
vendor = "V"
product = "P"
version = "1"
site = "S"
tested_by = "T"
address = "PACS@10.0.0.5:104"
calling_ae_title = "MODALITY"
[claims]
storage_sop_classes = ["1.2.840.10008.5.1.4.1.1.2", "MRImageStorage", "1.2.3.4"]
transfer_syntaxes = ["1.2.840.10008.1.2", "ExplicitVRLittleEndian"]
duplicate_policy = "keep"
validates_called_ae_title = true
artim_s = 30
services = ["verification", "storage"]
storage_level = 2
[readback]
method = "dir"
directory = "store"
user = "ann"
password = "secret"
move_aet = "MOVER"
move_port = 11113
[limits]
timeout_s = 12.5
associations = 4
[safety]
level = "disruptive"
patient_id_prefix = "ACC"
"""


def test_defaults_stand_without_anything() -> None:
    settings = load()
    assert settings == Settings()
    assert settings.target.address is None
    assert settings.target.calling_ae_title == "CONFORMANCE"
    assert settings.safety.level is Level.STANDARD
    assert settings.claims.duplicate_policy is DuplicatePolicy.UNSPECIFIED
    assert settings.readback.method is ReadbackMethod.AUTO
    assert settings.limits.timeout_s == 30
    assert settings.limits.associations == 10


def test_a_complete_file_is_read(tmp_path: Path) -> None:
    settings = load(write(tmp_path, COMPLETE))
    assert (settings.seed, settings.strict, settings.output) == (7, True, Path("out"))
    assert settings.target.address == Address(aet="PACS", host="10.0.0.5", port=104)
    assert settings.target.tested_by == "T"
    assert settings.claims.storage_sop_classes == frozenset({CT, MR, "1.2.3.4"})
    assert settings.claims.transfer_syntaxes == frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
    assert settings.claims.services == frozenset({Service.VERIFICATION, Service.STORAGE})
    assert settings.claims.storage_level == 2
    assert settings.readback.directory == tmp_path / "store"
    assert settings.readback.move_port == 11113
    assert settings.limits.timeout_s == 12.5
    assert settings.safety.level is Level.DISRUPTIVE


def test_password_is_never_shown(tmp_path: Path) -> None:
    settings = load(write(tmp_path, COMPLETE))
    assert "secret" not in repr(settings)
    assert "secret" not in settings.model_dump_json()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().limits.timeout_s = 1


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        pytest.param((), 30.0, id="default"),
        pytest.param(("file",), 1.0, id="file over default"),
        pytest.param(("file", "env"), 2.0, id="environment over file"),
        pytest.param(("file", "env", "overrides"), 3.0, id="command line over environment"),
        pytest.param(("file", "overrides"), 3.0, id="command line over file"),
    ],
)
def test_precedence(tmp_path: Path, sources: tuple[str, ...], expected: float) -> None:
    settings = load(
        write(tmp_path, "[limits]\ntimeout_s = 1") if "file" in sources else None,
        {"PACS_CONFORMANCE_LIMITS_TIMEOUT_S": "2"} if "env" in sources else {},
        {"limits.timeout_s": 3} if "overrides" in sources else {},
    )
    assert settings.limits.timeout_s == expected


def test_layers_are_merged_key_by_key(tmp_path: Path) -> None:
    settings = load(
        write(tmp_path, "[limits]\nassociations = 3"),
        {"PACS_CONFORMANCE_LIMITS_TIMEOUT_S": "2"},
        {"safety.level": "safe"},
    )
    assert (settings.limits.associations, settings.limits.timeout_s) == (3, 2)
    assert settings.safety.level is Level.SAFE


def test_none_on_the_command_line_is_not_given(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[limits]\ntimeout_s = 1"), overrides={"limits.timeout_s": None}).limits.timeout_s == 1


def test_a_malformed_value_that_a_higher_layer_replaces_does_no_harm(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[limits]\ntimeout_s = 0"), overrides={"limits.timeout_s": 3}).limits.timeout_s == 3


def test_environment_takes_lists_switches_and_top_level_keys() -> None:
    settings = load(
        env={
            "PACS_CONFORMANCE_CLAIMS_STORAGE_SOP_CLASSES": "CTImageStorage, 1.2.3",
            "PACS_CONFORMANCE_CLAIMS_TRANSFER_SYNTAXES": "all",
            "PACS_CONFORMANCE_CLAIMS_SERVICES": "storage,retrieve-get",
            "PACS_CONFORMANCE_STRICT": "yes",
            "PACS_CONFORMANCE_SEED": "42",
            "PACS_CONFORMANCE_TARGET_ADDRESS": "PACS@[::1]:104",
            "HOME": "/root",
        }
    )
    assert settings.claims.storage_sop_classes == frozenset({CT, "1.2.3"})
    assert settings.claims.transfer_syntaxes == "all"
    assert settings.claims.services == frozenset({Service.STORAGE, Service.RETRIEVE_GET})
    assert (settings.strict, settings.seed) == (True, 42)
    assert str(settings.target.address) == "PACS@[::1]:104"


def test_readback_short_form_overrides_the_file_and_keeps_its_other_keys(tmp_path: Path) -> None:
    settings = load(write(tmp_path, COMPLETE), overrides={"readback": "orthanc=http://h:8042"})
    assert settings.readback.method is ReadbackMethod.ORTHANC
    assert settings.readback.orthanc_url == "http://h:8042"
    assert settings.readback.move_aet == "MOVER"


def test_readback_may_be_given_parsed(tmp_path: Path) -> None:
    settings = load(write(tmp_path, COMPLETE), overrides={"readback": parse_readback("none")})
    assert settings.readback.method is ReadbackMethod.NONE
    assert settings.readback.move_port == 11113


def test_readback_short_form_in_the_environment_yields_to_a_single_key() -> None:
    settings = load(
        env={"PACS_CONFORMANCE_READBACK": "dir=/a", "PACS_CONFORMANCE_READBACK_DIRECTORY": "/b"},
    )
    assert settings.readback.directory == Path("/b")


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert load(write(tmp_path, b'\xef\xbb\xbf[target]\nname = "x"')).target.name == "x"


def test_claims_answer_yes_no_or_unknown() -> None:
    unknown = load().claims
    assert unknown.claims_sop_class(CT) is None
    assert unknown.claims_transfer_syntax("1.2.840.10008.1.2") is None
    assert unknown.claims_service(Service.STORAGE) is None
    some = load(
        overrides={"claims.storage_sop_classes": [CT], "claims.transfer_syntaxes": [], "claims.services": ["storage"]}
    ).claims
    assert (some.claims_sop_class(CT), some.claims_sop_class(MR)) == (True, False)
    assert some.claims_transfer_syntax("1.2.840.10008.1.2") is False
    assert (some.claims_service(Service.STORAGE), some.claims_service(Service.RETRIEVE_GET)) == (True, False)
    everything = load(overrides={"claims.storage_sop_classes": "all", "claims.transfer_syntaxes": "all"}).claims
    assert (everything.claims_sop_class(MR), everything.claims_sop_class("1.2.3")) == (True, False)
    hanging_protocol, retired_ultrasound = "1.2.840.10008.5.1.4.38.1", "1.2.840.10008.5.1.4.1.1.6"
    photoacoustic = "1.2.840.10008.5.1.4.1.1.6.3"
    assert everything.claims_sop_class(hanging_protocol) is None
    assert everything.claims_sop_class(retired_ultrasound) is None
    assert everything.claims_sop_class(photoacoustic) is None
    assert everything.claims_transfer_syntax("1.2.840.10008.1.2.4.90") is True
    assert everything.claims_transfer_syntax("1.2.840.10008.1.2.2") is False
    assert everything.claims_transfer_syntax("1.2.840.10008.1.2.7.1") is False


@pytest.mark.parametrize(
    ("run", "needed", "permitted"),
    [
        (Level.SAFE, Level.SAFE, True),
        (Level.SAFE, Level.STANDARD, False),
        (Level.STANDARD, Level.SAFE, True),
        (Level.STANDARD, Level.DISRUPTIVE, False),
        (Level.DISRUPTIVE, Level.DISRUPTIVE, True),
        (Level.DISRUPTIVE, Level.SAFE, True),
    ],
)
def test_level_permits_what_is_not_beyond_it(run: Level, needed: Level, permitted: bool) -> None:
    assert run.permits(needed) is permitted
