"""The append-only log. Read `port` first, then `entry` and `merkle` (pure), then `sqlite` and what it is made of."""
