"""Faults of negotiation: what the A-ASSOCIATE-AC says of the presentation contexts, or which request is refused."""

from __future__ import annotations

