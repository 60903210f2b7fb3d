"""The SCP under test and how it comes up: remote, Orthanc container, Orthanc process, embedded reference PACS."""
