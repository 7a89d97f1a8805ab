"""Programs as users write them, for type checkers: each says with `assert_type` which types it gets.

mypy and pyright check this folder (`scripts/test`), and the same programs run as tests. A misuse has the comments of both
tools with the error that each must report on that line. Both also report a comment without an error, so an error
that is lost fails. This package needs no configuration of its own: mypy runs in strict mode, and `pyproject.toml`
gives this folder to pyright.
"""
