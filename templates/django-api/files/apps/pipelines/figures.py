from datetime import datetime

from apps.pipelines.models import Sale


def sales(begin: datetime, end: datetime) -> int:
    return Sale.objects.filter(sold_at__gte=begin, sold_at__lt=end).count()
