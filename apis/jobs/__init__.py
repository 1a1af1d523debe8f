"""Work that must survive a crash, and the queue it waits in.

`claims.Claims` is how a row of work is claimed, leased, retried and finished; `queue.enqueue_task` hands work to a
worker and says when the broker cannot be reached. `bulk_rows` writes many rows by one statement, and the fields of
`sparse` take no space in them while they have their default.
"""
