"""What people are told of what happened: decided from committed events, told once."""
