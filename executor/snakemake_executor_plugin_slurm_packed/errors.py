"""What can go wrong."""


class ExecutorError(Exception):
    """A mistake or failure that one line explains."""
