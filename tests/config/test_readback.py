"""The short form of the read-back channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.config import ConfigError, ReadbackConfig, ReadbackMethod, parse_readback


@pytest.mark.parametrize("name", ["auto", "dimse", "none"])
def test_method_without_a_place(name: str) -> None:
    assert parse_readback(name) == ReadbackConfig(method=ReadbackMethod(name))


def test_orthanc_url() -> None:
    readback = parse_readback("orthanc=http://localhost:8042/")
    assert readback.method is ReadbackMethod.ORTHANC
    assert readback.orthanc_url == "http://localhost:8042"


def test_dicomweb_url_keeps_its_path() -> None:
    assert parse_readback("dicomweb=https://h/dicom-web").dicomweb_url == "https://h/dicom-web"


def test_directory() -> None:
    assert parse_readback("dir=/var/lib/store").directory == Path("/var/lib/store")


def test_directory_may_contain_an_equals_sign() -> None:
    assert parse_readback("dir=/a=b").directory == Path("/a=b")


def test_credentials_leave_the_url() -> None:
    readback = parse_readback("orthanc=http://ann:s%40cret@localhost:8042")
    assert readback.orthanc_url == "http://localhost:8042"
    assert readback.user == "ann"
    assert readback.password is not None
    assert readback.password.get_secret_value() == "s@cret"
    assert "s@cret" not in repr(readback)
    assert "s@cret" not in readback.model_dump_json()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(
            "dicomwb=http://h",
            "read-back 'dicomwb' is none of: auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH, none",
            "did you mean 'dicomweb'?",
            id="misspelt",
        ),
        pytest.param(
            "", "read-back '' is none of: auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH, none", "", id="empty"
        ),
        pytest.param("dimse=x", "read-back 'dimse' takes no value: write 'dimse' alone", "", id="value too many"),
        pytest.param(
            "dir",
            "read-back 'dir' needs a value: one of auto, dimse, orthanc=URL, dicomweb=URL, dir=PATH, none",
            "",
            id="no path",
        ),
        pytest.param(
            "orthanc=localhost:8042",
            "read-back 'orthanc', URL 'localhost:8042': must be an http:// or https:// URL with a host",
            "",
            id="no scheme",
        ),
        pytest.param(
            "orthanc=http://h:99999",
            "read-back 'orthanc', URL 'http://h:99999': must be an http:// or https:// URL with a host",
            "",
            id="port out of range",
        ),
        pytest.param(
            "orthanc=ftp://ann:secret@h/",
            "read-back 'orthanc', URL 'ftp://h/': must be an http:// or https:// URL with a host",
            "",
            id="password is not shown",
        ),
    ],
)
def test_malformed_short_form_is_one_clear_line(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_readback(text)
    assert str(caught.value) == message
    assert caught.value.hint == hint
