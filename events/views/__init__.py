"""Read models: what the log amounts to, in tables that answer quickly, at every place of the two clocks.

Read `schema` (the tables), `bearing` (which facts concern what), `versions` and `advance` (how an announcement's
versions follow from its facts), `projection` (commits in, rows out), `generations` and `runner` (files, following the
log, rebuilding); then, for readers, `clocks`, `filters`, `announcements` and `reading`.
"""
