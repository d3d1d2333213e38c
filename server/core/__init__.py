"""Words that every part shares: refusals, events, clock, identifiers, money. Pure, no I/O."""
