"""Precedence, types and errors of the settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from conformance.config import (
    Address,
    ConfigError,
    DuplicatePolicy,
    Level,
    ReadbackMethod,
    Service,
    Settings,
    load_settings,
    parse_readback,
)

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


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "target.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def load(
    file: Path | None = None, env: dict[str, str] | None = None, overrides: dict[str, object] | None = None
) -> Settings:
    return load_settings(file=file, env=env or {}, overrides=overrides or {})


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


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        pytest.param(
            "[limits]\ntimeoutt_s = 3",
            "unknown key 'timeoutt_s' in [limits] (from FILE); did you mean 'timeout_s'?",
            id="key misspelt",
        ),
        pytest.param("[limits]\ncolour = 3", "unknown key 'colour' in [limits] (from FILE)", id="key like no other"),
        pytest.param(
            "[limts]\ntimeout_s = 3",
            "unknown key 'limts' at top level (from FILE); did you mean 'limits'?",
            id="table misspelt",
        ),
        pytest.param(
            "timeout_s = 3",
            "unknown key 'timeout_s' at top level (from FILE); did you mean 'limits.timeout_s'?",
            id="key outside its table",
        ),
        pytest.param("limits = 3", "limits is 3 in FILE: it must be a table, [limits]", id="no table"),
        pytest.param(
            "[limits]\ntimeout_s = 0",
            "'timeout_s' in [limits] is 0 (from FILE): must be greater than 0",
            id="time-out of zero",
        ),
        pytest.param(
            "[limits]\ntimeout_s = nan", "'timeout_s' in [limits] is nan (from FILE): must be a finite number", id="nan"
        ),
        pytest.param(
            "[limits]\nassociations = 1001",
            "'associations' in [limits] is 1001 (from FILE): must be less than or equal to 1000",
            id="too many associations",
        ),
        pytest.param(
            '[safety]\nlevel = "disruptiv"',
            "'level' in [safety] is 'disruptiv' (from FILE): must be one of 'safe', 'standard' or 'disruptive';"
            " did you mean 'disruptive'?",
            id="unknown level",
        ),
        pytest.param(
            '[claims]\nduplicate_policy = "x"',
            "'duplicate_policy' in [claims] is 'x' (from FILE):"
            " must be one of 'keep', 'replace', 'refuse' or 'unspecified'",
            id="unknown policy",
        ),
        pytest.param(
            '[claims]\nstorage_sop_classes = ["MRImageStorag"]',
            "'storage_sop_classes' in [claims] is ['MRImageStorag'] (from FILE): 'MRImageStorag' is neither a UID nor"
            " the keyword of a storage SOP class; did you mean 'MRImageStorage'?",
            id="unknown SOP class keyword",
        ),
        pytest.param(
            '[claims]\ntransfer_syntaxes = ["1.02.3"]',
            "'transfer_syntaxes' in [claims] is ['1.02.3'] (from FILE): '1.02.3' is neither a UID nor"
            " the keyword of a transfer syntax",
            id="malformed UID",
        ),
        pytest.param(
            "[claims]\ntransfer_syntaxes = 3",
            "'transfer_syntaxes' in [claims] is 3 (from FILE): must be a list of UIDs or keywords, or 'all', not 3",
            id="claim of another type",
        ),
        pytest.param(
            "[claims]\nstorage_level = 3",
            "'storage_level' in [claims] is 3 (from FILE): must be 0, 1 or 2",
            id="level 3",
        ),
        pytest.param(
            '[target]\naddress = "PACS@h:0"',
            "'address' in [target] (from FILE): address 'PACS@h:0' has the port 0: a port is a number from 1 to 65535",
            id="address",
        ),
        pytest.param(
            '[target]\naddress = {aet = "A", host = "h", port = 0}',
            "'address' in [target] is {'aet': 'A', 'host': 'h', 'port': 0} (from FILE):"
            " must be a string, AET@HOST:PORT",
            id="address of another type",
        ),
        pytest.param(
            '[target]\ncalling_ae_title = "ABCDEFGHIJKLMNOPQ"',
            "'calling_ae_title' in [target] (from FILE): calling AE title 'ABCDEFGHIJKLMNOPQ' has 17 characters,"
            " at most 16 are allowed (PS3.5 Table 6.2-1, VR AE)",
            id="calling AE title",
        ),
        pytest.param(
            '[readback]\nmove_aet = "A\\\\B"',
            r"'move_aet' in [readback] (from FILE): move destination 'A\\B' contains a backslash,"
            " which an AE title may not (PS3.5 Table 6.2-1, VR AE)",
            id="move destination",
        ),
        pytest.param('[readback]\nmethod = "orthanc"', "[readback]: method 'orthanc' needs orthanc_url", id="no URL"),
        pytest.param(
            '[readback]\northanc_url = "http://ann:secret@h"',
            "'orthanc_url' in [readback] is 'http://h' (from FILE):"
            " must not contain a user name or password; set user and password instead",
            id="password in the URL",
        ),
        pytest.param(
            "[readback]\npassword = 5",
            "'password' in [readback] is '…' (from FILE): must be a valid string",
            id="password",
        ),
        pytest.param(
            '[safety]\npatient_id_prefix = "A*"',
            "'patient_id_prefix' in [safety] is 'A*' (from FILE):"
            " must have 1 to 16 of the characters A-Z a-z 0-9 _ . -",
            id="wildcard in the prefix",
        ),
        pytest.param('"a\\u001b[31m" = 3', r"unknown key 'a\x1b[31m' at top level (from FILE)", id="terminal escape"),
        pytest.param("a = ", "target file FILE is not valid TOML: Invalid value (at end of document)", id="not TOML"),
        pytest.param(b"\xff\xfe", "target file FILE is not UTF-8: byte 0 cannot be decoded", id="not UTF-8"),
    ],
)
def test_each_mistake_in_a_file_is_one_clear_line(tmp_path: Path, toml: str | bytes, message: str) -> None:
    file = write(tmp_path, toml)
    with pytest.raises(ConfigError) as caught:
        load(file)
    text = str(caught.value)
    assert text.replace(f"'{file}'", "FILE").replace(str(file), "FILE") == message
    assert text.isprintable()
    assert "secret" not in text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value) == f"target file '{file}' does not exist"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"target file '{tmp_path}' is a directory"
    assert caught.value.hint == "name the TOML file inside it"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match=r"is not a regular file$"):
        load(pipe)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    with file.open("wb") as stream:
        stream.truncate(2**31)
    with pytest.raises(ConfigError, match=r"has 2147483648 bytes, at most 1048576 are read$"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param(
            "PACS_CONFORMANCE_SAFETY_LEVL",
            "safe",
            "unknown environment variable 'PACS_CONFORMANCE_SAFETY_LEVL';"
            " did you mean 'PACS_CONFORMANCE_SAFETY_LEVEL'?",
            id="misspelt",
        ),
        pytest.param(
            "PACS_CONFORMANCE_LIMITS_TIMEOUT_S",
            "soon",
            "'timeout_s' in [limits] is 'soon' (from environment variable PACS_CONFORMANCE_LIMITS_TIMEOUT_S):"
            " must be a valid number, unable to parse string as a number",
            id="not a number",
        ),
    ],
)
def test_each_mistake_in_the_environment_is_one_clear_line(name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(env={name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param("seed", -1, "'seed' is -1 (from the command line): must be greater than or equal to 0", id="seed"),
        pytest.param(
            "safety.level",
            "safest",
            "'level' in [safety] is 'safest' (from the command line):"
            " must be one of 'safe', 'standard' or 'disruptive'; did you mean 'safe'?",
            id="level",
        ),
        pytest.param(
            "readback",
            "dicomwb=x",
            "read-back 'dicomwb' is none of: auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH, none",
            id="read-back",
        ),
        pytest.param(
            "limits.timout_s",
            1,
            "unknown key 'timout_s' in [limits] (from the command line); did you mean 'timeout_s'?",
            id="unknown key",
        ),
    ],
)
def test_each_mistake_on_the_command_line_is_one_clear_line(key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(overrides={key: value})
    assert str(caught.value) == message


def test_hint_of_an_unknown_key_lists_the_legal_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, "[limits]\nx = 1"))
    assert caught.value.hint == "legal keys: timeout_s, associations"


def test_hint_of_a_malformed_address_survives(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, '[target]\naddress = "h:1"'))
    assert caught.value.hint.startswith("write AET@HOST:PORT")


def test_a_long_value_is_shortened(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(overrides={"safety.patient_id_prefix": "A" * 5000})
    assert len(str(caught.value)) < 300
