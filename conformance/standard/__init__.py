"""What DICOM says, as data: requirements, statuses, SOP classes, transfer syntaxes."""
