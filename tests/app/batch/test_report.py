"""The report and the annotated files."""

import re

import av
import pytest
from PIL import Image

from app.batch.cli import main

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module", params=["parquet", "csv", "jsonl"])
def results(request, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "out"
    command = [str(folder), "--out", str(out), "--quiet", "--format", request.param]
    assert main([*command, "--workers", "1"]) == 2
    return out


def test_the_report_shows_what_there_is(results, capsys):
    assert main(["report", str(results)]) == 0
    path = results / "report.html"
    assert capsys.readouterr().out.strip() == str(path)
    html = path.read_text()
    assert "2 could not be read" in html
    assert "The file begins like JPEG but is damaged" in html
    # The film's one face is happy all the time: one piece over the whole timeline.
    (line,) = re.findall(r'<svg viewBox="0 0 30 10".*?</svg>', html, re.DOTALL)
    assert re.findall(r'x="(\d+)" y="0" width="(\d+)"', line) == [("0", "30")]
    assert "<title>happy</title>" in line
    assert not re.search(r"https?://", html.replace("http://www.w3.org", ""))


def test_a_name_with_markup_is_only_text(folder, tmp_path):
    name = "<b>&'.jpg"
    (tmp_path / name).write_bytes((folder / "astronaut.jpg").read_bytes())
    out = tmp_path / "out"
    assert main([str(tmp_path / name), "--out", str(out), "--quiet"]) == 0
    assert main(["report", str(out)]) == 0
    html = (out / "report.html").read_text()
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html


def test_no_results_are_one_sentence(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 1
    assert "holds no run.json" in capsys.readouterr().err


def test_annotated_files(folder, tmp_path):
    out = tmp_path / "out"
    given = [str(folder / "astronaut.jpg"), str(folder / "film.mp4")]
    assert main([*given, "--out", str(out), "--annotate", "--quiet"]) == 0
    (picture,) = (out / "annotated").glob("astronaut*.jpg")
    (film,) = (out / "annotated").glob("film*.mp4")
    with Image.open(picture) as drawn, Image.open(folder / "astronaut.jpg") as plain:
        assert drawn.size == (1024, 1024) or drawn.size >= plain.size
    with av.open(str(film)) as drawn, av.open(given[1]) as plain:
        ours, theirs = (list(one.decode(video=0)) for one in (drawn, plain))
    assert len(ours) == len(theirs) == 45
    assert [round(frame.time, 3) for frame in ours] == [round(frame.time, 3) for frame in theirs]
    difference = abs(
        ours[30].to_ndarray(format="gray").astype(int) - theirs[30].to_ndarray(format="gray")
    )
    # The box and its caption, not the whole frame.
    assert 0.005 < (difference > 40).mean() < 0.3
