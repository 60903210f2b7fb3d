"""What is known of the good systems at hand.

`<system>.toml` has every FAIL and WARN of a system by requirement, each with its clause and a reason; see
`tests/systems/reviewed.py`. `<target>.verdicts.toml` has the verdict of every scenario of the standard level against
one way to run it, from complete runs: what is not PASS stands in it; see `tests/systems/maps.py`.
"""
