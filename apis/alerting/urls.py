"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.alerting import views, views_channels

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/<int:pk>/", views.incident, name="incident"),
    path("incidents/<int:pk>/acknowledge/", views.acknowledge, name="incident_acknowledge"),
    path("settings/channels/", views_channels.channels, name="channels"),
    path("settings/channels/add/", views_channels.channel_add, name="channel_add"),
    path("settings/channels/<int:pk>/", views_channels.channel, name="channel"),
    path("settings/channels/<int:pk>/test/", views_channels.channel_test, name="channel_test"),
    path("settings/channels/<int:pk>/switch/", views_channels.channel_switch, name="channel_switch"),
    path("settings/channels/<int:pk>/secret/", views_channels.channel_secret, name="channel_secret"),
    path("settings/channels/<int:pk>/delete/", views_channels.channel_delete, name="channel_delete"),
    path("settings/deliveries/", views_channels.deliveries, name="deliveries"),
    path("settings/deliveries/<int:pk>/", views_channels.delivery, name="delivery"),
]
