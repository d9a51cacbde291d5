"""Parse the body of a request: a form, an image file, or JSON with base64.

Clients differ from the standard in harmless ways: file names that are not UTF-8, and photos without
a file name, are accepted.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from .encoded_photos import read_json
from .form_errors import FormError

PHOTO = "photo"
"""The field of the photos."""

CHUNK_BYTES = 1 << 16

Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class LenientDecoder(MultipartDecoder):
    """werkzeug's decoder, which would drop the whole form for a file name that is not UTF-8."""

    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        try:
            data.decode()
        except UnicodeDecodeError:
            # What older browsers and libraries send.
            data = data.decode("latin-1").encode()
        headers = super()._parse_headers(data)
        disposition, values = parse_options_header(headers.get("content-disposition"))
        if values.get("name") == PHOTO and "filename" not in values:
            headers["Content-Disposition"] = f'{disposition}; name="{PHOTO}"; filename=""'
        return headers


class FormParser(FormDataParser):
    """Parses multipart/form-data, image files and JSON; other bodies as werkzeug does."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Parsed:
        """The body, the fields and the files.

        Raises:
            FormError: the body is not what its Content-Type says.
            RequestEntityTooLarge: it has more text or more parts than allowed.
        """
        if mimetype == "multipart/form-data":
            return stream, *self._multipart(stream, (options or {}).get("boundary", ""))
        if mimetype.startswith("image/") or mimetype == "application/octet-stream":
            return stream, self.cls(), self.cls([(PHOTO, self._file(stream.read()))])
        if mimetype == "application/json" or mimetype.endswith("+json"):
            return stream, *self._json(stream.read())
        return super().parse(stream, mimetype, content_length, options)

    def _file(self, content: bytes, name: str = "") -> FileStorage:
        file = self.stream_factory(len(content), None, name or None, len(content))
        file.write(content)
        file.seek(0)
        return FileStorage(file, name, PHOTO)

    def _multipart(
        self, stream: IO[bytes], boundary: str
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        if not boundary:
            raise FormError(
                "The Content-Type multipart/form-data has no boundary; expected the one that "
                "separates the parts. Most libraries set it where none is set by hand."
            )
        decoder = LenientDecoder(
            boundary.encode("latin-1", "replace"),
            max_form_memory_size=self.max_form_memory_size,
            max_parts=self.max_form_parts,
        )
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        part: Field | File | None = None
        target: IO[bytes] = BytesIO()
        length, received = 0, 0
        try:
            while True:
                chunk = stream.read(CHUNK_BYTES)
                received += len(chunk)
                if not received:
                    return self.cls(), self.cls()
                decoder.receive_data(chunk or None)
                while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                    if isinstance(event, File):
                        part, target = event, self.stream_factory(None, None, event.filename, None)
                    elif isinstance(event, Field):
                        part, target, length = event, BytesIO(), 0
                    elif isinstance(event, Data) and part is not None:
                        target.write(event.data)
                        length += len(event.data)
                        if isinstance(part, Field) and length > (
                            self.max_form_memory_size or length
                        ):
                            raise RequestEntityTooLarge
                        if event.more_data:
                            continue
                        target.seek(0)
                        if isinstance(part, File):
                            file = FileStorage(target, part.filename, part.name)
                            files.append((part.name, file))
                        else:
                            fields.append((part.name, target.read().decode(errors="replace")))
                if not chunk:
                    return self.cls(fields), self.cls(files)
        except ValueError as error:
            raise FormError(
                "The body is not a complete multipart/form-data form, or its boundary is not the "
                f"one in Content-Type ({error})."
            ) from None

    def _json(self, body: bytes) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        photos, fields, names = read_json(body)
        # The members that are no photos and no text are named in errors too.
        fields = {**dict.fromkeys(names, ""), **fields} if not photos else fields
        return self.cls(fields), self.cls([(PHOTO, self._file(one)) for one in photos])
