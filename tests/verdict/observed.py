"""Hand-written observations for the tests of judges over read-backs."""

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset

from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.instances.instance import Instance
from conformance.observation.exchanges import OperationExchange, Sent
from conformance.observation.outcomes import Response, ResponseOutcome
from conformance.observation.stored import NotReadable, Stored, StoredCopy
from conformance.observation.transcript import Transcript
from conformance.verdict.finding import Finding, Verdict
from conformance.wire import messages
from conformance.wire.command import CommandSet

EXPLICIT = "1.2.840.10008.1.2.1"
UNREADABLE = NotReadable(reason="C-FIND rejected", channel="dimse")


def instance(scope: str = "judged") -> Instance:
    return catalogue.build("CTImageStorage", IdentitySource(seed=7, scope=scope).new())


def edited(dataset: Dataset, edit: Callable[[Dataset], object]) -> Dataset:
    changed = copy.deepcopy(dataset)
    edit(changed)
    return changed


def exchange(sent: Instance, answer: int | ResponseOutcome | None) -> OperationExchange:
    """A C-STORE that was answered with a status, or that ended otherwise; None for a response without a status."""
    request = messages.c_store_rq(1, sop_class_uid=sent.sop_class_uid, sop_instance_uid=sent.sop_instance_uid)
    outcome: ResponseOutcome
    if answer is None or isinstance(answer, int):
        command = messages.response(request, status=answer) if answer is not None else CommandSet(elements=())
        outcome = Response(context_id=1, command=command, data_set=None, t_s=0.1, after_s=0.1)
    else:
        outcome = answer
    return OperationExchange(
        request=request,
        context_id=1,
        outcome=outcome,
        transcript=Transcript(label="store", peer="PACS@127.0.0.1:104"),
        sent=Sent(
            label=sent.label,
            sop_class_uid=sent.sop_class_uid,
            sop_instance_uid=sent.sop_instance_uid,
            transfer_syntax_uid=EXPLICIT,
            data_set_bytes=100,
            sha256="0" * 64,
        ),
    )


def stored(*datasets: Dataset, listed: int | None = None, transfer_syntax_uid: str = EXPLICIT) -> Stored:
    copies = tuple(
        StoredCopy(
            sop_instance_uid=str(dataset.get("SOPInstanceUID", "")),
            dataset=dataset,
            transfer_syntax_uid=transfer_syntax_uid,
            where=f"file {number}",
        )
        for number, dataset in enumerate(datasets)
    )
    return Stored(copies=copies, listed=len(copies) if listed is None else listed, channel="directory")


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    """The verdict of each requirement; of several findings for one, the first that is not PASS."""
    found: dict[str, Verdict] = {}
    for item in findings:
        if found.get(item.requirement, Verdict.PASS) is Verdict.PASS:
            found[item.requirement] = item.verdict
    return found
