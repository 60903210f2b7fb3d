"""What DICOM says, as data: requirements, statuses, SOP classes, transfer syntaxes, attributes."""

from conformance.standard.newer_attributes import register

register()
