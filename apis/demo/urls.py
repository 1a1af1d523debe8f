"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.demo import views

urlpatterns: list[URLPattern | URLResolver] = [path("demo/dismiss/", views.dismiss, name="demo_dismiss")]
