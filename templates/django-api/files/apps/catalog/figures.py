from datetime import datetime

from apps.catalog.models import Product


def new_products(begin: datetime, end: datetime) -> int:
    return Product.objects.filter(created_at__gte=begin, created_at__lt=end).count()
