"""CIFAR-10's loader, on a small archive of the same format served from this machine."""

import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from utils.data import load_cifar10
from utils.data.cifar import DownloadFailed, Source

RNG = np.random.default_rng(0)
BATCHES = {
    name: RNG.integers(0, 256, (7, 3073)).astype(np.uint8)
    for name in [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
}
for records in BATCHES.values():
    records[:, 0] %= 10


def archive(batches):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in {**batches, "batches.meta.txt": np.frombuffer(b"airplane", np.uint8)}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = content.nbytes
            tar.addfile(member, io.BytesIO(content.tobytes()))
    return buffer.getvalue()


ARCHIVE = archive(BATCHES)


class Site:
    """A server with one file, which can break off, and which notes what it was asked for."""

    def __init__(self, content, breaks_after=None, ranges=True):
        site = self
        self.asked, self.breaks_after = [], breaks_after

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked = self.headers.get("Range")
                site.asked.append(asked)
                start = int(asked[6:-1]) if asked and ranges else 0
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                end = None if site.breaks_after is None else start + site.breaks_after
                self.wfile.write(content[start:end])

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.source = Source(
            f"http://127.0.0.1:{self.server.server_port}/small.tar.gz", hashlib.md5(content).hexdigest(), 1
        )

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_images_come_with_channels_first_and_in_the_order_of_the_batches(tmp_path):
    with Site(ARCHIVE) as site:
        images = load_cifar10(batches=2, folder=tmp_path, source=site.source)

    assert images.X_train.shape == (14, 3, 32, 32)
    assert images.X_test.shape == (7, 3, 32, 32)
    second = BATCHES["data_batch_2.bin"]
    np.testing.assert_array_equal(images.y_train[7:], second[:, 0])
    np.testing.assert_allclose(images.X_train[7, 2, 31, 30], second[0, 1 + 2 * 1024 + 31 * 32 + 30] / 255)
    assert images.X_train.dtype == np.float64
    assert images.names[3] == "cat"


def test_the_archive_is_downloaded_once(tmp_path):
    with Site(ARCHIVE) as site:
        load_cifar10(folder=tmp_path, source=site.source)
        load_cifar10(folder=tmp_path, source=site.source)

    assert site.asked == [None]


def test_an_interrupted_download_goes_on_where_it_stopped(tmp_path):
    with Site(ARCHIVE, breaks_after=1000) as site:
        with pytest.raises(DownloadFailed, match="What came so far is kept"):
            load_cifar10(folder=tmp_path, source=site.source)
        site.breaks_after = None

        images = load_cifar10(folder=tmp_path, source=site.source)

    assert site.asked == [None, "bytes=1000-"]
    assert len(images.y_train) == 7


def test_a_server_without_ranges_starts_again(tmp_path):
    (tmp_path / "small.tar.gz.part").write_bytes(ARCHIVE[:500])

    with Site(ARCHIVE, ranges=False) as site:
        images = load_cifar10(folder=tmp_path, source=site.source)

    assert len(images.y_train) == 7


def test_a_download_that_was_complete_already_is_taken(tmp_path):
    (tmp_path / "small.tar.gz.part").write_bytes(ARCHIVE)

    with Site(ARCHIVE) as site:
        images = load_cifar10(folder=tmp_path, source=site.source)

    assert len(images.y_train) == 7


def test_offline_the_message_says_what_to_do(tmp_path):
    with Site(ARCHIVE) as site:
        nowhere = site.source

    with pytest.raises(DownloadFailed) as caught:
        load_cifar10(folder=tmp_path, source=nowhere)

    message = str(caught.value)
    assert f"could not be downloaded from {nowhere.url}" in message
    assert f"put it at {tmp_path / 'small.tar.gz'}" in message
    assert "load_fashion_mnist() needs no download" in message


def test_an_archive_brought_by_hand_is_verified(tmp_path):
    (tmp_path / "small.tar.gz").write_bytes(b"something else")
    source = Source("http://127.0.0.1:1/small.tar.gz", hashlib.md5(ARCHIVE).hexdigest())

    with pytest.raises(DownloadFailed, match=r"is not the published archive: its MD5 is .*Delete the file"):
        load_cifar10(folder=tmp_path, source=source)


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ({"data_batch_1.bin": BATCHES["data_batch_1.bin"]}, "holds no test_batch.bin"),
        ({**BATCHES, "test_batch.bin": np.zeros(3072, np.uint8)}, "no multiple of a record of 3073 bytes"),
    ],
)
def test_an_archive_of_another_format_is_refused(tmp_path, batches, message):
    content = archive(batches)
    (tmp_path / "small.tar.gz").write_bytes(content)
    source = Source("http://127.0.0.1:1/small.tar.gz", hashlib.md5(content).hexdigest())

    with pytest.raises(DownloadFailed, match=message):
        load_cifar10(folder=tmp_path, source=source)


@pytest.mark.parametrize("batches", [0, 6, "all"])
def test_there_are_five_batches(batches):
    with pytest.raises(ValueError, match="batches is 1 to 5"):
        load_cifar10(batches)


def test_the_cache_lies_where_the_system_wants_it(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with Site(ARCHIVE) as site:
        load_cifar10(source=site.source)

    assert (tmp_path / "deep-learning-foundations" / "small.tar.gz").exists()
