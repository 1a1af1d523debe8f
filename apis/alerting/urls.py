"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.alerting.views import channels, incidents, message, rules, status_page_settings
from apis.alerting.views import status_pages as status

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/report.md", incidents.report, name="incident_report"),
    path("incidents/<int:pk>/acknowledge/", incidents.acknowledge, name="incident_acknowledge"),
    path("incidents/<int:pk>/snooze/", incidents.act, {"action": "snooze"}, name="incident_snooze"),
    path("incidents/<int:pk>/wake/", incidents.act, {"action": "wake"}, name="incident_wake"),
    path("incidents/<int:pk>/assign/", incidents.act, {"action": "assign"}, name="incident_assign"),
    path("incidents/<int:pk>/comment/", incidents.act, {"action": "comment"}, name="incident_comment"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/add/", channels.channel_add, name="channel_add"),
    path("settings/channels/apprise/", channels.apprise, name="apprise"),
    path("settings/channels/<int:pk>/", channels.channel, name="channel"),
    path("settings/channels/<int:pk>/test/", channels.channel_test, name="channel_test"),
    path("settings/channels/<int:pk>/switch/", channels.channel_switch, name="channel_switch"),
    path("settings/channels/<int:pk>/secret/", channels.channel_secret, name="channel_secret"),
    path("settings/channels/<int:pk>/message/", message.edit, name="channel_message"),
    path("settings/channels/<int:pk>/delete/", channels.channel_delete, name="channel_delete"),
    path("settings/rules/", rules.rules, name="rules"),
    path("settings/rules/add/", rules.rule_add, name="rule_add"),
    path("settings/rules/dry-run/", rules.rule_dry_run, name="rule_dry_run"),
    path("settings/rules/<int:pk>/", rules.rule, name="rule"),
    path("settings/rules/<int:pk>/delete/", rules.rule_delete, name="rule_delete"),
    path("settings/maintenance/", rules.maintenance, name="maintenance"),
    path("settings/maintenance/add/", rules.maintenance_add, name="maintenance_add"),
    path("settings/maintenance/<int:pk>/delete/", rules.maintenance_delete, name="maintenance_delete"),
    path("settings/deliveries/", channels.deliveries, name="deliveries"),
    path("settings/deliveries/<int:pk>/", channels.delivery, name="delivery"),
    path("settings/status-pages/", status_page_settings.status_pages, name="status_pages"),
    path("settings/status-pages/add/", status_page_settings.status_page_add, name="status_page_add"),
    path("settings/status-pages/<int:pk>/", status_page_settings.status_page_edit, name="status_page_edit"),
    path("settings/status-pages/<int:pk>/link/", status_page_settings.status_page_token, name="status_page_token"),
    path("settings/status-pages/<int:pk>/delete/", status_page_settings.status_page_delete, name="status_page_delete"),
    path("status-pages/<int:pk>/", status.signed_in(status.show), name="status_page"),
    path("status-pages/<int:pk>/badge/<int:api>.svg", status.signed_in(status.badge), name="status_badge"),
    path("status-pages/<int:pk>/incidents.atom", status.signed_in(status.feed), name="status_feed"),
    path("status-pages/<int:pk>/calendar.ics", status.signed_in(status.calendar), name="status_calendar"),
    path("status/<str:token>/", status.by_token(status.show), name="public_status_page"),
    path("status/<str:token>/badge/<int:api>.svg", status.by_token(status.badge), name="public_status_badge"),
    path("status/<str:token>/incidents.atom", status.by_token(status.feed), name="public_status_feed"),
    path("status/<str:token>/calendar.ics", status.by_token(status.calendar), name="public_status_calendar"),
]
