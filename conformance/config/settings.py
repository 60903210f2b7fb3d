"""The values of a run's configuration, frozen and checked. `DuplicatePolicy`, `Level` and `Service` are its enums."""

from __future__ import annotations

from enum import StrEnum, unique
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from conformance.config.address import Address, check_ae_title, parse_address
from conformance.config.claims import (
    SopClassClaim,
    TransferSyntaxClaim,
    claims_sop_class,
    claims_transfer_syntax,
    split_list,
)
from conformance.config.corpus import CorpusConfig
from conformance.config.readback import ReadbackConfig


@unique
class Level(StrEnum):
    """How far a run may intrude on the target."""

    SAFE = "safe"
    """Stores nothing."""
    STANDARD = "standard"
    """Stores synthetic patients."""
    DISRUPTIVE = "disruptive"
    """Also sends malformed PDUs, aborts and floods, and waits for the target's timers."""

    def permits(self, needed: Level) -> bool:
        """True if a run at this level may execute a scenario that needs the other."""
        order = list(Level)
        return order.index(self) >= order.index(needed)


@unique
class DuplicatePolicy(StrEnum):
    """What the target is declared to do with an instance whose SOP Instance UID it holds already."""

    KEEP = "keep"
    REPLACE = "replace"
    REFUSE = "refuse"
    UNSPECIFIED = "unspecified"


@unique
class Service(StrEnum):
    """A service that a conformance statement can claim."""

    VERIFICATION = "verification"
    STORAGE = "storage"
    QUERY_PATIENT_ROOT = "query-patient-root"
    QUERY_STUDY_ROOT = "query-study-root"
    RETRIEVE_GET = "retrieve-get"
    RETRIEVE_MOVE = "retrieve-move"
    STORAGE_COMMITMENT = "storage-commitment"
    DICOMWEB_STORE = "dicomweb-store"
    DICOMWEB_QUERY = "dicomweb-query"
    DICOMWEB_RETRIEVE = "dicomweb-retrieve"


def _address(value: object) -> object:
    if isinstance(value, str):
        return parse_address(value)
    if isinstance(value, Address):
        return value
    raise ValueError("must be a string, AET@HOST:PORT")


def _calling_ae_title(text: str) -> str:
    return check_ae_title(text, "calling AE title")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TargetConfig(_Table):
    """Table `[target]`: the Application Entity under test, and the words that head its evidence."""

    name: str = ""
    vendor: str = ""
    product: str = ""
    version: str = ""
    site: str = ""
    tested_by: str = ""
    address: Annotated[Address, BeforeValidator(_address)] | None = None
    calling_ae_title: Annotated[str, AfterValidator(_calling_ae_title)] = "CONFORMANCE"


class Claims(_Table):
    """Table `[claims]`: what the vendor's conformance statement says; None means unknown."""

    storage_sop_classes: SopClassClaim = None
    transfer_syntaxes: TransferSyntaxClaim = None
    duplicate_policy: DuplicatePolicy = DuplicatePolicy.UNSPECIFIED
    validates_called_ae_title: bool | None = None
    artim_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    commitment_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    services: Annotated[frozenset[Service], BeforeValidator(split_list)] | None = None
    storage_level: Literal[0, 1, 2] | None = None

    def claims_sop_class(self, uid: str) -> bool | None:
        """True or False as claimed; None if no storage SOP classes are named at all."""
        return claims_sop_class(self.storage_sop_classes, uid)

    def claims_transfer_syntax(self, uid: str) -> bool | None:
        """True or False as claimed; None if no transfer syntaxes are named at all."""
        return claims_transfer_syntax(self.transfer_syntaxes, uid)

    def claims_service(self, service: Service) -> bool | None:
        """True or False as claimed; None if no services are named at all."""
        return None if self.services is None else service in self.services


class Limits(_Table):
    """Table `[limits]`: deadlines and bounds of a run."""

    timeout_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 30.0
    associations: Annotated[int, Field(ge=1, le=1000)] = 10


class Safety(_Table):
    """Table `[safety]`: the level of intrusion, and the mark on everything that is stored."""

    level: Level = Level.STANDARD
    patient_id_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,16}$")] = "CONF"


class Settings(_Table):
    """Everything a person can say about a run."""

    target: TargetConfig = TargetConfig()
    claims: Claims = Claims()
    readback: ReadbackConfig = ReadbackConfig()
    limits: Limits = Limits()
    safety: Safety = Safety()
    corpus: CorpusConfig = CorpusConfig()
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    strict: bool = False
    output: Path | None = None
