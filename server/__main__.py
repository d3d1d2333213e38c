"""`python -m server` is `iqx`."""

from server.cli import main

main()
