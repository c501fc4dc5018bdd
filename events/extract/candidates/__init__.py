"""Clauses that announce something: `passage` (a sentence, read), `telling`, `named_events`, then `candidates`."""
