from typing import Any, cast

from rest_framework import mixins, permissions, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.accounts.models import User
from apps.catalog import selectors, services
from apps.catalog.api.filters import ProductFilter
from apps.catalog.api.serializers import (
    CategorySummarySerializer,
    ProductSerializer,
    StockChangeSerializer,
)
from apps.catalog.models import Category, Product
from apps.core.api.permissions import IsOwnerOrReadOnly


class ProductViewSet(viewsets.ModelViewSet):
    """Products: everybody reads, users add, owners change."""

    queryset = selectors.products()
    serializer_class = ProductSerializer
    permission_classes = (permissions.IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly)
    filterset_class = ProductFilter
    search_fields = ("name", "description", "sku")
    ordering_fields = ("name", "price", "created_at")
    lookup_value_regex = "[0-9]{1,18}"

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        owner = cast(User, self.request.user)
        serializer.instance = services.create_product(owner=owner, **serializer.validated_data)

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        services.update_product(cast(Product, serializer.instance), **serializer.validated_data)

    @action(detail=True, methods=["post"], serializer_class=StockChangeSerializer)
    def stock(self, request: Request, pk: str) -> Response:
        """Add to the stock, or take from it with a negative number."""
        product = self.get_object()
        change = self.get_serializer(data=request.data)
        change.is_valid(raise_exception=True)
        product = services.change_stock(product, **change.validated_data)
        return Response(self.get_serializer(product).data)


class CategoryViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The categories, with the number of their products and the average price."""

    queryset = Category.objects.none()
    serializer_class = CategorySummarySerializer
    permission_classes = (permissions.AllowAny,)
    filter_backends = ()
    pagination_class = None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(selectors.category_summary(), many=True).data)
