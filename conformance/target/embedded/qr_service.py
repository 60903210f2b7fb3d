"""C-FIND, C-GET and C-MOVE from request to last response (PS3.7 9.1.2 to 9.1.4)."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from typing import Final

from conformance.target.embedded import retrieve
from conformance.target.embedded.answer import SUCCESS, Answer, RefusedError
from conformance.target.embedded.assembly import Request
from conformance.target.embedded.association import Association
from conformance.target.embedded.elements import Elements, encode
from conformance.target.embedded.query import encoding_of, read_identifier, read_query, read_retrieval
from conformance.target.embedded.requestor import Requestor, RequestorError, proposals
from conformance.target.embedded.retrieve import OtherAssociation, Progress, SameAssociation
from conformance.target.embedded.storage import StoredInstance
from conformance.target.embedded.supported import DEFLATED
from conformance.wire.command import Tag

log = logging.getLogger(__name__)

PENDING: Final = Answer(status=0xFF00)
PENDING_UNSUPPORTED_KEYS: Final = Answer(status=0xFF01)
CANCEL: Final = Answer(status=0xFE00)


def find(association: Association, request: Request) -> None:
    """C-FIND: a pending response for each match, then one that ends it.

    Raises:
        RefusedError: The identifier does not fit.
    """
    behaviour = association.behaviour
    check_class(request)
    query = read_query(read_identifier(request), request.context.abstract_syntax)
    pending = PENDING_UNSUPPORTED_KEYS if query.has_unsupported_keys else PENDING
    for match in behaviour.find_matches(association, query):
        while association.poll():
            pass
        if not association.established:
            return
        if retrieve.is_cancelled(association):
            association.respond(request, CANCEL)
            return
        association.respond(request, pending, encode_identifier(match, request.context.transfer_syntax))
    association.respond(request, SUCCESS)


def get(association: Association, request: Request) -> None:
    """C-GET: sub-operations on this association.

    Raises:
        RefusedError: The identifier does not fit.
    """
    check_class(request)
    instances = _selected(association, request)
    progress = retrieve.run(association, request, SameAssociation(association), instances)
    _end(association, request, progress)


def move(association: Association, request: Request) -> None:
    """C-MOVE: sub-operations on an association with the destination.

    Raises:
        RefusedError: The identifier does not fit, or the destination is not known.
    """
    check_class(request)
    title = (request.command.text(Tag.MOVE_DESTINATION) or "").strip(" ")
    destination = association.settings.move_destinations.get(title)
    if destination is None:
        raise RefusedError(Answer(status=retrieve.DESTINATION_UNKNOWN, comment="Move Destination is not known"))
    instances = _selected(association, request)
    if not instances:
        _end(association, request, Progress(remaining=0))
        return
    try:
        with Requestor(destination, title, association.settings) as requestor:
            requestor.associate(proposals((i.sop_class_uid, i.transfer_syntax) for i in instances))
            route = OtherAssociation(requestor, association)
            progress = retrieve.run(association, request, route, instances)
    except RequestorError as error:
        log.info("C-MOVE to %s: %s", title, error)
        uids = [instance.sop_instance_uid for instance in instances]
        progress = Progress(remaining=0, failed=len(instances), failed_uids=uids)
    _end(association, request, progress)


def check_class(request: Request) -> None:
    """Look at the Affected SOP Class UID.

    Raises:
        RefusedError: It is missing, or not that of the context.
    """
    if request.command.affected_sop_class_uid != request.context.abstract_syntax:
        raise RefusedError(Answer(status=0x0122, comment="Affected SOP Class UID is not that of the context"))


def encode_identifier(elements: Elements, transfer_syntax: str) -> bytes:
    """An identifier's bytes in a context's transfer syntax."""
    encoded = encode(elements, encoding_of(transfer_syntax))
    if transfer_syntax not in DEFLATED:
        return encoded
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(encoded) + deflater.flush()
    return deflated + b"\0" * (len(deflated) % 2)  # PS3.5 A.5


def _selected(association: Association, request: Request) -> Sequence[StoredInstance]:
    query = read_retrieval(read_identifier(request), request.context.abstract_syntax)
    return association.behaviour.select_instances(association, query)


def _end(association: Association, request: Request, progress: Progress) -> None:
    behaviour = association.behaviour
    status = behaviour.final_retrieve_status(progress, cancelled=retrieve.is_cancelled(association))
    failed = behaviour.failed_list(progress)
    data_set = None if failed is None else encode_identifier(failed, request.context.transfer_syntax)
    association.respond(request, behaviour.retrieve_answer(status, progress), data_set)
