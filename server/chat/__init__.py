"""The chat of a trade: messages with proof, read marks, and what warns of tricks in them."""
