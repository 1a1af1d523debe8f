"""Alerting: incidents opened from flips, notification channels, and the deliveries of each message.

A flip, its incident and one Delivery per channel are settled in one transaction (`incidents`); `alerts` adds what
alerts besides incidents; `sending` sends afterwards, with retries, and the task `sweep` picks up whatever a lost
broker forgot.

For others: `incidents.settle_flips()`, `incidents.acknowledge(incident, user, note)`; `channels.create(…)`,
`channels.change(…)`, `channels.test(channel, user)`; `deliveries.send(id)`, `outbox.due()`; `status_pages`
shows others how APIs do.
"""
