"""Statuses: faulty commands are refused as such, and no request is left without the answer that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import pytest
from pydicom.dataset import Dataset

from conformance.driver.peer import Peer
from conformance.driver.sending import sent_bytes_of, sent_of
from conformance.instances import variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.verdict import fidelity, responses, storing, unagreed
from conformance.verdict.responses import Reactions
from conformance.wire import command_faults as faults
from conformance.wire.command import DATA_SET_PRESENT, NO_DATA_SET, CommandField, CommandSet, Tag, command_set, ui, us
from conformance.wire.messages import c_echo_rq, c_find_rq, c_move_rq, c_store_rq, response

pytestmark = pytest.mark.topic("statuses")

MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
MESSAGE_ID_OF_NOBODY: Final = 4711
VERIFICATION_ID: Final = 3
LENGTH_TO_END: Final = 0x0001
RECEIVER: Final = 0x0200
GIVING_UP_S: Final = 3.0
"""How much longer than the time-out an answer is waited for: a target may give up after just as long as we do."""
UNOWED_S: Final = 5.0
"""How long an answer is waited for at most that no clause owes us."""
RETIRED_DIALOG_RECEIVER: Final = 0x5180
INVENTED: Final = 0x0099

Edit = Callable[[CommandSet], CommandSet]
Step = Callable[[str], None]
JudgeStored = Callable[..., None]


class Line:
    """An association with a context for an instance, and Verification beside it.

    Args:
        peer: Makes byte-level peers.
        instance: What the context is for.
    """

    def __init__(self, peer: Peers, instance: Instance) -> None:
        self.connection: Peer
        self.connection, self.context_id, self.transfer_syntax = peer.ready_for(instance, verification=True)

    def command_for(self, instance: Instance, *, data_set_type: int = DATA_SET_PRESENT) -> CommandSet:
        """A well-formed C-STORE-RQ for an instance."""
        return c_store_rq(
            self.connection.next_message_id(),
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            data_set_type=data_set_type,
        )

    def store(
        self,
        instance: Instance,
        command: CommandSet | None = None,
        *,
        data_set: bool = True,
        message_id: int | None = None,
        timeout_s: float | None = None,
    ) -> OperationExchange:
        """Send an instance, with another command set or without its data set."""
        on = self.context_id
        sent = sent_of(instance, self.transfer_syntax)
        encoded = instance.encoded(self.transfer_syntax)
        wait_s = self.patience_s if timeout_s is None else timeout_s
        if command is None:
            return self.connection.store(encoded, sent, context_id=on, message_id=message_id, timeout_s=wait_s)
        return self.connection.request(
            command, encoded if data_set else None, context_id=on, sent=sent, timeout_s=wait_s
        )

    def ask(self, command: CommandSet, data_set: bytes | None = None) -> OperationExchange:
        """Send any request on the context of the instance."""
        return self.connection.request(command, data_set, context_id=self.context_id, timeout_s=self.patience_s)

    @property
    def patience_s(self) -> float:
        """How long an answer is waited for."""
        return self.connection.endpoint.timeout_s + GIVING_UP_S

    @property
    def unowed_s(self) -> float:
        """How long an answer is waited for whose lack is no failure."""
        return min(self.connection.endpoint.timeout_s, UNOWED_S)

    def echo(self) -> OperationExchange:
        """A C-ECHO on the association."""
        return self.connection.echo(context_id=VERIFICATION_ID)

    @property
    def can_echo(self) -> bool:
        """Whether Verification was accepted."""
        return VERIFICATION_ID in self.connection.accepted


@pytest.fixture
def line(peer: Peers, ct_image: Instance) -> Line:
    """An association for the CT image."""
    return Line(peer, ct_image)


@pytest.fixture
def look(readback: Look, judge: Judge) -> Callable[[OperationExchange], None]:
    """Judges that nothing is stored after a Failure status."""

    def judge_nothing_kept(store: OperationExchange) -> None:
        if store.status is not None and not storing.acknowledged(store) and store.sent is not None:
            judge(fidelity.not_stored(readback.fetch(store.sent, expect=False)))

    return judge_nothing_kept


@pytest.mark.requirement("CMD-32", "STA-19")
def test_other_sop_class_than_agreed(line: Line, ct_image: Instance, readback: Look, judge: Judge) -> None:
    """A C-STORE-RQ that names another SOP class than its context was negotiated for is refused."""
    command = faults.with_values(line.command_for(ct_image), {Tag.AFFECTED_SOP_CLASS_UID: ui(MR_IMAGE)})
    store = line.store(ct_image, command)
    line.connection.close()
    assert store.sent is not None
    judge(unagreed.other_sop_class(store, readback.fetch(store.sent, expect=storing.acknowledged(store))))


@pytest.mark.requirement("CMD-33", "STA-19")
def test_other_sop_instance_in_the_command(
    line: Line, ct_image: Instance, instances: Instances, readback: Look, judge: Judge
) -> None:
    """A SOP Instance UID in the command that is not that of the data set is refused, or told with B007."""
    uid = instances.identities.new_uid()
    data_set = ct_image.encoded(line.transfer_syntax)
    label = f"{ct_image.label}, other UID in the command"
    in_data_set = sent_bytes_of(ct_image, data_set, line.transfer_syntax, label=label)
    in_command = replace(in_data_set, sop_instance_uid=uid)
    command = faults.with_values(line.command_for(ct_image), {Tag.AFFECTED_SOP_INSTANCE_UID: ui(uid)})
    store = line.connection.request(command, data_set, context_id=line.context_id, sent=in_command)
    line.connection.close()
    under_data_set = readback.fetch(in_data_set, expect=storing.acknowledged(store))
    under_command = readback.fetch(in_command, expect=False)
    judge(unagreed.other_instance(store, under_command, under_data_set))


def _with(values: Mapping[int, bytes]) -> Edit:
    return lambda command: faults.with_values(command, values)


def _without(tag: int) -> Edit:
    return lambda command: faults.without(command, tag)


def _each_lack() -> list[object]:
    elements = {
        "Message ID": Tag.MESSAGE_ID,
        "SOP Class UID": Tag.AFFECTED_SOP_CLASS_UID,
        "SOP Instance UID": Tag.AFFECTED_SOP_INSTANCE_UID,
    }
    return [
        *(pytest.param(_without(tag), id=f"no {name}") for name, tag in elements.items()),
        *(pytest.param(_with({tag: b""}), id=f"empty {name}") for name, tag in elements.items()),
    ]


@pytest.mark.requirement("CMD-12", "STA-19")
@pytest.mark.parametrize("edit", _each_lack())
def test_command_lacks_an_element(
    *, line: Line, ct_image: Instance, judge: Judge, look: Callable[[OperationExchange], None], edit: Edit
) -> None:
    """A C-STORE-RQ without Message ID, SOP Class UID or SOP Instance UID is refused, never answered with Success."""
    store = line.store(ct_image, edit(line.command_for(ct_image)), timeout_s=line.unowed_s)
    line.connection.close()
    judge(
        responses.expect(store, "CMD-12", failure=True, abort=True, reported=Reactions(closed=True), well_formed=False)
    )
    look(store)


@pytest.mark.requirement("CMD-20", "STA-19")
def test_store_without_data_set(
    line: Line, ct_image: Instance, judge: Judge, look: Callable[[OperationExchange], None]
) -> None:
    """A C-STORE-RQ that announces no data set, and has none, is refused at once."""
    store = line.store(ct_image, line.command_for(ct_image, data_set_type=NO_DATA_SET), data_set=False)
    line.connection.close()
    judge(responses.expect(store, "CMD-20", failure=True, abort=True, reported=Reactions(warning=True, closed=True)))
    look(store)


@pytest.mark.requirement("CMD-19", "FID-01", "STA-17")
@pytest.mark.parametrize("value", [0x0000, 0x0001, 0x0100, 0x0102, 0xFEFE, 0xFFFF], ids=lambda value: f"{value:04X}H")
def test_data_set_type(peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, value: int) -> None:
    """Any Command Data Set Type but 0101H announces the data set that follows."""
    ordinary, instance = instances.series("CTImageStorage", 2)
    line = Line(peer, instance)
    first = line.store(ordinary)
    store = line.store(instance, line.command_for(instance, data_set_type=value))
    judge(storing.like_the_ordinary(store, first, "CMD-19"))
    line.connection.release()
    judge_stored(instance, store)


@pytest.mark.requirement("CMD-36", "STA-19")
def test_store_on_the_verification_context(
    line: Line, ct_image: Instance, readback: Look, judge: Judge, not_applicable: Callable[[str], None]
) -> None:
    """A C-STORE-RQ on a context for Verification is refused."""
    if not line.can_echo:
        not_applicable("the target does not accept Verification")
    # Verification is offered in Implicit VR Little Endian alone.
    transfer_syntax = line.connection.accepted[VERIFICATION_ID].transfer_syntax or ""
    sent, data_set = sent_of(ct_image, transfer_syntax), ct_image.encoded(transfer_syntax)
    store = line.connection.store(data_set, sent, context_id=VERIFICATION_ID)
    line.connection.close()
    judge(unagreed.store_on_another_service(store, readback.fetch(sent, expect=storing.acknowledged(store))))


@pytest.mark.requirement("CMD-37")
@pytest.mark.level("safe")
def test_echo_on_a_storage_context(line: Line, ct_image: Instance, judge: Judge) -> None:
    """A C-ECHO-RQ on a storage context is refused with 0122H or 0211H; a Success is reported."""
    echo = c_echo_rq(line.connection.next_message_id())
    command = faults.with_values(echo, {Tag.AFFECTED_SOP_CLASS_UID: ui(ct_image.sop_class_uid)})
    exchange = line.ask(command)
    line.connection.close()
    reported = Reactions(success=True, failure=True, closed=True)
    judge(responses.expect(exchange, "CMD-37", codes=(0x0122, 0x0211), abort=True, reported=reported))


def _n_request(field: CommandField, message_id: int, sop_class_uid: str, sop_instance_uid: str) -> CommandSet:
    created = field is CommandField.N_CREATE_RQ
    elements = [
        (Tag.AFFECTED_SOP_CLASS_UID if created else Tag.REQUESTED_SOP_CLASS_UID, ui(sop_class_uid)),
        (Tag.COMMAND_FIELD, us(field)),
        (Tag.MESSAGE_ID, us(message_id)),
        (Tag.COMMAND_DATA_SET_TYPE, us(NO_DATA_SET)),
        (Tag.AFFECTED_SOP_INSTANCE_UID if created else Tag.REQUESTED_SOP_INSTANCE_UID, ui(sop_instance_uid)),
    ]
    if field is CommandField.N_ACTION_RQ:
        elements.append((Tag.ACTION_TYPE_ID, us(1)))
    return command_set(elements)


@pytest.mark.requirement("CMD-38")
@pytest.mark.level("safe")
@pytest.mark.parametrize("operation", ["C-FIND", "C-MOVE", "N-ACTION", "N-CREATE", "N-DELETE"])
def test_other_operation_on_a_storage_context(line: Line, ct_image: Instance, judge: Judge, operation: str) -> None:
    """An operation that a storage context is not for is refused by its own response, or with A-ABORT."""
    number, sop_class = line.connection.next_message_id(), ct_image.sop_class_uid
    data_set: bytes | None = None
    match operation:
        case "C-FIND":
            command, data_set = c_find_rq(number, sop_class_uid=sop_class), _identifier(ct_image, line.transfer_syntax)
        case "C-MOVE":
            command = c_move_rq(number, sop_class_uid=sop_class, move_destination="NOBODY")
            data_set = _identifier(ct_image, line.transfer_syntax)
        case _:
            field = CommandField[f"{operation.replace('-', '_')}_RQ"]
            command = _n_request(field, number, sop_class, ct_image.sop_instance_uid)
    exchange = line.ask(command, data_set)
    line.connection.close()
    judge(unagreed.operation_refused(exchange, "CMD-38"))


def _identifier(instance: Instance, transfer_syntax: str) -> bytes:
    """A query for a study that is not stored."""
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = instance.study_instance_uid
    return Instance(dataset=keys).encoded(transfer_syntax)


@pytest.mark.requirement("CMD-11")
@pytest.mark.level("safe")
@pytest.mark.parametrize("field", [0x0002, 0x7FFF, 0x0FFE], ids=lambda value: f"{value:04X}H")
def test_unknown_command_field(line: Line, ct_image: Instance, judge: Judge, field: int) -> None:
    """A Command Field that the standard does not have is answered with 0211H or A-ABORT."""
    echo = c_echo_rq(line.connection.next_message_id())
    command = faults.with_values(
        echo, {Tag.COMMAND_FIELD: us(field), Tag.AFFECTED_SOP_CLASS_UID: ui(ct_image.sop_class_uid)}
    )
    exchange = line.ask(command)
    line.connection.close()
    judge(unagreed.operation_refused(exchange, "CMD-11"))


@pytest.mark.requirement("CMD-39")
@pytest.mark.level("safe")
def test_unsolicited_response(line: Line, ct_image: Instance, judge: Judge) -> None:
    """A C-STORE-RSP that nobody asked for is passed over, or draws A-ABORT."""
    nobodys = c_store_rq(
        MESSAGE_ID_OF_NOBODY, sop_class_uid=ct_image.sop_class_uid, sop_instance_uid=ct_image.sop_instance_uid
    )
    line.connection.send_message(response(nobodys, status=0), None, context_id=line.context_id)
    exchange = line.echo() if line.can_echo else line.store(ct_image)
    judge(unagreed.passed_over(exchange, "CMD-39"))


@pytest.mark.requirement("CMD-22")
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(_with({Tag.PRIORITY: us(3)}), id="3"),
        pytest.param(_with({Tag.PRIORITY: us(0xFFFF)}), id="FFFFH"),
        pytest.param(_without(Tag.PRIORITY), id="missing"),
    ],
)
def test_illegal_priority(
    *, line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, edit: Edit
) -> None:
    """A Priority that the standard does not have, or none, is answered: with Success or a Failure."""
    _tolerated(line, ct_image, judge, judge_stored, edit=edit, requirement="CMD-22")


@pytest.mark.requirement("CMD-07")
@pytest.mark.parametrize(
    "values",
    [
        pytest.param({RETIRED_DIALOG_RECEIVER: ui("1.2.3")}, id="retired"),
        pytest.param({INVENTED: b"ab"}, id="invented"),
        pytest.param({RECEIVER: b"SOMEBODY"}, id="retired receiver"),
    ],
)
def test_further_command_elements(
    *, line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, values: dict[int, bytes]
) -> None:
    """Elements in a command set that are retired or unknown are passed over."""
    _tolerated(
        line,
        ct_image,
        judge,
        judge_stored,
        edit=_with(values),
        requirement="CMD-07",
    )


@pytest.mark.requirement("CMD-08")
@pytest.mark.parametrize("length_bytes", [None, 0, faults.UNLIMITED_GROUP_LENGTH], ids=["missing", "0", "FFFFFFFFH"])
def test_command_group_length(
    *, line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, length_bytes: int | None
) -> None:
    """A command set without a group length, or with a wrong one, is answered or aborted, without waiting for more."""
    store = line.store(ct_image, faults.with_group_length(line.command_for(ct_image), length_bytes))
    line.connection.close()
    reported = Reactions(closed=True)
    judge(responses.expect(store, "CMD-08", success=True, warning=True, failure=True, abort=True, reported=reported))
    if store.status is not None:
        judge_stored(ct_image, store)


@pytest.mark.requirement("CMD-09")
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(faults.descending, id="descending"),
        pytest.param(lambda c: faults.doubled(c, Tag.AFFECTED_SOP_INSTANCE_UID), id="one element twice"),
    ],
)
def test_order_of_command_elements(
    *, line: Line, ct_image: Instance, judge: Judge, judge_stored: JudgeStored, edit: Edit
) -> None:
    """A command set out of order, or with an element twice, is answered or draws A-ABORT."""
    _tolerated(line, ct_image, judge, judge_stored, edit=edit, requirement="CMD-09")


@pytest.mark.requirement("CMD-10", "STA-19")
@pytest.mark.parametrize("encoding", ["explicit VR", "big endian"])
def test_encoding_of_the_command(line: Line, ct_image: Instance, judge: Judge, step: Step, encoding: str) -> None:
    """A command set in another encoding than Implicit VR Little Endian is refused or draws A-ABORT."""
    command = line.command_for(ct_image)
    encoded = faults.in_explicit_vr(command) if encoding == "explicit VR" else faults.in_big_endian(command)
    step(f"C-STORE-RQ with its command set in {encoding}")
    sent = sent_of(ct_image, line.transfer_syntax)
    complete = line.connection.send_command(encoded, context_id=line.context_id) and line.connection.send_data(
        ct_image.encoded(line.transfer_syntax), context_id=line.context_id
    )
    store = line.connection.await_response(
        command, context_id=line.context_id, sent=sent, complete=complete, timeout_s=line.unowed_s
    )
    line.connection.close()
    reported = Reactions(success=True, warning=True, closed=True)
    judge(responses.expect(store, "CMD-10", failure=True, abort=True, reported=reported, well_formed=False))


@pytest.mark.requirement("CMD-42", "CMD-24")
@pytest.mark.parametrize("padding", ["space", "none"])
def test_padding_of_uids(
    *, peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored, padding: str
) -> None:
    """UIDs of odd length that are padded with a space, or not at all, are compared without padding, or refused."""
    instance = instances.build("CTImageStorage")
    while len(instance.sop_instance_uid) % 2 == 0:
        instance = variants.with_sop_instance_uid(instance, f"{instance.sop_instance_uid}7")
    end = b" " if padding == "space" else b""
    values: dict[int, bytes] = {
        Tag.AFFECTED_SOP_CLASS_UID: instance.sop_class_uid.encode() + end,
        Tag.AFFECTED_SOP_INSTANCE_UID: instance.sop_instance_uid.encode() + end,
    }
    _tolerated(Line(peer, instance), instance, judge, judge_stored, edit=_with(values), requirement="CMD-42")


@pytest.mark.requirement("CMD-15", "STA-17")
def test_message_id_used_again(peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored) -> None:
    """A Message ID may be used again once its response has come."""
    series = instances.series("CTImageStorage", 5)
    line = Line(peer, series[0])
    stores = [line.store(instance, message_id=1) for instance in series]
    line.connection.release()
    for instance, store in zip(series, stores, strict=True):
        judge(storing.like_the_ordinary(store, stores[0], "CMD-15"))
        judge_stored(instance, store)


def _tolerated(
    line: Line, instance: Instance, judge: Judge, judge_stored: JudgeStored, *, edit: Edit, requirement: str
) -> None:
    """Send an instance with an odd command set; it may be stored or refused, and an A-ABORT is reported."""
    store = line.store(instance, edit(line.command_for(instance)), timeout_s=line.unowed_s)
    line.connection.close()
    judge(
        responses.expect(
            store,
            requirement,
            success=True,
            warning=True,
            failure=True,
            reported=Reactions(abort=True, closed=True),
            well_formed=False,
        )
    )
    if store.status is not None:
        judge_stored(instance, store)
