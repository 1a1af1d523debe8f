"""Changing a configuration: plan it, apply it, prove it, revert it.

`plan` says what a proposal would do before anything is sent; `apply` is the only caller of AWS's write operations;
`revert` proposes what was there before a change, which then goes the same way. `bulk` does one operation to many APIs.

Where `approval` is required, or a change has its time, `proposals` hold it and `carry` applies it when it is due.
`grants` let an origin in for a while; `ending` takes it out again. Whoever carries something out claims what is due in
one atomic statement and holds it under a `lease`, so that each is done once, whichever workers come and whichever die.
"""
