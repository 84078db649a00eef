GRAPHQL_MODULES = {"catalog": "apps.catalog.graphql"}
