from rest_framework import serializers

from apps.catalog.models import MAX_STOCK, Category, Product, Tag


class ProductSerializer(serializers.ModelSerializer):
    category: serializers.SlugRelatedField = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all()
    )
    tags: serializers.SlugRelatedField = serializers.SlugRelatedField(
        slug_field="name", queryset=Tag.objects.all(), many=True, required=False
    )

    class Meta:
        model = Product
        fields = (
            "id",
            "owner",
            "category",
            "tags",
            "name",
            "sku",
            "description",
            "price",
            "stock",
            "is_active",
            "created_at",
            "updated_at",
        )
        # The stock changes by an action of its own, so that no writer undoes another's.
        read_only_fields = ("id", "owner", "stock", "created_at", "updated_at")


class StockChangeSerializer(serializers.Serializer):
    by = serializers.IntegerField(min_value=-MAX_STOCK, max_value=MAX_STOCK, write_only=True)
    stock = serializers.IntegerField(read_only=True)


class CategorySummarySerializer(serializers.Serializer):
    name = serializers.CharField()
    slug = serializers.SlugField()
    products = serializers.IntegerField()
    average_price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
