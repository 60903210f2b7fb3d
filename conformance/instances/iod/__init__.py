"""One builder per IOD, by family, and the modules of PS3.3 that they share."""
