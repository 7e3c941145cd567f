"""What can go wrong, each with what happened, which thing it concerns, and the cure."""


class ArchiveError(Exception):
    """A failure to tell the user about: `message` says what and which, `cure` what to do."""

    exit_code = 1

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  cure: {self.cure}" if self.cure else self.message


class UsageError(ArchiveError):
    """An argument or a setting is wrong."""

    exit_code = 2


class BusyError(ArchiveError):
    """Another process is writing to the archive or owns its Chroma folder."""

    exit_code = 5


class ReadError(ArchiveError):
    """A file that can't be read as a briefing; `code` is one of the contract's failure codes."""

    def __init__(self, code: str, message: str, cure: str = "") -> None:
        super().__init__(message, cure)
        self.code = code

    def __reduce__(self) -> tuple[type["ReadError"], tuple[str, str, str]]:
        """Survive the way back from a worker process."""
        return ReadError, (self.code, self.message, self.cure)
