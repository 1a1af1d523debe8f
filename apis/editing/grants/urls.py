"""Pages of grants."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.grants import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("grants/", views.grant_list, name="grants"),
    path("grants/<int:pk>/<str:verb>/", views.act, name="grant_act"),
]
