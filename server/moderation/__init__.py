"""What people may write about themselves and others: terms, reports, private notes."""
