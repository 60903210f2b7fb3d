"""PDUs: what no good peer sends is refused as the standard says, or at least does no harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest
from _pytest.mark import ParameterSet

from conformance.driver.peer import Peer
from conformance.driver.reacting import pdu_types_unlisted, react
from conformance.driver.sending import contexts_of
from conformance.observation.reactions import Reaction
from conformance.plugin.fixtures import Judge, Peers
from conformance.plugin.patient import associated_patiently
from conformance.plugin.scene import Scene
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN
from conformance.standard.upper_layer import Event, State
from conformance.verdict import state_machine, upper_layer
from conformance.verdict.finding import Verdict
from conformance.verdict.upper_layer import REFUSED, ROBUST, TOLERABLE, Answers
from conformance.wire import malformed, malformed_association, malformed_pdata
from conformance.wire.items import Item, ItemType, maximum_length_item
from conformance.wire.layouts import in_one_pdu
from conformance.wire.malformed import LONGEST_LENGTH, field_borders
from conformance.wire.messages import VERIFICATION_SOP_CLASS, c_echo_rq
from conformance.wire.pdu import AbortPdu, Associate, PduType, ae_title_field, pdu_name
from conformance.wire.stimuli import event_pdu

pytestmark = [pytest.mark.topic("PDUs"), pytest.mark.level("disruptive")]

VERIFICATION: Final = contexts_of([(VERIFICATION_SOP_CLASS, (IMPLICIT_VR_LITTLE_ENDIAN,))])
PATIENCE_S: Final = 5.0
"""How long a target may take to refuse what it has to refuse."""
GLANCE_S: Final = 1.0
"""How long is looked where no reaction is owed."""
SILENT_AT_MOST: Final = 3
"""A sweep ends when so many PDUs were left without an answer."""
PDU_EVENTS: Final = {
    PduType.A_ASSOCIATE_RQ: Event.ASSOCIATE_RQ_PDU,
    PduType.A_ASSOCIATE_AC: Event.ASSOCIATE_AC_PDU,
    PduType.A_ASSOCIATE_RJ: Event.ASSOCIATE_RJ_PDU,
    PduType.P_DATA_TF: Event.P_DATA_PDU,
    PduType.A_RELEASE_RQ: Event.RELEASE_RQ_PDU,
    PduType.A_RELEASE_RP: Event.RELEASE_RP_PDU,
    PduType.A_ABORT: Event.ABORT_PDU,
}
STATES: Final = [
    pytest.param(State.STA_2, id="before the association"),
    pytest.param(State.STA_6, id="on the association"),
]

Request = Callable[[Associate], Associate | bytes]
"""From a good association request to a malformed one."""


class Sender:
    """Sends what is malformed, and looks at what comes.

    Args:
        scene: The scenario.
        peer: Makes byte-level peers.
    """

    def __init__(self, scene: Scene, peer: Peers) -> None:
        self._peer = peer
        self._wait_s = min(scene.endpoint.timeout_s, PATIENCE_S)

    def open(self, state: State, label: str) -> Peer:
        """A connection that is in a state at the target."""
        if state is State.STA_6:
            return associated_patiently(self._peer, VERIFICATION, label=label)
        return self._peer(label=label)

    def send(self, state: State, data: bytes, label: str, answers: Answers = REFUSED, *, fin: bool = False) -> Reaction:
        """Send bytes in a state and read what comes.

        Args:
            state: Sta2 or Sta6.
            data: The bytes.
            label: What they are.
            answers: Where silence is no failure, it is not waited for long.
            fin: Whether our side is closed behind them.
        """
        with self.open(state, label) as connection:
            connection.send(data)
            if fin:
                connection.finish_sending()
            owed = answers.silence is Verdict.FAIL or fin
            return react(connection, wait_s=self._wait_s if owed else min(self._wait_s, GLANCE_S))

    def request(self, change: Request, label: str, answers: Answers = REFUSED) -> Reaction:
        """Send an association request with a change and read what comes."""
        with self.open(State.STA_2, label) as connection:
            changed = change(connection.association_request(VERIFICATION))
            connection.send(changed if isinstance(changed, bytes) else changed.encode())
            owed = answers.silence is Verdict.FAIL
            return react(connection, wait_s=self._wait_s if owed else min(self._wait_s, GLANCE_S))

    def good(self, pdu_type: PduType) -> bytes:
        """A good PDU of a type."""
        with self._peer(label="not used") as connection:
            return event_pdu(PDU_EVENTS[pdu_type], connection.association_request(VERIFICATION))


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


# PDUs of every type


def _length_cases() -> list[ParameterSet]:
    cases = []
    for pdu_type in PduType:
        for words, fault in {
            "length 0": lambda pdu: malformed.cut_to_length(pdu, 0),
            "length too small": lambda pdu: malformed.cut_to_length(pdu, 3),
        }.items():
            cases.append(pytest.param(pdu_type, fault, id=f"{pdu_name(pdu_type)}-{words}"))
    return cases


@pytest.mark.requirement("UL-PDU-08", "UL-REL-09", "PDV-18")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("pdu_type", "fault"), _length_cases())
def test_length_too_small(
    sender: Sender, judge: Judge, *, state: State, pdu_type: PduType, fault: malformed.Fault
) -> None:
    """A PDU that is too short for its own fields is refused."""
    pdu = fault(sender.good(pdu_type))
    requirement, answers = "UL-PDU-08", REFUSED
    if pdu_type is PduType.A_ABORT:
        answers = Answers(ended=Verdict.PASS, silence=Verdict.WARN)
    elif pdu_type is PduType.A_RELEASE_RQ and state is State.STA_6:
        requirement, answers = "UL-REL-09", ROBUST
    elif pdu_type is PduType.P_DATA_TF and state is State.STA_6 and len(pdu) == len(malformed_pdata.without_pdv()):
        requirement, answers = "PDV-18", Answers(silence=Verdict.PASS)
    words = f"{pdu_name(pdu_type)} of {len(pdu) - 6} bytes"
    judge(upper_layer.malformed(sender.send(state, pdu, words, answers), requirement, answers, words))


@pytest.mark.requirement("UL-PDU-09", "UL-REL-09")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("length", [8, 2**31 - 1, LONGEST_LENGTH], ids=["length too large", "2 GiB", "4 GiB"])
@pytest.mark.parametrize("pdu_type", list(PduType), ids=pdu_name)
def test_length_too_large(sender: Sender, judge: Judge, *, state: State, pdu_type: PduType, length: int) -> None:
    """A PDU-length that is not filled exhausts nothing; when our side closes, the connection is over."""
    pdu = malformed.with_length(sender.good(pdu_type), length)
    if pdu_type in {PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC, PduType.P_DATA_TF} and length == 8:
        pdu = malformed.with_length(pdu, len(pdu) + 2)
    words = f"{pdu_name(pdu_type)} that claims {int.from_bytes(pdu[2:6])} bytes and has {len(pdu) - 6}"
    judge(upper_layer.malformed(sender.send(state, pdu, words, ROBUST, fin=True), "UL-PDU-09", UNFINISHED, words))


UNFINISHED: Final = Answers(ended=Verdict.PASS, silence=Verdict.WARN, answered=Verdict.WARN)
"""A PDU that does not come whole: nothing is owed but the end of the connection."""


@pytest.mark.requirement("UL-PDU-07")
@pytest.mark.parametrize("state", STATES)
def test_every_unlisted_type(sender: Sender, judge: Judge, state: State) -> None:
    """A PDU of any of the 249 types that the standard does not list is an invalid PDU."""
    silent = 0
    for pdu_type in pdu_types_unlisted():
        words = pdu_name(pdu_type)
        reaction = sender.send(state, malformed.of_type(pdu_type), words)
        judge(upper_layer.malformed(reaction, "UL-PDU-07", REFUSED, words))
        silent += reaction.open_still
        if silent == SILENT_AT_MOST:
            return


@pytest.mark.requirement("FSM-S2-CLOSE", "FSM-S6-CLOSE", "UL-TCP-12")
@pytest.mark.parametrize(
    ("state", "pdu_type"),
    [
        pytest.param(State.STA_2, PduType.A_ASSOCIATE_RQ, id="A-ASSOCIATE-RQ"),
        pytest.param(State.STA_6, PduType.P_DATA_TF, id="P-DATA-TF"),
        pytest.param(State.STA_6, PduType.A_RELEASE_RQ, id="A-RELEASE-RQ"),
        pytest.param(State.STA_6, PduType.A_ABORT, id="A-ABORT"),
    ],
)
def test_cut_at_every_field(sender: Sender, judge: Judge, state: State, pdu_type: PduType) -> None:
    """A PDU that is cut at any field boundary and followed by a close is not answered as if it were whole."""
    pdu = sender.good(pdu_type)
    silent = 0
    for border in field_borders(pdu):
        data = malformed.truncated(pdu, border.offset)
        reaction = sender.send(state, data, f"cut behind {border.behind}", fin=True)
        judge(state_machine.cell(state, Event.TRANSPORT_CLOSED, reaction))
        silent += reaction.open_still
        if silent == SILENT_AT_MOST:
            return


@pytest.mark.requirement("UL-PDU-09", "UL-TCP-13")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(malformed.http_request(), id="HTTP request"),
        pytest.param(malformed.tls_client_hello(1), id="TLS ClientHello"),
        pytest.param(malformed.ssh_banner(), id="SSH banner"),
        *(pytest.param(malformed.random_bytes(seed, 4096), id=f"random bytes {seed}") for seed in range(1, 6)),
    ],
)
def test_another_protocol(sender: Sender, judge: Judge, state: State, data: bytes) -> None:
    """Bytes of another protocol do no harm."""
    judge(upper_layer.malformed(sender.send(state, data, "another protocol", ROBUST), "UL-PDU-09", ROBUST, "bytes"))


# P-DATA-TF


def _values(requirement: str, answers: Answers, cases: dict[str, bytes]) -> list[ParameterSet]:
    return [
        pytest.param(data, requirement, answers, id=words, marks=pytest.mark.requirement(requirement))
        for words, data in cases.items()
    ]


ECHO_PDV: Final = malformed_pdata.command_pdv(c_echo_rq(7), 1)
ECHO_PDU: Final = in_one_pdu((ECHO_PDV,))
DATA_PDV: Final = malformed_pdata.data_pdv(bytes(32), 1)
VALUES: Final = [
    *_values(
        "PDV-16",
        REFUSED,
        {f"item length {n}": malformed_pdata.with_short_pdv_first(ECHO_PDV, n) for n in (0, 1)},
    ),
    *_values(
        "PDV-17",
        REFUSED,
        {
            "item length one too large": malformed_pdata.with_pdv_longer(ECHO_PDV, 1),
            "item length 1000 too large": malformed_pdata.with_pdv_longer(ECHO_PDV, 1000),
            "item length 2 GiB": malformed_pdata.with_pdv_length(ECHO_PDV, LONGEST_LENGTH // 2),
            "item length 4 GiB": malformed_pdata.with_pdv_length(ECHO_PDV, LONGEST_LENGTH),
            "item length two too small": malformed_pdata.with_pdv_longer(ECHO_PDV, -2),
            "one byte behind the value": malformed_pdata.with_bytes_behind(ECHO_PDV, 1),
            "three bytes behind the value": malformed_pdata.with_bytes_behind(ECHO_PDV, 3),
        },
    ),
    *_values(
        "PDV-18",
        Answers(answered=Verdict.PASS),
        {"no value, then a C-ECHO-RQ": malformed_pdata.without_pdv() + ECHO_PDU},
    ),
    *_values(
        "PDV-19",
        Answers(answered=Verdict.WARN),
        {
            "data before a command": in_one_pdu((DATA_PDV,)) + ECHO_PDU,
            "data before a command in one PDU": in_one_pdu((DATA_PDV, ECHO_PDV)),
        },
    ),
    *_values(
        "PDV-21",
        Answers(answered=Verdict.PASS),
        {"data behind a C-ECHO-RQ": in_one_pdu((ECHO_PDV, DATA_PDV)) + ECHO_PDU},
    ),
]


@pytest.mark.parametrize(("data", "requirement", "answers"), VALUES)
def test_presentation_data_value(
    sender: Sender, judge: Judge, *, request: pytest.FixtureRequest, data: bytes, requirement: str, answers: Answers
) -> None:
    """A P-DATA-TF that breaks one rule aborts the association, or is passed over where that does no harm."""
    words = request.node.callspec.id
    judge(upper_layer.malformed(sender.send(State.STA_6, data, words, answers), requirement, answers, words))


@pytest.mark.requirement("UL-ABT-10", "FSM-S13-PDATA")
def test_nothing_is_performed_after_an_invalid_pdu(sender: Sender, judge: Judge) -> None:
    """A C-ECHO-RQ behind a PDU that aborts the association is not performed."""
    data = malformed.of_type(0xFF) + ECHO_PDU
    reaction = sender.send(State.STA_6, data, "type FFH, then C-ECHO-RQ")
    judge(upper_layer.malformed(reaction, "UL-ABT-10", REFUSED, "type FFH, then C-ECHO-RQ"))


@pytest.mark.requirement("UL-ABT-06")
def test_nothing_is_answered_after_an_abort(sender: Sender, judge: Judge) -> None:
    """A C-ECHO-RQ behind an A-ABORT is neither performed nor answered with an A-ABORT."""
    data = AbortPdu(source=0, reason=0).encode() + ECHO_PDU
    reaction = sender.send(State.STA_6, data, "A-ABORT, then C-ECHO-RQ")
    judge(state_machine.cell(State.STA_6, Event.ABORT_PDU, reaction, requirement="UL-ABT-06"))


@pytest.mark.requirement("UL-RQ-10")
def test_calling_ae_title_with_every_kind_of_character(sender: Sender, judge: Judge) -> None:
    """A calling AE title of 16 characters of the default repertoire is legal."""
    answers = Answers(answered=Verdict.PASS, abort=Verdict.FAIL, ended=Verdict.FAIL)
    reaction = sender.request(_calling(ae_title_field("a.B_c-9 (X)+#?~!")), "calling AE title", answers)
    judge(upper_layer.malformed(reaction, "UL-RQ-10", answers, "a calling AE title with punctuation"))
