"""The life of an account: held, asleep, closed, suspected."""
