"""What we sign for people: receipts of escrows, passports of trades. Checked without us."""
