"""Double-entry ledger: the sheet of moves, accounts, holds, lots, history, roll-up."""
