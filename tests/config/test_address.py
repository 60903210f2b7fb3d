"""Addresses and AE titles: what is accepted, and the one line that says why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.config import Address, ConfigError, check_ae_title, parse_address


@pytest.mark.parametrize(
    ("text", "aet", "host", "port"),
    [
        pytest.param("PACS@10.0.0.5:104", "PACS", "10.0.0.5", 104, id="IPv4"),
        pytest.param("PACS@[::1]:11112", "PACS", "::1", 11112, id="IPv6"),
        pytest.param("PACS@[fe80::1%eth0]:104", "PACS", "fe80::1%eth0", 104, id="IPv6 with scope"),
        pytest.param("PACS@localhost:4242", "PACS", "localhost", 4242, id="host name"),
        pytest.param("PACS@pacs-1.ward_b.example.:104", "PACS", "pacs-1.ward_b.example.", 104, id="absolute name"),
        pytest.param("A B@h:1", "A B", "h", 1, id="embedded space"),
        pytest.param("  PACS  @h:1", "PACS", "h", 1, id="spaces around are not significant"),
        pytest.param("A@B@h:1", "A@B", "h", 1, id="at sign in the title"),
        pytest.param("ABCDEFGHIJKLMNOP@h:65535", "ABCDEFGHIJKLMNOP", "h", 65535, id="sixteen characters, highest port"),
    ],
)
def test_address_is_parsed(text: str, aet: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(aet=aet, host=host, port=port)


@pytest.mark.parametrize("text", ["PACS@10.0.0.5:104", "PACS@[::1]:104", "PACS@localhost:4242"])
def test_address_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "address '' has no AE title before an '@'", id="empty"),
        pytest.param("10.0.0.5:104", "address '10.0.0.5:104' has no AE title before an '@'", id="no title"),
        pytest.param(
            "@h:1", "called AE title '' is empty: it has 1 to 16 characters, not all spaces", id="empty title"
        ),
        pytest.param(
            "   @h:1", "called AE title '   ' is empty: it has 1 to 16 characters, not all spaces", id="spaces"
        ),
        pytest.param(
            "ABCDEFGHIJKLMNOPQ@h:1",
            "called AE title 'ABCDEFGHIJKLMNOPQ' has 17 characters, at most 16 are allowed",
            id="seventeen characters",
        ),
        pytest.param(
            "A\\B@h:1", r"called AE title 'A\\B' contains a backslash, which an AE title may not", id="backslash"
        ),
        pytest.param("A\x1bB@h:1", r"called AE title 'A\x1bB' contains the control character '\x1b'", id="escape"),
        pytest.param("A\nB@h:1", r"called AE title 'A\nB' contains the control character '\n'", id="line end"),
        pytest.param(
            "PÄCS@h:1", "called AE title 'PÄCS' contains 'Ä': only ASCII characters are allowed", id="not ASCII"
        ),
        pytest.param("PACS@h", "address 'PACS@h' has no ':PORT' after the host", id="no port"),
        pytest.param("PACS@[::1]", "address 'PACS@[::1]' has no ':PORT' after the host", id="IPv6 without port"),
        pytest.param("PACS@[::1:104", "address 'PACS@[::1:104' has '[' without ']'", id="open bracket"),
        pytest.param(
            "PACS@[host]:104", "address 'PACS@[host]:104': 'host' is not an IPv6 address", id="name in brackets"
        ),
        pytest.param("PACS@::1:104", "address 'PACS@::1:104': an IPv6 address stands in brackets", id="no brackets"),
        pytest.param("PACS@:104", "address 'PACS@:104' has an empty host", id="empty host"),
        pytest.param(
            "PACS@ho st:104", "address 'PACS@ho st:104': 'ho st' is neither a host name nor an IP address", id="space"
        ),
        pytest.param(
            "PACS@10.0.0.256:104",
            "address 'PACS@10.0.0.256:104': '10.0.0.256' is neither a host name nor an IP address",
            id="mistyped IPv4",
        ),
        pytest.param(
            "PACS@h:0", "address 'PACS@h:0' has the port 0: a port is a number from 1 to 65535", id="port zero"
        ),
        pytest.param(
            "PACS@h:70000", "address 'PACS@h:70000' has the port 70000: a port is a number from 1 to 65535", id="70000"
        ),
        pytest.param(
            "PACS@h:dicom", "address 'PACS@h:dicom' has the port 'dicom': a port is a number from 1 to 65535", id="word"
        ),
        pytest.param(
            "PACS@h:", "address 'PACS@h:' has the port '': a port is a number from 1 to 65535", id="empty port"
        ),
        pytest.param("PACS@h:١", "address 'PACS@h:١' has the port '١': a port is a number from 1 to 65535", id="digit"),
    ],
)
def test_malformed_address_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address(text)
    assert str(caught.value).removesuffix(" (PS3.5 Table 6.2-1, VR AE)") == message
    assert str(caught.value).isprintable()


def test_a_port_of_any_length_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match=r"has the port 1{20}: a port is"):
        parse_address("PACS@h:" + "1" * 100_000)


def test_malformed_address_comes_with_an_example() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address("10.0.0.5:104")
    assert caught.value.hint == "write AET@HOST:PORT, such as PACS@10.0.0.5:104 or PACS@[::1]:104"


def test_an_error_names_what_the_title_is_for() -> None:
    with pytest.raises(ConfigError, match=r"^move destination "):
        check_ae_title("", "move destination")


@given(st.text(max_size=60))
def test_no_text_raises_anything_but_one_printable_line(text: str) -> None:
    problem: ConfigError | None = None
    try:
        address = parse_address(text)
    except ConfigError as raised:
        problem = raised
    if problem is None:
        assert parse_address(str(address)) == address
    else:
        assert str(problem).isprintable()
