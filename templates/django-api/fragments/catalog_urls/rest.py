("api/v1/catalog/", "apps.catalog.api.urls"),
