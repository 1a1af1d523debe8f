"""Work that must survive a crash, and the queue it waits in.

`claims.Claims` is how a row of work is claimed, leased, retried and finished; `queue.enqueue_task` hands work to a
worker and says when the broker cannot be reached. `bulk_rows` writes many rows by one statement, and the fields of
`sparse` take no space in them while they have their default.

`pause` holds the schedule and the syncs of a data folder; `full_storage` reports a full disk or broker once a minute,
and `database_outage` a database that is away once.
"""
