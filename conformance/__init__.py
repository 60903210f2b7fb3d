"""A conformance test suite for a PACS as Storage SCP, and for the services that stand around storage."""

__version__ = "0.1.0"
