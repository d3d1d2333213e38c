"""Cases about trades: what the parties do, claims beside ended trades, freezes."""
