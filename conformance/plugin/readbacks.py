"""STUB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.observation.stored import NotReadable


class NoRB:
    name = "none"

    def find(self, sent, *, also=(), expect=True):
        return NotReadable(reason="none", channel="none")

    def delete(self, uids):
        return ()

    def close(self):
        pass


@dataclass
class ReadBackPlan:
    method: str

    @classmethod
    def choose(cls, settings, running, move):
        return cls("none")

    def as_builtins(self):
        return {"method": self.method}

    @classmethod
    def from_builtins(cls, d):
        return cls(**d)


def open_channel(plan, endpoint):
    return NoRB()


def open_move_scp(settings, kind, run_dir):
    return None, None
