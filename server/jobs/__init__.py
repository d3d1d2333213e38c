"""Duties that run by themselves: clocks, lots, rechecks, purges."""
