"""SCPs that do something unusual and allowed: a FAIL against one of them is a false accusation."""
