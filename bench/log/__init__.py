"""The log as it is measured: against other stores, against plain `sqlite3`, and against what is asked of it."""
