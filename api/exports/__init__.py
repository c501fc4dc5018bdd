"""What is recorded, in other programs' formats: pure functions from an `Export` to text, a module for each format.

`export` is what they are given, `telling` says an announcement in words, `citing` and `linked_data` are for pages,
`formats` lists them all and `routes` serves them. Of a source there is never more in them than its quotes.
"""
