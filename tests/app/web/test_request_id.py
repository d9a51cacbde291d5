"""Request ids and the header Server-Timing."""

import re

import pytest

from ...support.requests import assert_problem, upload, uploads

URL = "/api/v1/recognize"


@pytest.mark.parametrize("path", ["/", "/api/v1/health", "/nothing", "/api/nothing"])
def test_every_answer_has_a_different_id(client, path):
    ids = [client.get(path).headers["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize("given", ["a", "0-9._Az", "x" * 64])
def test_an_id_of_the_client_is_used(client, given):
    response = client.get("/api/nothing", headers={"X-Request-ID": given})
    assert response.headers["X-Request-ID"] == given
    assert_problem(response, 404)
    assert response.get_json(force=True)["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "a;b", "<i>", "é", "a\t"])
def test_an_invalid_id_of_the_client_is_replaced(client, given):
    response = client.get("/api/nothing", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])
    assert_problem(response, 404)


def steps(response):
    pairs = [part.split(";dur=") for part in response.headers["Server-Timing"].split(", ")]
    return {name: float(ms) for name, ms in pairs}


def test_server_timing_equals_the_timings_of_the_answer(client, photo):
    response = client.post(URL, data=upload(photo))
    assert steps(response) == response.get_json()["timings_ms"]


def test_server_timing_of_several_photos_is_their_sum(client, photo):
    response = client.post(URL, data=uploads(photo, b"words", photo))
    times = [one["timings_ms"] for one in response.get_json()["photos"] if "faces" in one]
    for step, ms in steps(response).items():
        assert ms == pytest.approx(sum(one[step] for one in times), abs=0.02)
