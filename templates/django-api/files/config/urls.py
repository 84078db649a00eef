"""The root of all routes; components bring theirs by `URLS` in their settings."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = settings.PROJECT_NAME

urlpatterns = [
    path("admin/", admin.site.urls),
    *(path(prefix, include(module)) for prefix, module in settings.URLS),
]

handler400 = "apps.core.errors.bad_request"
handler403 = "apps.core.errors.permission_denied"
handler404 = "apps.core.errors.not_found"
handler500 = "apps.core.errors.server_error"
