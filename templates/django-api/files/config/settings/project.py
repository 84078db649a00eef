"""Your own settings. This file is yours: updates of the template never touch it.

Any upper-case name is a setting and wins over the components'; dictionaries are merged into theirs.
These names add to what the components bring:

    APPS = ["apps.orders"]
    MIDDLEWARE = [("app", "apps.orders.middleware.OrderMiddleware")]
    AUTH_CLASSES = ["apps.orders.authentication.PartnerAuthentication"]
    URLS = [("orders/", "apps.orders.urls")]
    READINESS_CHECKS = ["apps.orders.health.check"]

The slots of middleware, from the outside in, are listed in config/settings/loader.py.
"""
