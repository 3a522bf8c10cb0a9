"""Where the peer is reached."""

from django.urls import include, path

urlpatterns = [path("", include("appointment.urls"))]
