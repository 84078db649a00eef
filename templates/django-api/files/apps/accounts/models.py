"""The users of this project: they log in with their e-mail address."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, **fields | {"is_staff": True, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self._by_email(username).get()

    async def aget_by_natural_key(self, username: str | None) -> "User":
        return await self._by_email(username).aget()

    def _by_email(self, email: str | None) -> models.QuerySet["User"]:
        # The index is over lower-case addresses; `iexact` would not use it.
        return self.alias(key=Lower("email")).filter(key=(email or "").strip().lower())


class User(AbstractUser):
    """A person or a program with an account; add fields freely, it is yours."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_ci",
                violation_error_message="A user with this e-mail address exists already.",
            ),
        ]
        indexes = [
            models.Index(fields=["-date_joined"], name="accounts_user_joined"),
        ]

    def __str__(self) -> str:
        return self.email
