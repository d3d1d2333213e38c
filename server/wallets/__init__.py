"""What a user sees of his money, and the development faucet and credit."""
