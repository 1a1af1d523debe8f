"""Changing a configuration: plan it, apply it, prove it, revert it.

`plan` says what a proposal would do before anything is sent; `apply` is the only caller of AWS's write operations;
`revert` proposes what was there before a change, which then goes the same way.
"""
