"""How one looks at what the target stored: DIMSE, Orthanc's REST interface, DICOMweb, a directory."""
