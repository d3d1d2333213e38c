"""The demo world, built by calling the services; production refuses it."""
