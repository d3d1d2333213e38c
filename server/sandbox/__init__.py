"""The sandbox: scripted counterparties for learners, and time that is warped for one trade."""
