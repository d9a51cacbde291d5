import os
from io import BytesIO

import pytest
from PIL import Image
from skimage import data

os.environ.setdefault("KERAS_BACKEND", "openvino")
os.environ.setdefault("MIEN_RATE_LIMIT", "")  # the tests are one client, and a quick one

from app import create_app


@pytest.fixture(scope="session")
def app():
    return create_app({"TESTING": True})


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def astronaut():
    """scikit-image's picture of Eileen Collins (NASA, public domain), 512 x 512."""
    return Image.fromarray(data.astronaut())


@pytest.fixture(scope="session")
def photo(astronaut):
    """A JPEG file with one smiling face."""
    return encoded(astronaut, "JPEG", quality=92)


def encoded(picture, kind, **options):
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
