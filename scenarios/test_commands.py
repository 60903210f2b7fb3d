"""Command sets: faulty ones are refused or passed over, odd but legal ones are treated like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from conformance.driver.line import Line
from conformance.driver.sending import sent_of
from conformance.instances import variants
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange
from conformance.plugin.fixtures import Instances, Judge, Look, Peers
from conformance.verdict import fidelity, responses, storing
from conformance.verdict.responses import Reactions
from conformance.wire import command_faults as faults
from conformance.wire.command import NO_DATA_SET, CommandSet, Tag, ui, us

pytestmark = pytest.mark.topic("statuses")

RETIRED_DIALOG_RECEIVER: Final = 0x5180
RECEIVER: Final = 0x0200
INVENTED: Final = 0x0099

Edit = Callable[[CommandSet], CommandSet]
Step = Callable[[str], None]
JudgeStored = Callable[..., None]


@pytest.fixture
def line(peer: Peers, ct_image: Instance) -> Line:
    """An association for the CT image."""
    return Line(*peer.ready_for(ct_image, verification=True))


@pytest.fixture
def look(readback: Look, judge: Judge) -> Callable[[OperationExchange], None]:
    """Judges that nothing is stored after a Failure status."""

    def judge_nothing_kept(store: OperationExchange) -> None:
        if store.status is not None and not storing.acknowledged(store) and store.sent is not None:
            judge(fidelity.not_stored(readback.fetch(store.sent, expect=False)))

    return judge_nothing_kept


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
    line = Line(*peer.ready_for(instance, verification=True))
    first = line.store(ordinary)
    store = line.store(instance, line.command_for(instance, data_set_type=value))
    judge(storing.like_the_ordinary(store, first, "CMD-19"))
    line.connection.release()
    judge_stored(instance, store)


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
def test_encoding_of_the_command(
    *,
    line: Line,
    ct_image: Instance,
    judge: Judge,
    look: Callable[[OperationExchange], None],
    step: Step,
    encoding: str,
) -> None:
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
    look(store)


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
    _tolerated(
        Line(*peer.ready_for(instance, verification=True)),
        instance,
        judge,
        judge_stored,
        edit=_with(values),
        requirement="CMD-42",
    )


@pytest.mark.requirement("CMD-15", "STA-17")
def test_message_id_used_again(peer: Peers, instances: Instances, judge: Judge, judge_stored: JudgeStored) -> None:
    """A Message ID may be used again once its response has come."""
    series = instances.series("CTImageStorage", 5)
    line = Line(*peer.ready_for(series[0], verification=True))
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
