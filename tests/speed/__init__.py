"""How fast it is: every figure beside its limit, measured in the same run. See scripts/bench."""
