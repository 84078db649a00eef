from rest_framework.pagination import PageNumberPagination


class StandardPagination(PageNumberPagination):
    """`?page=2&page_size=50`; no page is so large that it could hurt."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
