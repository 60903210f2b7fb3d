"""Complete runs against real systems, and real clients against the embedded PACS."""
