"""Being let in again without any second factor: asked for, waited for, and approved by two."""
