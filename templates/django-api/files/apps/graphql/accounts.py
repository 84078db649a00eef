"""One's own account. There is no list of users: their addresses are nobody else's business."""

import strawberry
import strawberry_django
from strawberry import auto
from strawberry.types import Info

from apps.accounts import services
from apps.accounts.models import User
from apps.graphql.access import current_user


@strawberry_django.type(User)
class Account:
    id: auto
    email: auto
    first_name: auto
    last_name: auto
    date_joined: auto


@strawberry.input
class AccountInput:
    first_name: str | None = None
    last_name: str | None = None


@strawberry.type
class Query:
    @strawberry_django.field
    def me(self, info: Info) -> Account:
        """One's own account."""
        return current_user(info)  # type: ignore[return-value]


@strawberry.type
class Mutation:
    @strawberry_django.mutation
    def update_me(self, info: Info, data: AccountInput) -> Account:
        """Change one's own account; what is left out stays as it is."""
        given = {"first_name": data.first_name, "last_name": data.last_name}
        changes = {field: value for field, value in given.items() if value is not None}
        user = services.update_profile(current_user(info), **changes)
        return user  # type: ignore[return-value]
