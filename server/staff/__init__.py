"""What staff may do right now, proposals that need two people, and the chain of the audit."""
