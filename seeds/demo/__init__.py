"""A live market of simulated people: real HTTP and real sockets, checked to the last event."""
