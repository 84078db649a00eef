from django.urls import path

from apps.catalog.views import product_list

urlpatterns = [
    path("", product_list, name="product-list"),
]
