"""Faults of SCP/SCU role selection: agreed and not kept, kept and not agreed, read where there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.target.embedded.assembly import Request
from conformance.target.embedded.behaviour import Behaviour
from conformance.target.embedded.negotiation import Context, Roles
from conformance.target.embedded.settings import Settings
from conformance.target.embedded.supported import SERVICES, Service
from conformance.verdict.finding import Verdict
from conformance.wire.items import ContextResult, ItemType
from conformance.wire.pdu import Associate
from tests.faulty.breaking import Breaks
from tests.faulty.registry import CLAIMS, fault

_ROLES_BYTES: Final = 2
_STORAGE: Final = frozenset(uid for uid, service in SERVICES.items() if service is Service.STORAGE)


@fault("applies-roles-that-it-does-not-answer", catches=("UI-ROL-04",), options=CLAIMS)
class AppliesRolesThatItDoesNotAnswer(Behaviour):
    """A role selection holds as it was proposed, although the A-ASSOCIATE-AC does not return it."""

    def associate_ac(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles], settings: Settings
    ) -> Associate:
        return super().associate_ac(request, results, {}, settings)


@fault("agrees-to-roles-and-forgets-them", catches=("UI-ROL-06",), caught_as=Verdict.WARN)
class AgreesToRolesAndForgetsThem(Behaviour):
    """A requestor that was granted the SCP role alone is served as an SCU all the same."""

    def is_agreed(self, request: Request) -> bool:
        return super().is_agreed(replace(request, context=replace(request.context, requestor_is_scu=True)))


@fault("answers-roles-of-other-classes", catches=("UI-ROL-01",))
class AnswersRolesOfOtherClasses(Behaviour):
    """Where a role is proposed for one storage SOP class, roles of the others that are proposed are answered too."""

    def granted_roles(self, request: Associate) -> dict[str, Roles]:
        granted = super().granted_roles(request)
        proposed = [context.abstract_syntax for context in request.proposed_contexts]
        storage = [uid for uid in proposed if uid in _STORAGE]
        return {uid: next(iter(granted.values())) for uid in storage} | granted if granted else granted


class _ReadsRoles(Breaks):
    """Reads each role selection of a request."""

    def breaks_on(self, request: Associate) -> bool:
        bodies = [item.body for item in request.user_items if item.item_type == ItemType.ROLE_SELECTION]
        return any(self.breaks_on_role(request, body[2:], int.from_bytes(body[:2])) for body in bodies)

    def breaks_on_role(self, request: Associate, rest: bytes, uid_length: int) -> bool:
        raise NotImplementedError


@fault("looks-up-the-context-of-a-role", catches=("UI-ROL-07",), caught_as=Verdict.WARN)
class LooksUpTheContextOfARole(_ReadsRoles):
    """The context of a role selection is looked up, though its SOP class was not proposed."""

    def breaks_on_role(self, request: Associate, rest: bytes, uid_length: int) -> bool:
        if len(rest) != uid_length + _ROLES_BYTES:
            return False
        uid = rest[:uid_length].decode("latin-1")
        return all(context.abstract_syntax != uid for context in request.proposed_contexts)


@fault("reads-roles-behind-the-sub-item", catches=("UI-ROL-08",), caught_as=Verdict.WARN)
class ReadsRolesBehindTheSubItem(_ReadsRoles):
    """The roles are read behind as many bytes of a UID as its length says, though the sub-item has fewer."""

    def breaks_on_role(self, request: Associate, rest: bytes, uid_length: int) -> bool:
        return len(rest) < uid_length + _ROLES_BYTES


@fault("gets-without-a-role", catches=("UI-ROL-05",), caught_as=Verdict.WARN)
class GetsWithoutARole(Behaviour):
    """A C-GET sends on storage contexts whatever roles were proposed for them."""

    def accepted_contexts(
        self, request: Associate, results: list[ContextResult], roles: Mapping[str, Roles]
    ) -> dict[int, Context]:
        accepted = super().accepted_contexts(request, results, roles)
        return {number: replace(context, requestor_is_scp=True) for number, context in accepted.items()}
