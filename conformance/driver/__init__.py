"""How the target is driven. A driver never asserts: it returns observations."""
