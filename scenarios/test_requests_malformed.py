"""PDUs: association requests that no good peer sends are refused, or do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from _pytest.mark import ParameterSet

from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.provoking import Request, Sender
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.verdict import upper_layer
from conformance.verdict.finding import Verdict
from conformance.verdict.upper_layer import REFUSED, ROBUST, TOLERABLE, Answers
from conformance.wire import malformed, malformed_association
from conformance.wire.items import Item, ItemType, maximum_length_item
from conformance.wire.malformed import LONGEST_LENGTH
from conformance.wire.messages import VERIFICATION_SOP_CLASS

pytestmark = [pytest.mark.topic("PDUs"), pytest.mark.level("disruptive"), pytest.mark.alone]


@pytest.fixture
def sender(scene: Scene, peer: Peers) -> Sender:
    """Sends what is malformed."""
    return Sender(scene, peer)


def _cases(requirement: str, answers: Answers, cases: Mapping[str, Request]) -> list[ParameterSet]:
    return [
        pytest.param(change, requirement, answers, id=words, marks=pytest.mark.requirement(requirement))
        for words, change in cases.items()
    ]


# Association requests


def _bytes(fault: malformed.Fault) -> Request:
    return lambda request: fault(request.encode())


def _length(length: int) -> Request:
    return _bytes(lambda pdu: malformed.with_length(pdu, length))


def _called(title: bytes) -> Request:
    return lambda request: replace(request, called_ae_title=title)


def _calling(title: bytes) -> Request:
    return lambda request: replace(request, calling_ae_title=title)


def _item_lengths() -> dict[str, Request]:
    context, user = ItemType.PRESENTATION_CONTEXT_RQ, ItemType.USER_INFORMATION
    paths = {
        "10H": (ItemType.APPLICATION_CONTEXT,),
        "20H": (context,),
        "30H": (context, ItemType.ABSTRACT_SYNTAX),
        "40H": (context, ItemType.TRANSFER_SYNTAX),
        "50H": (user,),
        "51H": (user, ItemType.MAXIMUM_LENGTH),
        "52H": (user, ItemType.IMPLEMENTATION_CLASS_UID),
    }
    cases: dict[str, Request] = {}
    for name, path in paths.items():
        cases[f"length of {name} 65535"] = malformed_association.with_item_length(path, 0xFFFF)
        cases[f"length of {name} beyond the request"] = malformed_association.with_item_longer(path, 2000)
    for name in ("40H", "50H"):
        cases[f"length of {name} one too large"] = malformed_association.with_item_longer(paths[name], 1)
    return cases


def _small_item_lengths() -> Mapping[str, Request]:
    context = (ItemType.PRESENTATION_CONTEXT_RQ,)
    return {
        f"length of 20H {length}": malformed_association.with_item_length(context, length) for length in (0, 1, 3)
    } | {
        "length of 10H 0": malformed_association.with_item_length((ItemType.APPLICATION_CONTEXT,), 0),
        "length of 30H 0": malformed_association.with_item_length((*context, ItemType.ABSTRACT_SYNTAX), 0),
    }


def _maximum_length(body: bytes) -> Request:
    return malformed_association.with_sub_item(Item(item_type=ItemType.MAXIMUM_LENGTH, body=body))


def _version_name(body: bytes) -> Request:
    return malformed_association.with_sub_item(Item(item_type=ItemType.IMPLEMENTATION_VERSION_NAME, body=body))


REQUESTS: Final = [
    *_cases("UL-PDU-10", REFUSED, _item_lengths()),
    *_cases("UL-PDU-10", REFUSED, {"PDU-length one too small": _bytes(lambda p: malformed.with_length(p, len(p) - 7))}),
    *_cases("UL-PDU-10", Answers(answered=Verdict.WARN), _small_item_lengths()),
    *_cases(
        "UL-PDU-11",
        ROBUST,
        {f"{n} bytes behind the items": malformed_association.with_trailing_bytes(n) for n in (1, 2, 3)},
    ),
    *_cases("UL-PDU-09", ROBUST, {"PDU-length 2 GiB": _length(LONGEST_LENGTH // 2)}),
    *_cases("UL-PDU-09", ROBUST, {"PDU-length 4 GiB": _length(LONGEST_LENGTH)}),
    *_cases("UL-PDU-06", ROBUST, {"items in descending order": malformed_association.with_items_reversed()}),
    *_cases(
        "UL-RQ-15",
        TOLERABLE,
        {
            "no application context": malformed_association.without_item(ItemType.APPLICATION_CONTEXT),
            "two application contexts": malformed_association.with_item_twice(ItemType.APPLICATION_CONTEXT),
            "empty application context": malformed_association.with_empty_item(ItemType.APPLICATION_CONTEXT),
            "no items at all": lambda request: replace(request, items=()),
        },
    ),
    *_cases(
        "UL-RQ-16",
        TOLERABLE,
        {"no presentation context": malformed_association.without_item(ItemType.PRESENTATION_CONTEXT_RQ)},
    ),
    *_cases(
        "UL-RQ-29", TOLERABLE, {"no user information": malformed_association.without_item(ItemType.USER_INFORMATION)}
    ),
    *_cases(
        "UI-GEN-03",
        ROBUST,
        {
            "two user information items": malformed_association.with_item_twice(ItemType.USER_INFORMATION),
            "empty user information": malformed_association.with_empty_item(ItemType.USER_INFORMATION),
        },
    ),
    *_cases(
        "UI-MAX-02",
        Answers(answered=Verdict.PASS),
        {"no maximum length": malformed_association.without_sub_item(ItemType.MAXIMUM_LENGTH)},
    ),
    *_cases(
        "UI-MAX-03",
        ROBUST,
        {
            "two maximum lengths": malformed_association.with_sub_item(
                maximum_length_item(16384), maximum_length_item(4096)
            ),
            "maximum length of 0 bytes": _maximum_length(b""),
            "maximum length of 2 bytes": _maximum_length(bytes((0x40, 0))),
            "maximum length of 8 bytes": _maximum_length(bytes(4) + bytes((0, 0, 0x40, 0))),
        },
    ),
    *_cases(
        "UI-IMP-03",
        ROBUST,
        {
            "no implementation class": malformed_association.without_sub_item(ItemType.IMPLEMENTATION_CLASS_UID),
            "empty implementation class": malformed_association.with_sub_item(
                Item(item_type=ItemType.IMPLEMENTATION_CLASS_UID, body=b"")
            ),
        },
    ),
    *_cases(
        "UI-IMP-05",
        ROBUST,
        {
            "version name of 0 characters": _version_name(b""),
            "version name of 17 characters": _version_name(b"V" * 17),
            "version name of 64 characters": _version_name(b"V" * 64),
            "version name of 60000 characters": _version_name(b"V" * 60000),
            "version name not in ASCII": _version_name(bytes(range(0xF0, 0x100))),
        },
    ),
    *_cases("UL-RQ-08", Answers(answered=Verdict.INFO, abort=Verdict.WARN), {"blank called": _called(b" " * 16)}),
    *_cases("UL-RQ-09", Answers(answered=Verdict.INFO, abort=Verdict.WARN), {"blank calling": _calling(b" " * 16)}),
    *_cases(
        "UL-RQ-11",
        ROBUST,
        {
            f"{words} {which}": field(title.ljust(16, pad)[:16])
            for which, field in (("called", _called), ("calling", _calling))
            for words, title, pad in (
                ("NUL", b"", b"\0"),
                ("NUL padded", b"ANY", b"\0"),
                ("control characters", b"A\r\nB\tC\x1b[2J", b" "),
                ("backslash", b"A\\B", b" "),
                ("eight bit", bytes(range(0xC0, 0xD0)), b" "),
                ("path", b"../../../etc/abc", b" "),
                ("format", b"%s%n%x%p%s%n%x%p", b" "),
            )
        },
    ),
]


@pytest.mark.parametrize(("change", "requirement", "answers"), REQUESTS)
def test_association_request(
    sender: Sender, judge: Judge, *, request: pytest.FixtureRequest, change: Request, requirement: str, answers: Answers
) -> None:
    """An association request that breaks one rule is refused, or accepted where nothing obliges to refuse it."""
    words = request.node.callspec.id
    reaction = sender.request(change, words, answers)
    judge(upper_layer.malformed(reaction, requirement, answers, words))


ECHO_UID: Final = VERIFICATION_SOP_CLASS.encode()
SYNTAX: Final = IMPLICIT_VR_LITTLE_ENDIAN.encode()
LONG_UID: Final = b"1.2.826.0.1." + b"3" * 53
CONTEXTS: Final = {
    ("UL-RQ-18", Verdict.FAIL): {
        f"id {i}": malformed_association.context_item(i, (ECHO_UID,), (SYNTAX,)) for i in (0, 2, 254)
    },
    ("UL-RQ-22", Verdict.FAIL): {
        "no abstract syntax": malformed_association.context_item(1, (), (SYNTAX,)),
        "no transfer syntax": malformed_association.context_item(1, (ECHO_UID,), ()),
        "no sub-item": malformed_association.context_item(1, (), ()),
    },
    ("UL-RQ-22", Verdict.WARN): {
        "two abstract syntaxes": malformed_association.context_item(1, (ECHO_UID, ECHO_UID), (SYNTAX,)),
    },
    ("UL-RQ-28", Verdict.FAIL): {
        "abstract syntax of 65 characters": malformed_association.context_item(1, (LONG_UID,), (SYNTAX,)),
        "abstract syntax of 2000 characters": malformed_association.context_item(1, (b"1." * 1000,), (SYNTAX,)),
        "abstract syntax with an empty component": malformed_association.context_item(1, (b"1..2",), (SYNTAX,)),
        "abstract syntax of letters": malformed_association.context_item(1, (b"Verification",), (SYNTAX,)),
        "empty abstract syntax": malformed_association.context_item(1, (b"",), (SYNTAX,)),
        "transfer syntax of 65 characters": malformed_association.context_item(1, (ECHO_UID,), (LONG_UID,)),
        "transfer syntax with a leading zero": malformed_association.context_item(
            1, (ECHO_UID,), (b"1.2.840.10008.01.2",)
        ),
        "empty transfer syntax": malformed_association.context_item(1, (ECHO_UID,), (b"",)),
    },
    ("UL-RQ-27", Verdict.PASS): {
        "abstract syntax padded with NUL": malformed_association.context_item(1, (ECHO_UID + b"\0",), (SYNTAX,)),
        "abstract syntax padded with a space": malformed_association.context_item(1, (ECHO_UID + b" ",), (SYNTAX,)),
        "transfer syntax padded with NUL": malformed_association.context_item(1, (ECHO_UID,), (SYNTAX + b"\0",)),
    },
}


@pytest.mark.parametrize(
    ("item", "requirement", "accepted_is"),
    [
        pytest.param(item, requirement, accepted_is, id=words, marks=pytest.mark.requirement(requirement))
        for (requirement, accepted_is), cases in CONTEXTS.items()
        for words, item in cases.items()
    ],
)
def test_presentation_context(
    sender: Sender, judge: Judge, *, request: pytest.FixtureRequest, item: Item, requirement: str, accepted_is: Verdict
) -> None:
    """A presentation context that breaks one rule is refused, alone or with the association."""
    words = request.node.callspec.id
    good = malformed_association.context_item(3, (ECHO_UID,), (SYNTAX,))
    reaction = sender.request(malformed_association.with_contexts(item, good), words)
    judge(upper_layer.context_refused(reaction, requirement, item.body[0], words, accepted_is=accepted_is))


@pytest.mark.requirement("UL-RQ-19")
@pytest.mark.parametrize("same", [True, False], ids=["the same twice", "different transfer syntaxes"])
def test_context_id_used_twice(sender: Sender, judge: Judge, same: bool) -> None:
    """Two presentation contexts with one id are refused, or one of them is answered."""
    other = SYNTAX if same else b"1.2.840.10008.1.2.1"
    twice = [malformed_association.context_item(1, (ECHO_UID,), (syntax,)) for syntax in (SYNTAX, other)]
    reaction = sender.request(malformed_association.with_contexts(*twice), "id 1 twice")
    judge(upper_layer.one_answer_for_an_id(reaction, 1))
