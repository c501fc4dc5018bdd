"""Wrong SQLite engines, each named for its mistake: how they append."""

from typing import Final

from tests.contract.mutant import Mutant

KEYS: Final = (
    Mutant(
        "a key is forgotten",
        (("self._known.get(commit.key) or self._stored.known(commit.key)", "self._known.get(commit.key)"),),
        "test_idempotency.py::test_the_same_key_and_body_give_the_same_receipt_and_no_rows",
    ),
    Mutant(
        "a key of the same transaction is not seen",
        (("self._known.get(commit.key) or self._stored", "self._stored"),),
        "test_sqlite.py::test_appends_that_wait_together_share_a_transaction",
    ),
    Mutant(
        "the fingerprint is ignored",
        (("if stored is not None and stored != stored_fingerprint(fingerprint):", "if False:"),),
        "test_idempotency.py::test_a_key_with_another_fingerprint_is_refused_as_reused",
    ),
    Mutant(
        "a retry is judged by its condition first",
        (
            (
                "        found = self._known.get(",
                (
                    "        if commit.condition is not None:\n"
                    "            self._require_condition(commit.condition)\n"
                    "        found = self._known.get("
                ),
            ),
        ),
        "test_idempotency.py::test_a_retry_gets_its_receipt_with_a_condition_that_would_now_fail",
    ),
    Mutant(
        "a retry is judged by its parts first",
        (
            (
                "        found = self._known.get(",
                "        require_valid(commit, head=self.tail.position)\n        found = self._known.get(",
            ),
        ),
        "test_idempotency.py::test_a_retry_is_recognised_before_its_parts_are_judged",
    ),
    Mutant(
        "a command that changed nothing is not remembered",
        (
            (
                "        self.tail.commits += 1\n        position, fingerprint",
                (
                    "        if not size:\n"
                    "            return Receipt(position=self.tail.position, first=self.tail.position + 1, size=0,\n"
                    "                           duplicate=False, recorded_at=recorded_at, note=commit.note)\n"
                    "        self.tail.commits += 1\n        position, fingerprint"
                ),
            ),
        ),
        "test_idempotency.py::test_the_retry_of_a_command_that_changed_nothing_still_changes_nothing",
    ),
    Mutant(
        "a retry sent together with its request is not told to be one",
        (("return structs.replace(receipt, duplicate=True)", "return receipt"),),
        "test_idempotency.py::test_two_concurrent_requests_with_one_key_are_written_once",
    ),
    Mutant(
        "anybody's keys are taken",
        (('if not commit.key.startswith(f"{SYSTEM}/" if ours else f"{commit.by}/"):', "if False:"),),
        "test_append.py::test_an_unknown_or_oversized_part_is_refused_whole",
    ),
    Mutant(
        "an event id may come again",
        (
            (
                "            if position is not None:\n                raise EventIdTaken",
                "            if False:\n                raise EventIdTaken",
            ),
        ),
        "test_idempotency.py::test_an_event_id_stored_under_another_key_is_refused",
    ),
    Mutant(
        "an event id of the same transaction is not seen",
        (("self._given_ids.get(event_id) or self._stored", "self._stored"),),
        "test_sqlite.py::test_appends_that_wait_together_share_a_transaction",
    ),
)

CONDITIONS: Final = (
    Mutant(
        "the check comes after the insert",
        (
            (
                "        if commit.condition is not None:\n            self._require_condition(commit.condition)\n",
                "",
            ),
            (
                "        if entries:\n            self.tail",
                (
                    "        if commit.condition is not None:\n"
                    "            self._require_condition(commit.condition)\n"
                    "        if entries:\n            self.tail"
                ),
            ),
        ),
        "test_append.py::test_a_violated_condition_names_the_conflict_and_stores_nothing",
    ),
    Mutant(
        "a condition is judged against the log before the transaction",
        (("conflict = stored or self._pending_conflict(condition)", "conflict = stored"),),
        "test_conditions.py::test_of_requests_sent_together_those_that_match_an_earlier_one_fail_alone",
    ),
    Mutant(
        "a condition is judged against its own transaction only",
        (("conflict = stored or self._pending", "conflict = self._pending"),),
        "test_conditions.py::test_after_is_exclusive",
    ),
    Mutant(
        "`after` is inclusive",
        (("FROM {source.sql} AND position > ?", "FROM {source.sql} AND position >= ?"),),
        "test_conditions.py::test_after_is_exclusive",
    ),
    Mutant(
        "`after` is one too far",
        (("FROM {source.sql} AND position > ?", "FROM {source.sql} AND position > ? + 1"),),
        "test_conditions.py::test_after_is_exclusive",
    ),
    Mutant(
        "`after` is inclusive where everything is watched",
        (
            (
                "SELECT min(position) FROM event WHERE position > ?",
                "SELECT min(position) FROM event WHERE position >= ?",
            ),
        ),
        "test_conditions.py::test_a_condition_on_everything_holds_only_at_the_head",
    ),
    Mutant(
        "`after` is inclusive within a transaction",
        (("max(condition.after + 1, self._first)", "max(condition.after, self._first)"),),
        "test_conditions.py::test_after_is_exclusive_of_an_event_that_is_sent_together_with_the_condition",
    ),
    Mutant(
        "a cursor ahead of the log is taken",
        (("if condition.after > self.tail.position:", "if False:"),),
        "test_conditions.py::test_a_condition_after_the_head_is_refused",
    ),
    Mutant(
        "any of an item's tags is enough",
        (("_OTHER * (len(tags) - 1)", "_OTHER * 0"), ("[*tags, *type_values]", "[tags[0], *type_values]")),
        "test_conditions.py::test_types_are_alternatives_tags_add_up_and_items_are_alternatives",
    ),
)

TRANSACTIONS: Final = (
    Mutant(
        "a position is used again",
        (("_entries(commit, self.tail.position + 1,", "_entries(commit, max(1, self.tail.position),"),),
        "test_append.py::test_events_get_the_positions_after_the_head_in_their_order",
    ),
    Mutant(
        "positions are counted from before the transaction",
        (("_entries(commit, self.tail.position + 1,", "_entries(commit, self._first,"),),
        "test_sqlite.py::test_appends_that_wait_together_share_a_transaction",
    ),
    Mutant(
        "a refusal uses positions",
        (
            (
                "        if commit.condition is not None:\n",
                "        self.tail.position += len(commit.events)\n        if commit.condition is not None:\n",
            ),
            (
                "_entries(commit, self.tail.position + 1,",
                "_entries(commit, self.tail.position - len(commit.events) + 1,",
            ),
        ),
        "test_reading.py::test_after_a_refused_append_the_next_position_is_the_next",
    ),
    Mutant(
        "`recorded_at` is what the clock says",
        (("return max(now, last)", "return now"),),
        "test_append.py::test_recorded_at_never_decreases_when_the_clock_steps_back",
    ),
    Mutant(
        "a clock far behind the log is believed",
        (("if last > now + CLOCK_AHEAD_MAX_S * _US_PER_S:", "if False:"),),
        "test_append.py::test_a_clock_over_60_seconds_behind_the_log_is_refused",
    ),
    Mutant(
        "an import's times may go back",
        (("if not last <= recorded_us <= now:", "if recorded_us > now:"),),
        "test_append.py::test_an_import_keeps_its_times_between_the_last_entry_and_now",
    ),
    Mutant(
        "tags are folded whatever their case",
        (("sorted(set(tags))", "sorted({tag.lower() for tag in tags})"),),
        "test_append.py::test_tags_that_look_alike_never_collide",
    ),
    Mutant(
        "tags are compared whatever their case",
        (("WHERE tag = ?{others}", "WHERE tag = ? COLLATE NOCASE{others}"),),
        "test_append.py::test_tags_that_look_alike_never_collide",
    ),
    Mutant(
        "tags that are alternatives are compared whatever their case",
        (('f"{column} IN (', 'f"{column} COLLATE NOCASE IN ('),),
        "test_append.py::test_tags_that_look_alike_never_collide",
    ),
    Mutant(
        "a tag may stand twice",
        (("sorted(set(tags))", "sorted(tags)"),),
        "test_append.py::test_duplicate_tags_are_folded_and_sorted_by_their_bytes",
    ),
    Mutant(
        "a commit is kept despite an error",
        (
            (
                "        except BaseException:\n            self._roll_back(connection)\n",
                '        except BaseException:\n            connection.execute("COMMIT")\n',
            ),
        ),
        "test_sqlite_writer.py::test_a_commit_that_fails_half_way_leaves_nothing_of_itself",
    ),
    Mutant(
        "half a commit is visible",
        (
            (
                "            cursor.executemany(insert, rows)\n",
                (
                    "            for row in rows:\n"
                    "                cursor.execute(insert, row)\n"
                    '                cursor.execute("COMMIT")\n'
                    '                cursor.execute("BEGIN IMMEDIATE")\n'
                ),
            ),
        ),
        "test_sqlite_writer.py::test_a_commit_that_fails_half_way_leaves_nothing_of_itself",
    ),
    Mutant(
        "one poisoned request fails all that wait with it",
        (
            ("                return [self._answer([commit])[0] for commit in commits]\n", "                pass\n"),
            ("else error]\n", "else error] * len(commits)\n"),
        ),
        "test_conditions.py::test_one_poisoned_request_among_50_sent_together_fails_alone",
    ),
    Mutant(
        "one refused request sends all that wait with it through a second time",
        (("except DatelineError as refused:\n", "except ZeroDivisionError as refused:\n"),),
        "test_sqlite.py::test_appends_that_wait_together_share_a_transaction",
    ),
    Mutant(
        "the answer comes before the COMMIT",
        (
            (
                '        connection.execute("BEGIN IMMEDIATE")\n        cursor =',
                (
                    "        if connection.in_transaction:\n"
                    '            connection.execute("COMMIT")\n'
                    '        connection.execute("BEGIN IMMEDIATE")\n        cursor ='
                ),
            ),
            (
                '            connection.execute("COMMIT")\n        except sqlite3.Error',
                '            connection.execute("SELECT 1")\n        except sqlite3.Error',
            ),
        ),
        "test_sqlite_writer.py::test_an_append_is_committed_then_marked_then_synced_and_only_then_answered",
    ),
    Mutant(
        "the hint comes before the COMMIT",
        (
            (
                "                answers = self._answer(",
                (
                    "                self._loop.call_soon_threadsafe(self._on_commit)\n"
                    "                answers = self._answer("
                ),
            ),
            ("on_stored=self._on_commit)", "on_stored=lambda: None)"),
        ),
        "test_sqlite_hand_over.py::test_a_subscriber_that_waits_is_woken_once_there_is_something_to_read",
    ),
    Mutant(
        "what failed to be committed is acknowledged",
        (("return _unknown(commits, answers, error) if lost else", "return"),),
        "test_sqlite.py::test_a_commit_that_failed_and_is_not_found_has_an_unknown_outcome",
    ),
    Mutant(
        "a COMMIT returns before it is synced",
        (("synchronous = FULL", "synchronous = NORMAL"), ('("wal", 2)', '("wal", 1)')),
        "test_sqlite_writer.py::test_the_connection_that_writes_syncs_every_commit",
    ),
)

APPENDING: Final = KEYS + CONDITIONS + TRANSACTIONS
