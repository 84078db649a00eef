from django.urls import path

from apps.graphql.schema import schema
from apps.graphql.views import GraphQLView

urlpatterns = [
    path("", GraphQLView.as_view(schema=schema, graphql_ide=None), name="graphql"),
]
