"""Fills the peer: `seed.py fill CLIENTS` makes a staff member with slots of 15 minutes, 16 a day, and clients who are
signed in (their cookies are printed); `seed.py count` prints, for each slot that was booked, how often it was."""

import datetime
import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")

import django  # noqa: E402

django.setup()

from appointment.models import Appointment, Config, Service, StaffMember, WorkingHours  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402


def fill(clients):
    # The package brings no migrations of its own.
    call_command("migrate", run_syncdb=True, verbosity=0)
    people = get_user_model().objects
    officer = people.create_user(username="officer", email="officer@example.in", first_name="Officer")
    service = Service.objects.create(name="Meeting", duration=datetime.timedelta(minutes=15), price=0)
    Config.objects.create(
        slot_duration=15, lead_time=datetime.time(11), finish_time=datetime.time(15), appointment_buffer_time=0
    )
    staff = StaffMember.objects.create(user=officer, slot_duration=15, work_on_saturday=True, work_on_sunday=True)
    staff.services_offered.add(service)
    for day in range(7):
        WorkingHours.objects.create(
            staff_member=staff, day_of_week=day, start_time=datetime.time(11), end_time=datetime.time(15)
        )
    cookies = []
    for number in range(clients):
        client = people.create_user(
            username=f"client{number}", email=f"client{number}@example.in", first_name=f"Client{number}"
        )
        session = SessionStore()
        session[SESSION_KEY] = str(client.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = client.get_session_auth_hash()
        session.save()
        cookies.append(session.session_key)
    print(json.dumps({"service": service.pk, "staff": staff.pk, "cookies": cookies}))


def count():
    booked = {}
    for one in Appointment.objects.select_related("appointment_request"):
        key = f"{one.appointment_request.date} {one.appointment_request.start_time}"
        booked[key] = booked.get(key, 0) + 1
    print(json.dumps(booked))


if sys.argv[1] == "fill":
    fill(int(sys.argv[2]))
else:
    count()
