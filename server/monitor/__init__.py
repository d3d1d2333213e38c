"""The platform watches itself: invariants, health, metrics."""
