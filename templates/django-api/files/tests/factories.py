"""Makes users; every test says only what matters to it."""

import factory

from apps.accounts.models import User


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence("user{}@example.org".format)
    password = factory.django.Password("correct horse battery")
