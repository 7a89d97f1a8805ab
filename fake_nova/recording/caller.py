"""The user who is logged in to a cloud."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

#: Text, or what nobody may know: ``str | None``.
Text = TypeVar("Text", bound=str | None)


class Caller(NamedTuple, Generic[Text]):
    """The user who is logged in to a cloud, and the scope of the token; what nobody knows is None.

    Attributes:
        user_id: the id of the user.
        user_name: the name of the user.
        user_domain: id and name of the user's domain.
        project_id: the id of the project.
        project_name: the name of the project.
        project_domain: id and name of the project's domain.
        roles: the names of the user's roles in the project.
    """

    user_id: Text
    user_name: Text
    user_domain: tuple[Text, Text]
    project_id: Text
    project_name: Text
    project_domain: tuple[Text, Text]
    roles: tuple[str, ...]

    @property
    def is_admin(self) -> bool:
        """Whether the caller has the role ``admin``, which sees all images by default."""
        return "admin" in self.roles


#: The caller of a cloud that may hide its Keystone.
CloudCaller = Caller[str | None]
