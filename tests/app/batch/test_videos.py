"""Videos as people have them: every frame upright and at its time; long ones in parts."""

import numpy as np
import pytest

from app.batch.cli import main
from app.batch.errors import FileError
from app.batch.video_analysis import crosses, without_parts
from app.batch.video_file import VideoFile
from app.inference.types import Box
from tests.app.batch.conftest import faces, files
from tests.support.recordings import every, one_person, two_people, write


def read(path, *span):
    """Times of the frames, and the first frame."""
    with VideoFile(str(path)) as video:
        found = [(frame.seconds, frame.image()) for frame in video.frames(*span)]
    return [round(seconds, 3) for seconds, _ in found], found[0][1]


def test_frames_of_irregular_length(tmp_path):
    times = [0, 0.1, 0.15, 0.5, 1.4, 1.45]
    path = write(tmp_path / "vfr.mkv", times, options={"bf": "0"})
    assert read(path)[0] == times
    assert read(path, 0.15, 1.4)[0] == [0.15, 0.5]


def test_a_rotated_video_is_upright(tmp_path):
    upright = write(tmp_path / "upright.mp4", every(15, 0.5))
    stored = write(
        tmp_path / "rotated.mp4", every(15, 0.5), lambda t: np.rot90(one_person(t), -1), rotation=90
    )
    plain, turned = read(upright)[1], read(stored)[1]
    assert turned.shape == plain.shape == (240, 320, 3)
    assert np.abs(turned.astype(int) - plain).mean() < 3


@pytest.mark.parametrize(
    ("name", "codec"),
    [("hevc.mkv", "libx265"), ("vp9.webm", "libvpx-vp9"), ("old.avi", "mpeg4"), ("m.mov", "mjpeg")],
)
def test_containers_and_codecs(tmp_path, name, codec):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    picture = one_person
    path = tmp_path / name
    if codec == "mjpeg":
        options["strict"] = "unofficial"
    times, image = read(write(path, every(15, 1), picture, codec, options=options))
    assert len(times) == 15
    assert np.abs(image.astype(int) - one_person(0)).mean() < 12


def test_webm_of_unknown_length(tmp_path):
    path = tmp_path / "live.webm"
    write(path, every(15, 2), codec="libvpx", options={"live": "1"})
    with VideoFile(str(path)) as video:
        frames = list(video.frames())
    assert len(frames) == 30


def test_a_video_that_ends_in_the_middle_gives_what_is_there(tmp_path):
    whole = write(tmp_path / "whole.mkv", every(15, 4), options={"g": "15"})
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert 15 < len(read(cut)[0]) < 60


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "damaged or not a video"), (b"RIFF1234WAVEfmt ", "damaged or not a video")],
)
def test_what_is_no_video_is_refused(tmp_path, content, sentence):
    path = tmp_path / "no.mp4"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        VideoFile(str(path))


def test_sound_alone_is_refused(tmp_path):
    import wave

    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 8000)
    with pytest.raises(FileError, match="holds no video"):
        VideoFile(str(tmp_path / "sound.wav"))


def test_a_codec_that_is_not_there_is_named(tmp_path):
    path = write(tmp_path / "film.mp4", every(15, 1))
    # A video whose codec nobody knows.
    path.write_bytes(path.read_bytes().replace(b"avc1", b"xyz1"))
    with pytest.raises(FileError, match="codec of this video is not available"):
        VideoFile(str(path))


def test_a_large_frame_is_reduced(tmp_path):
    path = write(
        tmp_path / "uhd.mp4",
        [0, 0.1],
        lambda t: np.repeat(np.repeat(one_person(t), 9, axis=0), 12, axis=1),
        options={"preset": "ultrafast"},
    )
    with VideoFile(str(path)) as video:
        frame = next(iter(video.frames()))
        assert (video.width, video.height, video.reduction) == (3840, 2160, 3)
        assert frame.image().shape == (720, 1280, 3)


def test_times_of_samples():
    assert crosses(None, 7.03, 0.5)
    assert [crosses(a, b, 0.1) for a, b in ((0, 0.0999), (0.0999, 0.1), (0.1, 0.15))] == [
        False,
        True,
        False,
    ]
    assert crosses(0.2, 0.3 - 1e-9, 0.1)


def test_a_mouth_is_no_face_while_its_face_is_tracked():
    face, mouth, other = Box(100, 100, 100, 100), Box(130, 150, 45, 45), Box(300, 80, 60, 60)
    assert without_parts([mouth, other], [face]) == [other]
    assert without_parts([face, mouth, other], [face]) == [face, mouth, other]
    assert without_parts([mouth], []) == [mouth]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("options", [[], ["--from", "7.3", "--every", "0.5"]])
def test_a_video_in_parts_gives_what_the_whole_gives(long_film, tmp_path, options):
    tables = []
    for chunk in ("0", "11"):
        out = tmp_path / chunk
        command = [str(long_film), "--out", str(out), "--chunk", chunk, "--quiet", *options]
        assert main(command) == 0
        tables.append(faces(out))
    whole, parts = tables
    assert len(whole) == len(parts) > 100
    assert {row["face"] for row in whole} >= {1, 2}
    for a, b in zip(whole, parts, strict=True):
        assert {k: a[k] for k in ("frame", "seconds", "face", "label", "unsure")} == {
            k: b[k] for k in ("frame", "seconds", "face", "label", "unsure")
        }
        for name, tolerance in (("x", 0.05), ("width", 0.05), ("score", 1e-4)):
            assert a[name] == pytest.approx(b[name], abs=tolerance), (a["seconds"], name)
    first, second = (files(tmp_path / chunk)[long_film.name] for chunk in ("0", "11"))
    assert first["frames"] == second["frames"]
    assert first["seconds"] == pytest.approx(second["seconds"], abs=1e-6)
    assert first["mean_happy"] == pytest.approx(second["mean_happy"], abs=1e-5)


@pytest.mark.usefixtures("in_process")
def test_a_face_that_is_away_for_less_than_two_seconds_keeps_its_number(long_film, tmp_path):
    command = [str(long_film), "--out", str(tmp_path / "o"), "--from", "15", "--to", "24"]
    assert main([*command, "--chunk", "0", "--quiet"]) == 0
    right = [row for row in faces(tmp_path / "o") if row["x"] > 320]
    away = [row for row in right if 18.7 < row["seconds"] < 20.1]
    before = {row["face"] for row in right if row["seconds"] < 18.4}
    after = {row["face"] for row in right if row["seconds"] > 20.6}
    assert (before, away) == (after, [])
    assert len(before) == 1
    assert two_people(19)[:, 400:].std() < 1
