"""Peers that misbehave against the suite: what is tested here is not a target but what the suite makes of one."""
