from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.catalog import selectors
from apps.catalog.models import Category, Product, Tag


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    search_fields = ("name",)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("name", "sku", "category", "owner", "price", "stock", "is_active")
    list_filter = ("is_active", "category")
    search_fields = ("name", "sku")
    autocomplete_fields = ("owner", "category", "tags")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return selectors.products()
