"""What is refused of files."""

from server.core.refusals import Conflict, RateLimited, UnsupportedMedia


class FileRefused(UnsupportedMedia):
    """The content is none of what may be sent, or more than that."""

    code = "file_refused"
    title = "Send a JPEG, PNG or WebP picture, a PDF without scripts, or an MP4 video."


class TooManyFiles(RateLimited):
    """One side of a trade has sent as much as it may."""

    code = "too_many_files"
    title = "You have sent as many files, or as much, as one side may send in a trade."


class FilesClosed(Conflict):
    """The trade ended long ago."""

    code = "files_closed"
    title = "The trade ended too long ago to add files."
