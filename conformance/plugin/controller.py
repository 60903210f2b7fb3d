"""The controlling process of a run: brings the target up, looks at it, and alone writes the record."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from conformance import __version__
from conformance.config import DuplicatePolicy, Level, Settings
from conformance.config.corpus import CorpusUids
from conformance.driver.endpoint import Endpoint
from conformance.driver.recorder import Recorder
from conformance.driver.sending import sent_of
from conformance.evidence.journal import Journal, created
from conformance.evidence.results import ResultsWriter, read_results
from conformance.instances import catalogue
from conformance.instances.identity import IdentitySource
from conformance.plugin import company
from conformance.plugin.corpus import CORPUS_FILE, corpus_header, corpus_of
from conformance.plugin.life import DEAD_MARKER, Life
from conformance.plugin.matrix import SharedMatrix
from conformance.plugin.options import settings_of, target_kind
from conformance.plugin.readbacks import MoveSetup, ReadBackPlan, choose_plan, start_move_scp
from conformance.plugin.revival import Reviver
from conformance.plugin.run import Run, set_current_run
from conformance.preflight import IMPLICIT_VR_LITTLE_ENDIAN, Preflight, run_preflight, stored_before
from conformance.readback.base import NoReadBack, ReadBack
from conformance.readback.move_scp import MoveSpool
from conformance.report.render import render_all
from conformance.target.base import RunningTarget, Target, TargetError
from conformance.target.embedded import settings as embedded
from conformance.target.embedded.target import EmbeddedTarget
from conformance.target.orthanc_config import MoveDestination
from conformance.target.orthanc_container import DEFAULT_IMAGE, OrthancContainer
from conformance.target.orthanc_native import OrthancNative
from conformance.target.remote import RemoteTarget

START_DEADLINE_S: Final = 90.0
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class UnusableTargetError(Exception):
    """The target cannot be used: exit code 3, and the lines say why and what to do."""


@dataclass(slots=True, kw_only=True)
class Controller:
    """Everything that only the controlling process has.

    Args:
        config: pytest's.
        settings: The run's.
        kind: remote, embedded, orthanc or orthanc-native.
        seed: Of everything that is sent.
        run_dir: Where the run's files go.
    """

    config: pytest.Config
    settings: Settings
    kind: str
    seed: int
    run_dir: Path
    target: Target | None = None
    running: RunningTarget | None = None
    plan: ReadBackPlan | None = None
    run: Run | None = None
    writer: ResultsWriter | None = None
    summary: dict[str, Any] | None = None
    diagnosis: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    _corpus: dict[str, Any] | None = None
    started_at: str = ""
    journal: Journal | None = None
    _move: MoveSetup | None = None
    _opened: ReadBack | None = None
    _reviver: Reviver | None = None

    def start(self) -> None:
        """Bring the target up, look at it, begin the record.

        Raises:
            UnusableTargetError: It cannot be used.
        """
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self._look_at_corpus()
        (self.run_dir / DEAD_MARKER).unlink(missing_ok=True)
        SharedMatrix(self.run_dir).remove()
        self.started_at = _now()
        # From here on, whenever the run is killed, there is a record that says how far it came.
        self._begin_record(None)
        self.journal = Journal(self.run_dir, fresh=True)
        try:
            self._move = start_move_scp(self.settings, self.kind)
            self.target = self._make_target(self._move.destination if self._move else None)
            self.running = self.target.start(self.run_dir, deadline_s=START_DEADLINE_S)
        except TargetError as error:
            self._unusable(f"{error}", error.hint)
        assert self.running is not None
        endpoint = endpoint_of(self.settings, self.running)
        spool = self._move.spool if self._move else None
        found = self._look(endpoint, spool)
        self.run = Run(
            settings=self.settings,
            seed=self.seed,
            run_dir=self.run_dir,
            endpoint=endpoint,
            readback=self._channel(endpoint, spool, usable=found.failure is None),
            move=spool,
            life=Life(endpoint, self.run_dir / DEAD_MARKER, is_ours=self.kind != "remote"),
            web=self.plan.open_web(endpoint) if self.plan is not None else None,
            journal=self.journal,
        )
        self._begin_record(found)
        set_current_run(self.run)
        if found.failure is not None:
            self._unusable(f"{found.failure.name}: {found.failure.actual}", found.failure.hint)
        assert self.target is not None
        if self.kind != "remote":
            self._reviver = Reviver(self.target, self.run_dir / DEAD_MARKER, _say)
            self._reviver.start()

    def handover(self) -> dict[str, Any]:
        """What the workers need, in builtins."""
        assert self.running is not None
        assert self.plan is not None
        return {
            "host": self.running.host,
            "port": self.running.port,
            "ae_title": self.running.ae_title,
            "seed": self.seed,
            "run_dir": str(self.run_dir),
            "plan": self.plan.as_builtins(),
            "is_ours": self.kind != "remote",
        }

    def finish(self, *, interrupted: bool) -> dict[str, Any] | None:
        """Delete what was stored, take the target down, finish the record; the summary, or None without a record."""
        try:
            cleanup = self._clean_up()
        finally:
            self.stop()
        if self.writer is not None:
            self.summary = self.writer.finish(
                finished_at=_now(), interrupted=interrupted, diagnosis=self.diagnosis, cleanup=cleanup
            )
        return self.summary

    def stop(self) -> None:
        """Close the read-back and take down what was started; again is harmless."""
        if self._reviver is not None:
            self._reviver.stop()
            self._reviver = None
        if self.run is not None:
            self.run.close()
        if self.journal is not None:
            self.journal.close()
        if self._move is not None:
            self._move.stop()
            self._move = None
        if self.target is not None:
            self.target.stop()

    def render(self) -> None:
        """Write the files that are made from results.json."""
        (self.run_dir / DEAD_MARKER).unlink(missing_ok=True)
        company.forget(self.run_dir)
        SharedMatrix(self.run_dir).remove()
        if self.writer is not None:
            render_all(self.run_dir)

    def _look_at_corpus(self) -> None:
        """See what a person's own files are, and warn of people in them before anything is sent."""
        cases = corpus_of(self.config)
        if cases is None:
            return
        self._corpus = corpus_header(self.settings, cases)
        if cases.passed_over:
            _say(f"corpus: {len(cases.passed_over)} files are no DICOM instances and are passed over")
        if self._corpus["note"]:
            _say(f"warning: {self._corpus['note']}\nhint: de-identify them, or see that the target may hold them")

    def _make_target(self, destination: MoveDestination | None) -> Target:
        match self.kind:
            case "embedded":
                return EmbeddedTarget(
                    embedded.Settings(duplicate_policy=_embedded_policy(self.settings)),
                    move_destinations=_embedded_destinations(destination),
                )
            case "orthanc":
                image = self.config.getoption("pacs_orthanc_image") or DEFAULT_IMAGE
                return OrthancContainer(image=image, move_destination=destination, notify=_say)
            case "orthanc-native":
                return OrthancNative(move_destination=destination)
            case _:
                address = self.settings.target.address
                assert address is not None
                return RemoteTarget(ae_title=address.aet, host=address.host, port=address.port)

    def _look(self, endpoint: Endpoint, spool: MoveSpool | None) -> Preflight:
        stores = self.settings.safety.level is not Level.SAFE
        assert self.journal is not None
        source = IdentitySource(
            seed=self.seed,
            scope="preflight",
            patient_id_prefix=self.settings.safety.patient_id_prefix,
            made=partial(self.journal.made, "preflight"),
        )
        instance = catalogue.build("CTImageStorage", source.new()) if stores else None
        if instance is not None and self.kind == "remote" and self.settings.seed is not None:
            # Only a seed that was chosen can have been used before, and only a target that we do not start has a past.
            sent = sent_of(instance, IMPLICIT_VR_LITTLE_ENDIAN)
            look = self._channel(endpoint, spool, usable=True).find(sent)
            if (left := stored_before(sent, look, self.seed)) is not None:
                return Preflight(steps=(left,))
        return run_preflight(
            endpoint,
            Recorder(before_store=partial(self.journal.sending, "preflight")),
            instance=instance,
            fetch=lambda sent: self._channel(endpoint, spool, usable=True).find(sent, expect=True),
        )

    def _channel(self, endpoint: Endpoint, spool: MoveSpool | None, *, usable: bool) -> ReadBack:
        """The read-back channel; a target that cannot be used is not asked what it offers."""
        if not usable:
            return NoReadBack("the target cannot be used")
        if self._opened is None:
            assert self.running is not None
            self.plan = choose_plan(self.settings, self.running, endpoint, spool)
            self._opened = self.plan.open(endpoint)
        return self._opened

    def _begin_record(self, found: Preflight | None) -> None:
        """Begin results.json; again, with what the preflight found, when it is over."""
        if self.writer is not None:
            self.writer.close()
        self.header = self._header(found)
        self.writer = ResultsWriter(self.run_dir / "results.json", self.header, strict=self.settings.strict)

    def _header(self, found: Preflight | None) -> Mapping[str, Any]:
        settings, address = self.settings, self.settings.target.address
        called = self.running.ae_title if self.running else address.aet if address else ""
        description = self.running.description if self.running else {}
        found = found or Preflight(steps=())
        return {
            "suite_version": __version__,
            "run_id": self.run_dir.name,
            "started_at": self.started_at,
            "seed": self.seed,
            "level": str(settings.safety.level),
            "strict": settings.strict,
            "command": self._command(),
            "target": {
                "name": settings.target.name or default_name(self.kind, called),
                "vendor": settings.target.vendor,
                "product": settings.target.product,
                "version": settings.target.version,
                "site": settings.target.site,
                "tested_by": settings.target.tested_by,
                "kind": self.kind,
                "address": str(endpoint_of(settings, self.running)) if self.running else str(address or ""),
                "called_ae_title": called,
                "calling_ae_title": settings.target.calling_ae_title,
                "implementation_class_uid": found.implementation_class_uid,
                "implementation_version_name": found.implementation_version_name,
                "maximum_length": found.maximum_length,
                "description": "; ".join(f"{key}: {value}" for key, value in description.items()),
            },
            "claims": settings.claims.model_dump(mode="json", exclude_none=True),
            "readback": {
                "channel": self.run.readback.name if self.run else "none",
                "description": self.plan.reason if self.plan else "",
            },
            **({"corpus": self._corpus} if self._corpus is not None else {}),
            "limits": settings.limits.model_dump(mode="json"),
            "preflight": [
                {"name": s.name, "state": str(s.state), "actual": s.actual, "hint": s.hint} for s in found.steps
            ],
        }

    def _command(self) -> str:
        words = [Path(sys.argv[0]).name, *sys.argv[1:]]
        if self.settings.seed is None:
            at = words.index("--") if "--" in words else len(words)
            option = "--seed" if words[0].startswith("pacs-conformance") else "--pacs-seed"
            words[at:at] = [option, str(self.seed)]
        return shlex.join(words)

    def _clean_up(self) -> dict[str, Any] | None:
        if self.run is None or self.kind != "remote" or self.writer is None or self.diagnosis:
            return None
        return delete_stored(self.run, self.writer.path)

    def _unusable(self, words: str, hint: str) -> None:
        self.diagnosis = words
        raise UnusableTargetError(f"{words}\nhint: {hint}" if hint else words)


def endpoint_of(settings: Settings, running: RunningTarget) -> Endpoint:
    """The two ends of every association with a running target."""
    return Endpoint(
        host=running.host,
        port=running.port,
        called_ae_title=running.ae_title,
        calling_ae_title=settings.target.calling_ae_title,
        timeout_s=settings.limits.timeout_s,
        connect_timeout_s=min(10.0, settings.limits.timeout_s),
    )


def make_controller(config: pytest.Config) -> Controller:
    """The controller of a run that the command line asks for; nothing is started yet.

    Raises:
        pytest.UsageError: Something on the command line, in the environment or in the target file is wrong.
    """
    settings = settings_of(config)
    kind = target_kind(config)
    corpus_of(config)
    seed = settings.seed if settings.seed is not None else secrets.randbelow(2**32)
    output = settings.output
    if output is None:
        address = settings.target.address
        name = settings.target.name or default_name(kind, address.aet if address else "")
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        output = Path("reports") / f"{stamp}-{_UNSAFE.sub('-', name).strip('-') or kind}"
        if output.exists():
            output = output.with_name(f"{output.name}-{os.getpid()}")
    if output.exists() and not output.is_dir():
        raise pytest.UsageError(f"output {str(output)!r} is a file\nhint: name a folder")
    return Controller(config=config, settings=settings, kind=kind, seed=seed, run_dir=output.absolute())


def _embedded_policy(settings: Settings) -> embedded.DuplicatePolicy:
    declared = settings.claims.duplicate_policy
    if declared is DuplicatePolicy.UNSPECIFIED:
        return embedded.DuplicatePolicy.REPLACE
    return embedded.DuplicatePolicy(declared.value)


def _embedded_destinations(destination: MoveDestination | None) -> dict[str, embedded.Destination]:
    if destination is None:
        return {}
    return {destination.ae_title: embedded.Destination(host=destination.host, port=destination.port)}


def default_name(kind: str, ae_title: str) -> str:
    """What a target without a name is called."""
    return ae_title if kind == "remote" else kind


def delete_stored(run: Run, results_path: Path) -> dict[str, Any]:
    """Delete what the run stored on a target that is not ours, where the read-back channel can."""
    # What kept its own identifiers may have been there before us: only what bears the run's marks is deleted.
    kept = run.settings.corpus.uids is CorpusUids.KEEP
    stored = [
        one
        for one in created(results_path.parent, read_results(results_path))
        if one.is_ours and not (kept and one.scenario.startswith(CORPUS_FILE))
    ]
    deleted = run.readback.delete([one.sop_instance_uid for one in stored])
    return {"deleted": list(deleted), "note": f"{run.readback.name}: {len(deleted)} instances deleted"}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
