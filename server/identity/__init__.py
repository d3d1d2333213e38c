"""Who people are: accounts, sessions, tokens, payment accounts, blocks, standing, step-up."""
