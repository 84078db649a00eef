from rest_framework import serializers

from apps.accounts.models import User


class UserSerializer(serializers.ModelSerializer):
    groups: serializers.SlugRelatedField = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "groups", "is_active", "date_joined")
        read_only_fields = ("id", "email", "is_active", "date_joined")
