from typing import Any

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed


class TokenSerializer(serializers.Serializer):
    """E-mail address and password in, token out."""

    email = serializers.CharField(write_only=True)
    password = serializers.CharField(write_only=True, trim_whitespace=False)
    token = serializers.CharField(source="key", read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        request = self.context["request"]
        user = authenticate(request, username=attrs["email"], password=attrs["password"])
        if user is None:
            raise AuthenticationFailed
        return {"user": user}

    def create(self, validated_data: dict[str, Any]) -> Token:
        token, _ = Token.objects.get_or_create(user=validated_data["user"])
        return token
