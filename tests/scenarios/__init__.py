"""The scenarios, run against the embedded PACS and against PACS with a fault."""
