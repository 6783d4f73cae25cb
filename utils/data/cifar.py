"""CIFAR-10, for those online: fetched once from its authors, verified, kept.

The course does not ship these images, since they come without a licence; no notebook needs them. Of the authors' archives
this takes the binary one: it holds the same images as the Python one, and nothing has to be unpickled.

Knows HTTP ranges, tar and the record of 1 + 3072 bytes. Refuses an archive whose MD5 is not the published one.
"""

import hashlib
import os
import sys
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.data.records import Images

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
RECORD = 1 + 3 * 32 * 32  # label, then the red, green and blue plane, row by row
CHUNK = 1 << 20
PATIENCE = 20  # seconds without a byte


@dataclass(frozen=True)
class Source:
    """An archive: where it is and how to know it."""

    url: str = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    md5: str = "c32a1d4ab5d03f1284b67883e8d87530"  # published beside the archive
    megabytes: int = 162


class DownloadFailed(RuntimeError):
    """The archive could not be fetched, or what came is not the archive."""


def load_cifar10(batches=1, folder=None, *, source=Source()):
    """Colour images of ten kinds of things, 32 x 32 pixels.

    The first call downloads 162 MB into a cache folder; an interrupted download goes on where it stopped.

    Parameters
    ----------
    batches : int
        Of the five training batches of 10,000 images how many to load; each takes 250 MB as float64.
    folder : path, optional
        Where the archive is kept; by default ``~/.cache/deep-learning-foundations`` (or below ``XDG_CACHE_HOME``).
    source : Source
        Another archive of the same format.

    Returns
    -------
    Images
        ``X_train`` (10000 * batches, 3, 32, 32), ``X_test`` (10000, 3, 32, 32), from 0 to 1.

    Raises
    ------
    DownloadFailed
        When offline, or when the archive is not the published one. The message says how to bring it by hand.
    ValueError
        When `batches` is not 1 to 5.

    Notes
    -----
    A. Krizhevsky, "Learning multiple layers of features from tiny images" (2009).
    """
    if batches not in range(1, 6):
        raise ValueError(f"CIFAR-10 has 5 training batches: batches is 1 to 5, not {batches!r}.")
    archive = fetch(source, Path(folder) if folder else _cache())
    train = [f"data_batch_{number}.bin" for number in range(1, batches + 1)]
    with tarfile.open(archive, "r:gz") as tar:
        found = {Path(member.name).name: member for member in tar if member.isfile()}
        missing = [name for name in [*train, "test_batch.bin"] if name not in found]
        if missing:
            raise DownloadFailed(
                f"{archive} holds no {', '.join(missing)}: it is not CIFAR-10's binary archive."
            )
        parts = {
            name: _decode(tar.extractfile(found[name]).read(), name) for name in [*train, "test_batch.bin"]
        }
    return Images(
        X_train=np.concatenate([parts[name][0] for name in train]),
        y_train=np.concatenate([parts[name][1] for name in train]),
        X_test=parts["test_batch.bin"][0],
        y_test=parts["test_batch.bin"][1],
        names=list(NAMES),
    )


def fetch(source, folder):
    """Bring an archive into a folder, unless it is there already.

    Parameters
    ----------
    source : Source
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path
        The verified archive.

    Raises
    ------
    DownloadFailed
    """
    archive = folder / source.url.rsplit("/", 1)[-1]
    if not archive.exists():
        part = archive.with_name(archive.name + ".part")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _download(source, part)
        except (urllib.error.URLError, OSError) as problem:
            kept = (
                f" What came so far is kept, and the next call goes on from there ({part})."
                if part.exists()
                else ""
            )
            raise DownloadFailed(
                f"CIFAR-10 could not be downloaded from {source.url}: {problem}.{kept} "
                f"Try again when you are online, or bring the file by hand and put it at {archive}. "
                "Everything else in this course works offline: load_fashion_mnist() needs no download."
            ) from None
        part.replace(archive)
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != source.md5:
        raise DownloadFailed(
            f"{archive} is not the published archive: its MD5 is {found}, not {source.md5}. "
            "Delete the file and call load_cifar10() again to download it anew."
        )
    return archive


def _download(source, part):
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(source.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as problem:
        if problem.code == 416:  # nothing lies beyond what we have: the checksum decides
            return
        raise
    with answer:
        goes_on = answer.status == 206
        start = have if goes_on else 0
        length = int(answer.headers.get("Content-Length") or 0)
        sys.stdout.write(f"Downloading CIFAR-10, {source.megabytes} MB, to {part.parent}\n")
        with part.open("ab" if goes_on else "wb") as file:
            done = 0
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
        if done < length:
            raise OSError(f"the connection ended after {start + done} of {start + length} bytes")


def _decode(data, name):
    if not data or len(data) % RECORD:
        raise DownloadFailed(
            f"{name} has {len(data)} bytes, which is no multiple of a record of {RECORD} bytes."
        )
    records = np.frombuffer(data, dtype=np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, 3, 32, 32) / 255.0, records[:, 0].astype(np.int64)


def _cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deep-learning-foundations"
