"""Bulk sending of a person's own DICOM files: found, planned, sent as they are, read back and compared."""
