"""Reading the news: text to dated candidates. Pure: the same text and day give the same answer.

Reading order: `reading` (what comes out), `text` (sentences and words), `expressions` (words that are dates, which
leads to the grammar), `names` (who and where), `candidates` (clauses that announce something), `article` (all of
it), `matching` (a candidate against the record).
"""
