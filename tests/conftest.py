"""What every test may use; the fixtures themselves are in tests/plugins."""

pytest_plugins = ["tests.plugins.databases", "tests.plugins.memory", "tests.plugins.record"]
