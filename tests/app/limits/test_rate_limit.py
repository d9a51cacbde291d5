"""The rate limit: who counts as one client, the answers, and counting in memory and Redis."""

import signal
import time

import pytest

from app import create_app
from app.config import ConfigError
from app.limits import rate_limit
from app.limits.rate_limit import client as who

from ...support.redis import RedisServer
from ...support.requests import assert_page, assert_problem, upload, uploads


def limited(limit="2/hour", **settings):
    return create_app({"TESTING": True, "MIEN_RATE_LIMIT": limit, **settings})


def post(app, path="/api/v1/recognize", address="192.0.2.1", photos=1, **headers):
    """What one photo, which cannot be read, is answered with; or so many of them."""
    return app.test_client().post(
        path,
        data=upload(b"no picture") if photos == 1 else uploads(*[b"no picture"] * photos),
        headers=headers,
        environ_base={"REMOTE_ADDR": address},
    )


def test_a_refusal_says_when_to_try_again():
    own = limited()
    # The page and the API count together.
    assert [post(own, path).status_code for path in ("/photo", "/api/v1/recognize")] == [400, 400]
    refused = post(own)
    assert_problem(refused, 429, "2 per 1 hour", "seconds")
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3601
    page = post(own, "/photo")
    assert_page(page, 429, "2 per 1 hour")
    assert 3590 <= int(page.headers["Retry-After"]) <= 3601
    assert post(own, address="192.0.2.2").status_code == 400


def test_only_photos_are_counted():
    own = limited("1/hour")
    client = own.test_client()
    for _ in range(3):
        for path in ("/", "/photo", "/models", "/api/v1/health", "/api/v1/models",
                     "/static/css/mien.css"):  # fmt: skip
            assert client.get(path).status_code == 200
        assert client.get("/api/v1/recognize").status_code == 405
    assert post(own).status_code == 400
    assert post(own).status_code == 429


def test_each_photo_of_a_request_is_counted():
    own = limited("5/hour")
    assert post(own, photos=3).status_code == 200
    assert post(own, "/photo", photos=2).status_code == 400
    assert_problem(post(own), 429, "5 per 1 hour")
    assert post(own, photos=5, address="192.0.2.2").status_code == 200
    assert post(own, address="192.0.2.2").status_code == 429


def test_a_form_that_exceeds_the_limit_is_refused_as_a_whole():
    own = limited("5/hour")
    assert post(own, photos=3).status_code == 200
    refused = post(own, photos=3)
    assert_problem(refused, 429, "5 per 1 hour", "try again in 3")
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3601
    page = post(own, "/photo", photos=3, address="192.0.2.2")
    assert page.status_code == 400
    page = post(own, "/photo", photos=3, address="192.0.2.2")
    assert_page(page, 429, "5 per 1 hour", "try again in 3")
    assert 3590 <= int(page.headers["Retry-After"]) <= 3601


def test_more_photos_than_the_limit_in_one_form_are_refused_with_a_reason():
    own = limited("60/minute;5/hour")
    refused = post(own, photos=6)
    assert_problem(refused, 429, "There are 6 photos", "5 per 1 hour", "fewer at once")
    assert int(refused.headers["Retry-After"]) > 0


def test_every_limit_counts_each_photo():
    own = limited("2/second;4/hour")
    assert post(own, photos=2).status_code == 200
    # Asking whether the second is over would count against the hour.
    time.sleep(2.1)
    assert post(own, photos=2).status_code == 200
    time.sleep(2.1)
    assert_problem(post(own), 429, "4 per 1 hour")


def test_without_a_limit_nothing_is_counted():
    own = limited("")
    assert {post(own).status_code for _ in range(50)} == {400}


def test_after_the_period_photos_are_accepted_again():
    own = limited("1/second")
    assert post(own).status_code == 400
    end = time.monotonic() + 60
    while (refused := post(own)).status_code == 429:
        assert refused.headers["Retry-After"] in ("1", "2")
        assert time.monotonic() < end
        time.sleep(0.1)
    assert refused.status_code == 400


def test_a_client_cannot_make_itself_another_by_a_header():
    own = limited()
    headers = [
        {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-Ip": f"203.0.113.{n}",
         "Forwarded": f"for=203.0.113.{n}"} for n in range(4)
    ]  # fmt: skip
    assert [post(own, **more).status_code for more in headers] == [400, 400, 429, 429]


def test_behind_a_proxy_the_clients_are_those_it_names():
    own = limited("1/hour", MIEN_PROXIES=1)
    said = lambda value: post(own, address="10.0.0.1", **{"X-Forwarded-For": value}).status_code  # noqa: E731
    assert said("203.0.113.1") == 400
    assert said("203.0.113.2") == 400
    assert said("203.0.113.1") == 429
    # What the client itself wrote stands before what the proxy adds.
    assert said("198.51.100.9, 203.0.113.1") == 429
    assert said("198.51.100.9, 203.0.113.2") == 429


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("somewhere", "somewhere"),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(app, address, client):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert who() == client


@pytest.mark.parametrize("limit", ["many", "60", "60/fortnight", "/minute"])
def test_a_limit_that_is_not_valid_is_refused(limit):
    with pytest.raises(ConfigError, match=r"MIEN_RATE_LIMIT.*60/minute"):
        create_app({"MIEN_RATE_LIMIT": limit})


@pytest.fixture
def redis():
    server = RedisServer()
    server.start()
    yield server
    server.stop()


def test_two_applications_count_together_by_redis(redis):
    one, two = (limited("3/hour", MIEN_REDIS_URL=redis.url) for _ in range(2))
    assert [post(app).status_code for app in (one, two, one, two, one)] == [400] * 3 + [429] * 2
    assert len(redis.keys()) == 1
    assert post(two, address="192.0.2.2").status_code == 400


def test_two_applications_count_each_photo_by_redis(redis):
    one, two = (limited("8/hour", MIEN_REDIS_URL=redis.url) for _ in range(2))
    assert [post(app, photos=3).status_code for app in (one, two, one)] == [200, 200, 429]
    assert len(redis.keys()) == 1
    assert post(two, photos=8, address="192.0.2.2").status_code == 200
    assert post(one, address="192.0.2.2").status_code == 429


def test_photos_are_counted_in_memory_while_redis_is_down(redis):
    own = limited("5/hour", MIEN_REDIS_URL=redis.url)
    redis.stop()
    assert [post(own, photos=2).status_code for _ in range(3)] == [200, 200, 429]


def test_if_redis_fails_between_two_counts_the_photos_are_accepted(redis, monkeypatch, caplog):
    own = limited("5/hour", MIEN_REDIS_URL=redis.url)
    count = rate_limit.count_photos

    def later(number):
        redis.stop()
        count(number)

    monkeypatch.setattr(rate_limit, "count_photos", later)
    assert post(own, photos=3).status_code == 200
    assert [r for r in caplog.records if "could not be counted: ConnectionError" in r.getMessage()]


def test_without_redis_each_process_counts_alone_and_logs_it_once(redis, caplog):
    redis.stop()
    own = limited("3/hour", MIEN_REDIS_URL=redis.url)
    assert [post(own).status_code for _ in range(5)] == [400] * 3 + [429] * 2
    said = [record.getMessage() for record in caplog.records]
    assert len([line for line in said if "unreachable" in line]) == 1
    assert not [line for line in said if "192.0.2.1" in line]


def test_redis_counts_again_after_it_has_recovered(redis):
    own = limited("100/hour", MIEN_REDIS_URL=redis.url)
    post(own)
    redis.stop()
    assert post(own).status_code == 400
    redis.start()
    end = time.monotonic() + 120
    while not redis.keys():
        assert post(own, address="192.0.2.9").status_code in (400, 429)
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_redis_that_hangs_does_not_delay_requests_for_long(redis):
    own = limited("3/hour", MIEN_REDIS_URL=redis.url)
    assert post(own).status_code == 400
    redis.process.send_signal(signal.SIGSTOP)  # it takes connections and answers none
    try:
        assert [post(own).status_code for _ in range(4)] == [400] * 3 + [429]
    finally:
        redis.process.send_signal(signal.SIGCONT)
