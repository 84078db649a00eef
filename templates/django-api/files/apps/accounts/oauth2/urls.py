"""The endpoints of RFC 6749, 7009 and 7662; programs are registered in the admin."""

from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider import views

from apps.accounts.oauth2.views import AuthorizationView

endpoints = [
    path("oauth2/authorize/", AuthorizationView.as_view(), name="authorize"),
    path("oauth2/token/", views.TokenView.as_view(), name="token"),
    path("oauth2/revoke/", views.RevokeTokenView.as_view(), name="revoke-token"),
    path("oauth2/introspect/", views.IntrospectTokenView.as_view(), name="introspect"),
    path(
        ".well-known/oauth-authorization-server",
        views.OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata",
    ),
]

urlpatterns = [
    path("login/", LoginView.as_view(), name="login"),
    # The library looks its addresses up under this name.
    path("", include((endpoints, "oauth2_provider"))),
]
