"""Each mistake in a setting is one clear line, wherever it was made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.config import (
    ConfigError,
)
from tests.config.loading import load, write


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
