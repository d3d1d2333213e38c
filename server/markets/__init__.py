"""Markets: what is traded, the price index with its switch, and the public figures."""
