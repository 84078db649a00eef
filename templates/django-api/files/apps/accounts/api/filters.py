import django_filters

from apps.accounts.models import User


class UserFilter(django_filters.FilterSet):
    group = django_filters.CharFilter(field_name="groups__name", label="Name of a group")
    joined_after = django_filters.IsoDateTimeFilter(field_name="date_joined", lookup_expr="gte")

    class Meta:
        model = User
        fields = ("is_active",)
