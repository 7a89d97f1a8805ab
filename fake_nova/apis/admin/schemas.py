"""What the admin API takes, beside the image documents that fixtures are made of too."""

from __future__ import annotations

from marshmallow import fields

from fake_nova.cloud.documents import Document, Exactly, ImageDocument, status_field


class ImagesDocument(Document):
    """Several images to add."""

    images = fields.List(
        fields.Nested(ImageDocument),
        required=True,
        error_messages={"invalid": "must be a list; allowed in it: images"},
    )


class StatusDocument(Document):
    """A new status."""

    status = status_field(required=True)


class ResetDocument(Document):
    """What to go back to."""

    to = Exactly((str,), "seed, empty", lambda word: word in ("seed", "empty"))
