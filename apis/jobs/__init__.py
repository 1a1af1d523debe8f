"""Work that must survive a crash, and the queue it waits in.

`claims.Claims` is how a row of work is claimed, leased, retried and finished; `queue.enqueue_task` hands work to a
worker and says when the broker cannot be reached.
"""
