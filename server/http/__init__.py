"""HTTP: endpoints declare their facts, one wrapper acts on them in one order."""
