"""Copies of everything about a person, made for himself."""
