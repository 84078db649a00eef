from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

# Both write styles into the page while they run. Scripts still come from this host only.
allow_styles = csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]})


@method_decorator(allow_styles, name="dispatch")
class SwaggerView(SpectacularSwaggerSplitView):
    template_name = "openapi/swagger.html"


@method_decorator(allow_styles, name="dispatch")
class RedocView(SpectacularRedocView):
    template_name = "openapi/redoc.html"
