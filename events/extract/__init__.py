"""Reading the news: text to dated candidates. Pure: the same text and day give the same answer.

Reading order: `reading` (what comes out), `text` (sentences and words), `who/` (names and money), `clauses/` (verbs,
and how they mean what they say), `dates/` (words that are dates), `candidates/` (clauses that announce something),
`article` (all of it), `matching` (a candidate against the record), `asked` (a date by itself).
"""
