"""The lane: one writer for each market.

It takes all commands that wait, runs them in memory on the book, locks the rows of everyone
touched, writes the end state of the whole batch in one transaction, commits, and only then
answers. `lane.py` has the loop, `batch.py` runs commands, `settle.py` moves the money,
`compose.py` makes the rows, `store.py` writes them.
"""
