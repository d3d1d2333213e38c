"""Files of trades: taken in, checked, kept encrypted, shown to the parties, compared, purged."""
