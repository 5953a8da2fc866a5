"""What can be wrong with a file, as exceptions whose message is one sentence for the user."""

from __future__ import annotations

import errno
from importlib import import_module
from types import ModuleType


class UnreadableError(Exception):
    """Nothing can be had from this file or record."""


class DamagedError(Exception):
    """The file breaks off or breaks: what came before is good and has been delivered."""


class MissingExtraError(UnreadableError):
    """A format needs a package that is not installed; the message names the command that installs it."""


_EXTRAS = {
    "pyarrow": ("arrow", "Parquet files"),
    "pyarrow.parquet": ("arrow", "Parquet files"),
    "warcio.archiveiterator": ("warc", "WARC files"),
    "zstandard": ("zstd", ".zst files"),
}

_WORDS = {
    errno.ENOENT: "there is no such file",
    errno.EACCES: "no permission to read it",
    errno.EPERM: "no permission to read it",
    errno.EISDIR: "it is a folder",
    errno.ELOOP: "it is a symbolic link that leads back to itself",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENXIO: "it is a socket, not a file",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reports an input/output error",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
}


def need(module: str) -> ModuleType:
    """Import an optional module. Raises `MissingExtraError` with the install command if it is not there."""
    try:
        return import_module(module)
    except ImportError as error:
        extra, what = _EXTRAS[module]
        raise MissingExtraError(f'{what} need an extra package: pip install "article-cleaner[{extra}]"') from error


def in_words(error: OSError) -> str:
    """An operating system error as a sentence without numbers."""
    return _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
