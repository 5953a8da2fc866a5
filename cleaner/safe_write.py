"""A file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes, like: Path | None = None) -> None:
    """Write `data` to `path`: aside first, then renamed. Raises `OSError`; an older file stays if it does.

    The file gets the permissions of `like`, or those that any new file gets.
    """
    descriptor, name = tempfile.mkstemp(prefix=".cleaner-", suffix=".part", dir=path.absolute().parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            shutil.copymode(like, part)
        else:
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
