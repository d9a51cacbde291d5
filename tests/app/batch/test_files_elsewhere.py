"""Files elsewhere: in memory, and in S3, from a local server that speaks its protocol."""

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from app.batch.cli import main
from app.batch.files import find_sources
from tests.app.batch.conftest import faces, files

NAMES = ("film.mp4", "more/coffee.png", "astronaut.jpg", "broken.jpg")


@pytest.fixture(scope="module")
def bucket(folder):
    """A bucket with four files; the address of its server is in the environment."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("s3")
        client.create_bucket(Bucket="study")
        for name in NAMES:
            client.put_object(
                Bucket="study", Key=f"day 1/{name}", Body=(folder / name).read_bytes()
            )
        yield "s3://study/day 1"
    server.stop()


def test_a_bucket_gives_what_the_folder_gives(bucket, folder, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    local = [str(folder / name) for name in NAMES]
    assert main([*local, "--out", str(here), "--quiet", "--workers", "1"]) == 2
    assert main([bucket, "--out", str(there), "--quiet", "--workers", "2"]) == 2
    for column in ("error", "rows", "bytes"):
        ours, theirs = (
            {name: row[column] for name, row in files(out).items()} for out in (here, there)
        )
        assert ours == theirs
    with_faces = {row["file"] for row in faces(there)}
    assert with_faces == {f"{bucket}/film.mp4", f"{bucket}/astronaut.jpg"}


def test_patterns_and_single_files_of_a_bucket(bucket):
    assert [s.name for s in find_sources([f"{bucket}/*.mp4"])] == [f"{bucket}/film.mp4"]
    (one,) = find_sources([f"{bucket}/more/coffee.png"])
    assert (one.name, one.kind) == (f"{bucket}/more/coffee.png", "picture")


def test_what_a_bucket_does_not_hold_is_one_sentence(bucket, tmp_path, capsys):
    for url in (f"{bucket}/gone.mp4", "s3://no-such-bucket/x.mp4"):
        assert main([url, "--out", str(tmp_path / "out")]) == 1
        said = capsys.readouterr().err
        assert said.startswith(url)
        assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["film.mp4", "astronaut.jpg"])
def test_files_in_memory(folder, tmp_path, name):
    url = f"memory://study/{name}"
    with fsspec.open(url, "wb") as file:
        file.write((folder / name).read_bytes())
    assert main(["memory://study", "--out", str(tmp_path / "out"), "--quiet"]) == 0
    found = {row["file"].rpartition("/")[2] for row in faces(tmp_path / "out")}
    fsspec.filesystem("memory").rm("/study", recursive=True)
    assert found == {name}
