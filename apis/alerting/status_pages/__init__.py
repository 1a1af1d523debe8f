"""Status pages: the state of chosen APIs for people outside, as a page, badges, an Atom feed and a calendar.

For others: `edits` makes, changes and deletes pages; `report.report_of(page, now)` says what a page shows. Nothing else
of the inventory leaves: no configurations, no ids of AWS, and origins only where the page says so.
"""
