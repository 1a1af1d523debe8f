"""Planning, applying, proving and reverting edits of CORS configurations, one API or many."""
