"""GraphQL at /api/graphql/, through the same services and selectors as everything else."""

from config import env

APPS = ["strawberry_django", "apps.graphql"]
URLS = [("api/graphql/", "apps.graphql.urls")]

# Modules with a class Query or Mutation, or both; the schema is put together from them.
GRAPHQL_MODULES = {"accounts": "apps.graphql.accounts"}

# What a query may ask for, before anything of it is executed.
GRAPHQL_LIMITS = {
    "depth": env.integer("GRAPHQL_MAX_DEPTH", 8, minimum=1),
    "tokens": env.integer("GRAPHQL_MAX_TOKENS", 1000, minimum=1),
    # Fields times the rows that each list may bring.
    "cost": env.integer("GRAPHQL_MAX_COST", 5000, minimum=1),
}
# Whoever may read the schema sees everything that there is to ask for.
GRAPHQL_INTROSPECTION = env.flag("GRAPHQL_INTROSPECTION", True)

STRAWBERRY_DJANGO = {
    "PAGINATION_DEFAULT_LIMIT": 20,
    "PAGINATION_MAX_LIMIT": 100,
    # Errors are described in one place, apps/graphql/errors.py.
    "MUTATIONS_DEFAULT_HANDLE_ERRORS": False,
}
