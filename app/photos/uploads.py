"""What a request asks for: its photos, kept in memory and within their limits, and its fields."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Flask, Request, current_app, request
from werkzeug.datastructures import FileStorage

from ..web.errors import FieldError, MissingPhotoError, TooManyPhotosError

ENVELOPE_BYTES = 64 * 1024
"""What a form may have besides its photos: its other fields and the lines between them."""

NAME_LENGTH = 80


class PhotoStream(BytesIO):
    """A file of a form, in memory. Of one with more than `limit` bytes none are kept; `size` is the
    number of all."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.size = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take the next bytes."""
        self.size += len(data)
        if self.size <= self.limit:
            return super().write(data)
        self.seek(0)
        self.truncate()
        return len(data)


class InMemoryRequest(Request):
    """A request whose uploads stay in memory: of werkzeug's own, large ones go to the disk."""

    files_seen = 0

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        self.files_seen += 1
        # One file too many refuses the form, so its content and that of those behind it is not
        # wanted.
        wanted = self.files_seen <= current_app.config["MIEN_MAX_PHOTOS"]
        return PhotoStream(current_app.config["MIEN_MAX_BYTES"] if wanted else 0)


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo of a form: its bytes, or none where there are more than are taken, and how many it
    has. `name` is what the sender calls it: not more than 80 characters, and not to be trusted."""

    content: bytes
    size: int
    name: str


def photos() -> list[Upload]:
    """The photos in the fields `photo` of the current request, in the form's order; at least one.

    Raises:
        MissingPhotoError: there is none.
        TooManyPhotosError: there are more than MIEN_MAX_PHOTOS.
        RequestEntityTooLarge: the whole form is larger than forms may be.
    """
    files = list(request.files.items(multi=True))
    most: int = current_app.config["MIEN_MAX_PHOTOS"]
    if len(files) > most:
        raise TooManyPhotosError(
            f"There are {len(files)} files in the form; at most {most} photos are taken at once."
        )
    uploads = [_upload(file) for name, file in files if name == "photo"]
    # A browser sends an empty, nameless file where none was chosen.
    found = [photo for photo in uploads if photo.size or photo.name]
    if not found:
        raise MissingPhotoError(
            "There is no photo in the form; expected one or more picture files in the field "
            "'photo' of a multipart/form-data form."
        )
    return found


def field(name: str, *allowed: str) -> str | None:
    """The value of a field of the form, or else of the query; None where there is none.

    Args:
        allowed: the values it may have; any, where none are given.

    Raises:
        FieldError: it is another value, or the form or the query has several.
    """
    found = None
    for values in (request.args.getlist(name), request.form.getlist(name)):
        if len(values) > 1:
            raise FieldError(f"There are {len(values)} fields {name!r}; expected one.")
        for value in values:
            if allowed and value not in allowed:
                raise FieldError(
                    f"The field {name!r} is {value[:NAME_LENGTH]!r}; "
                    f"expected one of {', '.join(allowed)}."
                )
            found = value
    return found


def _upload(file: FileStorage) -> Upload:
    stream = file.stream
    assert isinstance(stream, PhotoStream)
    upload = Upload(stream.getvalue(), stream.size, _name(file.filename))
    stream.close()  # or a second copy of the photo would stay until the answer is sent
    return upload


def _name(name: str | None) -> str:
    printable = "".join(c for c in name or "" if c.isprintable())
    return printable if len(printable) <= NAME_LENGTH else printable[: NAME_LENGTH - 1] + "…"


def init_app(app: Flask) -> None:
    """Keep the application's uploads in memory and in their limits."""
    app.request_class = InMemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = form_bytes(app) + ENVELOPE_BYTES


def form_bytes(app: Flask) -> int:
    """The most bytes that all photos of a form may have together."""
    most: int = max(app.config["MIEN_MAX_FORM_BYTES"], app.config["MIEN_MAX_BYTES"])
    return most
