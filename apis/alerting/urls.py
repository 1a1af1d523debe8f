"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.alerting.views import channels, incidents

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/acknowledge/", incidents.acknowledge, name="incident_acknowledge"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/add/", channels.channel_add, name="channel_add"),
    path("settings/channels/<int:pk>/", channels.channel, name="channel"),
    path("settings/channels/<int:pk>/test/", channels.channel_test, name="channel_test"),
    path("settings/channels/<int:pk>/switch/", channels.channel_switch, name="channel_switch"),
    path("settings/channels/<int:pk>/secret/", channels.channel_secret, name="channel_secret"),
    path("settings/channels/<int:pk>/delete/", channels.channel_delete, name="channel_delete"),
    path("settings/deliveries/", channels.deliveries, name="deliveries"),
    path("settings/deliveries/<int:pk>/", channels.delivery, name="delivery"),
]
