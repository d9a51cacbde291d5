"""Read the form of a request: its photos, in memory and within their limits, and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Flask, Request, current_app, request
from werkzeug.datastructures import FileStorage

from .encoded_photos import decode_text
from .form_errors import FieldError, MissingPhotoError, TooManyPhotosError
from .form_parser import PHOTO, FormParser

ENVELOPE_BYTES = 64 * 1024
"""The most bytes of a form besides its photos: other fields, part headers and boundaries."""

NAME_LENGTH = 80
"""The most characters of a file name that are kept."""


class PhotoStream(BytesIO):
    """A file of a form, in memory.

    A file of more than `limit` bytes is not kept; `size` is the number of bytes received in either
    case.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.size = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Receive the next bytes."""
        self.size += len(data)
        if self.size <= self.limit:
            return super().write(data)
        self.seek(0)
        self.truncate()
        return len(data)


class InMemoryRequest(Request):
    """A request whose uploads stay in memory; werkzeug's own writes large ones to the disk."""

    form_data_parser_class = FormParser
    files_seen = 0

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        self.files_seen += 1
        # A form with too many files is refused: the files beyond the limit are not kept.
        wanted = self.files_seen <= current_app.config["MIEN_MAX_PHOTOS"]
        return PhotoStream(current_app.config["MIEN_MAX_BYTES"] if wanted else 0)


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo of a form.

    Attributes:
        content: the file's bytes; empty where the file exceeds MIEN_MAX_BYTES.
        size: the number of bytes that the file has.
        name: the file name that the client sent, at most `NAME_LENGTH` characters; not trusted.
    """

    content: bytes
    size: int
    name: str


def photos() -> list[Upload]:
    """The photos in the fields `photo` of the current request, in the form's order; at least one.

    Raises:
        MissingPhotoError: there is no photo.
        TooManyPhotosError: there are more than MIEN_MAX_PHOTOS.
        RequestEntityTooLarge: the whole form exceeds MAX_CONTENT_LENGTH.
    """
    files = list(request.files.items(multi=True))
    most: int = current_app.config["MIEN_MAX_PHOTOS"]
    if len(files) > most:
        raise TooManyPhotosError(
            f"There are {len(files)} files in the form; "
            f"at most {most} photos are accepted per request."
        )
    uploads = [_upload(file) for name, file in files if name == PHOTO]
    # A browser sends an empty file without a name where the user chose none.
    found = [photo for photo in uploads if photo.size or photo.name]
    if not found:
        raise MissingPhotoError(
            f"There is no photo in the {_description(files)}; expected one or more image files in "
            "the field 'photo' of a multipart/form-data form, an image file as the body, or JSON "
            "with the member 'photo' in base64."
        )
    return found


def _description(files: list[tuple[str, FileStorage]]) -> str:
    """What the current request has instead of a photo, e.g. "form (fields: 'image', 'model')"."""
    kind = "no Content-Type"
    if request.mimetype:
        kind = f"Content-Type: {request.mimetype[:NAME_LENGTH]}"
    names = dict.fromkeys([*(name for name, _ in files), *request.form])
    shown = ", ".join(repr((name or "")[:NAME_LENGTH]) for name in list(names)[:8]) or "none"
    return f"form ({kind}; fields: {shown})"


def field(name: str, *allowed: str, also: Mapping[str, str] | None = None) -> str | None:
    """The value of a field of the form or, without one, of the query; None if neither has it.

    Args:
        name: the field's name.
        allowed: the allowed values; without any, every value is allowed. Capital letters do not
            matter.
        also: other spellings of the allowed values, in small letters.

    Raises:
        FieldError: the value is not allowed, or the form or the query has several.
    """
    found = None
    for values in (request.args.getlist(name), request.form.getlist(name)):
        if len(values) > 1:
            raise FieldError(f"There are {len(values)} fields {name!r}; expected one.")
        for value in values:
            if allowed:
                small = value.strip().lower()
                known = (also or {}).get(small, small)
                if known in allowed:
                    found = known
                    continue
                raise FieldError(
                    f"The field {name!r} is {value[:NAME_LENGTH]!r}; "
                    f"expected one of {', '.join(allowed)}."
                )
            found = value
    return found


def _upload(file: FileStorage) -> Upload:
    stream = file.stream
    assert isinstance(stream, PhotoStream)
    content, size = stream.getvalue(), stream.size
    stream.close()  # otherwise a second copy of the photo stays in memory until the answer is sent
    if not file.filename and content[:5].lower() == b"data:":
        content = decode_text(content.decode("ascii", "replace"), f"The field {PHOTO!r}")
        size = len(content)
    return Upload(content, size, _name(file.filename))


def _name(name: str | None) -> str:
    printable = "".join(c for c in name or "" if c.isprintable())
    return printable if len(printable) <= NAME_LENGTH else printable[: NAME_LENGTH - 1] + "…"


def init_app(app: Flask) -> None:
    """Keep uploads in memory and within their limits."""
    app.request_class = InMemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = form_bytes(app) + ENVELOPE_BYTES


def form_bytes(app: Flask) -> int:
    """The most bytes that all photos of a form may have together."""
    limit: int = max(app.config["MIEN_MAX_FORM_BYTES"], app.config["MIEN_MAX_BYTES"])
    return limit
