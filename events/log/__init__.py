"""The append-only log: read `port` first, then `entry` and `merkle` (pure), then `sqlite`."""
