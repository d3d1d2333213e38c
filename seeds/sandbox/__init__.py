"""The people of the sandbox: accounts of their own, played through the public interface."""
