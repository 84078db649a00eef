from django.urls import path

from apps.analytics import views

urlpatterns = [
    path("metrics", views.metrics_view, name="metrics"),
    path("analytics/", views.report, name="analytics"),
    path("analytics/figures.csv", views.report_csv, name="analytics-csv"),
]
