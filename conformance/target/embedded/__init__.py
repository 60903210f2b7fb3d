"""The embedded reference PACS: an SCP of Verification, Storage and Query/Retrieve that keeps to the standard."""
