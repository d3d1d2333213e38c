"""Trades: the lifecycle, its clocks, what the parties may do, what both see."""
