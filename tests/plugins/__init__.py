"""Pytest plugins of the project, loaded by tests/conftest.py."""
