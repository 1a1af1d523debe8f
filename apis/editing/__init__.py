"""Changing a configuration: a group of rooms, each of which imports only those named before it.

`plan` says what a proposed configuration would change, before anything is sent. `panel` is the Configure form. `apply`
is the only caller of AWS's write operations; it verifies, reverts and deploys. `grants` allow an origin until an end.
`review` holds proposals until someone approves them or their time comes. `bulk` does one operation to many APIs.
"""
