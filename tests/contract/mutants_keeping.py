"""Wrong SQLite engines, each named for its mistake: how they keep, read and check what is recorded."""

from typing import Final

from tests.contract.mutant import Mutant

MARK: Final = (
    Mutant(
        "the mark comes before the COMMIT",
        (
            (
                '        try:\n            connection.execute("COMMIT")\n',
                (
                    "        self._mark.raise_to(group.tail.mark(self._log_id))\n"
                    '        try:\n            connection.execute("COMMIT")\n'
                ),
            ),
        ),
        "test_sqlite_writer.py::test_an_append_is_committed_then_marked_then_synced_and_only_then_answered",
    ),
    Mutant(
        "the answer comes before the mark",
        (
            (
                "return self._acknowledge(commits, answers) if failed is None else",
                "return answers if failed is None else",
            ),
        ),
        "test_sqlite_writer.py::test_appends_sent_together_are_answered_only_once_the_mark_has_them_all",
    ),
    Mutant(
        "a mark that cannot be written is passed over",
        (
            (
                "        except OSError as error:\n            return _unknown(",
                "        except OSError as error:\n            return answers or _unknown(",
            ),
        ),
        "test_sqlite.py::test_a_mark_that_cannot_be_written_leaves_the_outcome_unknown_and_a_retry_finds_it",
    ),
    Mutant(
        "one slot is written always",
        (("self._next_slot = 1 - self._next_slot", "pass"),),
        "test_sqlite_mark.py::test_a_torn_slot_leaves_the_mark_before_it_at_every_append_and_over_a_restart",
    ),
    Mutant(
        "the newer slot is written first after a start",
        (
            (
                "self._next_slot = 0 if slots and slots[0] is not self.mark else 1",
                "self._next_slot = 1 if slots and slots[0] is not self.mark else 0",
            ),
        ),
        "test_sqlite_mark.py::test_a_torn_slot_leaves_the_mark_before_it_at_every_append_and_over_a_restart",
    ),
    Mutant(
        "a torn slot is believed",
        ((" or _CHECK.unpack(check)[0] != crc32(body)", ""),),
        "test_sqlite.py::test_a_torn_slot_of_the_mark_leaves_the_other_one",
    ),
    Mutant(
        "the older slot is believed",
        (("return max(readable, key=_age", "return min(readable, key=_age"),),
        "test_sqlite.py::test_an_older_log_under_a_newer_mark_is_refused",
    ),
    Mutant(
        "a lost command that changed nothing is not missed",
        ((" or tail.commits < mark.commits", ""),),
        "test_sqlite.py::test_a_lost_no_op_is_noticed_too",
    ),
    Mutant(
        "another history under the mark is taken",
        (("if tree_at(connection, mark.position).root() != mark.root:", "if False:"),),
        "test_sqlite_mark.py::test_a_log_that_went_another_way_than_its_mark_is_refused",
    ),
)

READS: Final = (
    Mutant(
        "`upto` is exclusive",
        (
            ('tail = f"position > ? AND position <= ?', 'tail = f"position > ? AND position < ?'),
            ('window = f"position > ? AND position <= ?', 'window = f"position > ? AND position < ?'),
        ),
        "test_reading.py::test_upto_is_inclusive",
    ),
    Mutant(
        "a page backwards ends at its wrong edge",
        (("sorted(together, reverse=backwards)[:limit]", "sorted(together)[:limit]"),),
        "test_reading.py::test_every_window_gives_what_lies_in_it",
    ),
    Mutant(
        "an event that two items mean comes twice",
        (
            ("{position for statement in found", "[position for statement in found"),
            ("connection.execute(*statement)}", "connection.execute(*statement)]"),
        ),
        "test_conditions.py::test_types_are_alternatives_tags_add_up_and_items_are_alternatives",
    ),
    Mutant(
        "the head and the events are of two snapshots",
        (('connection.execute("BEGIN")', 'connection.execute("SELECT 1")'),),
        "test_sqlite_hand_over.py::test_what_is_appended_between_the_steps_of_a_read_is_in_its_head_and_its_events_or_in_neither",
    ),
    Mutant(
        "`position_at` is one too low",
        (("    return bisect_right(\n", "    from bisect import bisect_left\n    return bisect_left(\n"),),
        "test_reading.py::test_position_at_is_the_last_position_recorded_by_then",
    ),
    Mutant(
        "a key is looked up without its fingerprint",
        (("if found is None or fingerprint is None:", "if True:"),),
        "test_idempotency.py::test_a_key_with_another_fingerprint_is_refused_as_reused",
    ),
    Mutant(
        "a subscription clears its hint after the read",
        (
            ("                hint.clear()", "                pass"),
            (
                "                await self._hint_or_poll(hint)",
                "                hint.clear()\n                await self._hint_or_poll(hint)",
            ),
        ),
        "test_sqlite_hand_over.py::test_what_is_appended_at_any_two_steps_of_the_hand_over_is_not_slept_through",
    ),
    Mutant(
        "`Progress` goes beyond the head",
        (
            (
                "                    yield Progress(position=cursor)",
                "                    yield Progress(position=cursor + 1)",
            ),
        ),
        "test_subscriptions.py::test_without_a_match_progress_advances",
    ),
    Mutant(
        "`CaughtUp` is said again",
        (("                    caught_up = True\n", ""),),
        "test_subscriptions.py::test_from_0_come_history_caught_up_once_and_then_new_events",
    ),
    Mutant(
        "what is left of a burst is passed over",
        (("if len(found.events) == STREAM_EVENTS_MAX:", "if False:"),),
        "test_subscriptions.py::test_a_burst_larger_than_a_page_is_delivered_whole",
    ),
    Mutant(
        "a subscriber ahead of the log waits in silence",
        (("if found.head < cursor:", "if False:"),),
        "test_subscriptions.py::test_a_subscriber_ahead_of_a_log_that_was_restored_is_told_so",
    ),
    Mutant(
        "a subscription that ended is woken for ever",
        (("self._waiting.discard(hint)", "pass"),),
        "test_sqlite_hand_over.py::test_an_ended_subscription_is_no_longer_woken",
    ),
)

DAMAGE: Final = (
    Mutant(
        "a row may be deleted",
        (("BEFORE DELETE ON {table}{_DELETE_REFUSED.get(table, '')}", "BEFORE DELETE ON {table} WHEN 0"),),
        "test_sqlite_clients.py::test_another_process_is_refused_to_change_or_replace_any_row_while_the_log_is_served",
    ),
    Mutant(
        "a commit may be replaced by its key",
        ((" OR EXISTS (SELECT 1 FROM event_commit WHERE key = NEW.key)", ""),),
        "test_sqlite_clients.py::test_another_process_is_refused_to_change_or_replace_any_row_while_the_log_is_served",
    ),
    Mutant(
        "a dropped trigger is not missed",
        (("    if missing:\n", "    if False:\n"),),
        "test_sqlite.py::test_a_dropped_table_index_or_trigger_is_found_at_start",
    ),
    Mutant(
        "changed data verifies",
        (("data_hash(salt, data) == entry.data_hash", "True"),),
        "test_sqlite.py::test_what_was_changed_behind_the_triggers_is_found_by_verify",
    ),
    Mutant(
        "a changed key verifies",
        (("if commit_check(number, key, position, size, recorded_at, note) != check or (", "if ("),),
        "test_sqlite_damage.py::test_one_flipped_bit_in_any_row_is_found_and_its_place_named[event_commit-key]",
    ),
    Mutant(
        "tags that are too many verify",
        (("if found != expected[table]:", "if False:"),),
        "test_sqlite.py::test_what_was_changed_behind_the_triggers_is_found_by_verify",
    ),
    Mutant(
        "the tree is not compared with its nodes",
        (('node != (b"".join(tree.grow(leaf_hash(content))),)', "not tree.grow(leaf_hash(content))"),),
        "test_sqlite.py::test_what_was_changed_behind_the_triggers_is_found_by_verify",
    ),
)

ERASING: Final = (
    Mutant(
        "what is erased stays where it was",
        (("            cursor.execute(_ERASE, (position,))\n", ""),),
        "test_erasure.py::test_what_is_erased_is_read_as_an_entry_without_data",
    ),
    Mutant(
        "what stood for an erased request stays",
        (("            cursor.execute(_FORGET, (commit_with(cursor, position),))\n", ""),),
        "test_erasure.py::test_a_retry_of_what_recorded_erased_events_gets_its_receipt_by_the_key_alone",
    ),
    Mutant(
        "what is erased stays in the write-ahead log",
        (("if not _cut(connection):", "if False:"),),
        "test_erasure.py::test_nothing_of_it_is_in_any_file_while_the_log_is_served",
    ),
    Mutant(
        "what is erased is not written into the ledger",
        (("        if self._unsaid:\n", "        if False:\n"),),
        "test_erasure.py::test_nothing_of_it_is_in_any_file_while_the_log_is_served",
    ),
    Mutant(
        "a backup from before brings back what is erased",
        (("            apply_ledger(connection, ledger, str(own))\n", ""),),
        "test_sqlite_loss.py::test_a_backup_from_before_an_erasure_does_not_bring_it_back",
    ),
    Mutant(
        "an erasure that the ledger missed stays untold",
        (("            tell_ledger(", "            (lambda *_: None)("),),
        "test_sqlite_loss.py::test_an_erasure_that_the_ledger_missed_is_told_to_it_at_the_next_start",
    ),
    Mutant(
        "a loss is gone on with unasked",
        (("if not accept_shorter:", "if False:"),),
        "test_sqlite_loss.py::test_a_shorter_log_is_gone_on_with_only_when_that_is_said_and_then_tells_what_is_lost",
    ),
    Mutant(
        "what was never recorded may be erased",
        (("if not 1 <= position < self._first:", "if False:"),),
        "test_erasure.py::test_what_is_not_there_cannot_be_erased_and_nothing_is_stored",
    ),
    Mutant(
        "another history is adopted",
        (("if self._stored.entry(position) != stored.entry:", "if False:"),),
        "test_adopting.py::test_another_history_is_refused_and_nothing_is_stored",
    ),
)

KEEPING: Final = MARK + READS + DAMAGE + ERASING
