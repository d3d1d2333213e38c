"""Cases: what the parties do in them, and the staff's desk that decides them."""
