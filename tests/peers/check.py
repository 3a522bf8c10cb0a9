"""Reads the mails that arrived and says what is wrong with them, with other people's readers.

Knows the rules (RFC 5545, 5546, 6047) and the lives that `tests/it/mail.rs` leads; nothing of our code.
"""

import email
import email.policy
import pathlib
import re
import subprocess
import sys
import tempfile

import icalendar

LINE_OCTETS_MAX = 75
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
           "X-Peer", "X-MailFrom", "X-RcptTo"}
EVENT_LINES = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE", "SUMMARY", "DESCRIPTION",
               "LOCATION", "STATUS", "TRANSP", "CONFERENCE"}

faults = []


def expect(condition, name, what):
    if not condition:
        faults.append(f"{name}: {what}")


def octets(raw, name):
    """The folding rule on the bytes themselves."""
    expect(raw.endswith(b"\r\n"), name, "does not end in CR LF")
    for number, line in enumerate(raw[:-2].split(b"\r\n"), 1):
        expect(len(line) <= LINE_OCTETS_MAX, name, f"line {number} has {len(line)} octets")
        try:
            text = line.decode("utf-8", "strict")
        except UnicodeDecodeError:
            expect(False, name, f"line {number} cuts a character")
            continue
        controls = [c for c in text if ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F]
        expect(not controls, name, f"line {number} holds controls {controls!r}")


def restrictions(raw, name, program):
    with tempfile.NamedTemporaryFile(suffix=".ics") as file:
        file.write(raw)
        file.flush()
        done = subprocess.run([program, file.name], capture_output=True, text=True, timeout=30)
    expect(done.returncode == 0, name, f"libical: {done.stdout.strip()} {done.stderr.strip()}")


def read(raw, name):
    """As icalendar reads it; the only event."""
    calendar = icalendar.Calendar.from_ical(raw)
    expect(not calendar.errors, name, f"icalendar: {calendar.errors}")
    expect(not calendar.get_missing_tzids(), name, f"zones without a definition: {calendar.get_missing_tzids()}")
    events = list(calendar.walk("VEVENT"))
    expect(len(events) == 1, name, f"{len(events)} events")
    event = events[0]
    expect(not event.errors, name, f"icalendar: {event.errors}")
    expect(set(event) <= EVENT_LINES, name, f"lines that we do not write: {set(event) - EVENT_LINES}")
    attendees = event.get("ATTENDEE")
    expect(not isinstance(attendees, list), name, f"more than one attendee: {attendees}")
    return calendar, event


def shape(mail, name):
    """RFC 6047: the calendar last in the alternative, its method that of the text, and a file beside it."""
    kinds = [part.get_content_type() for part in mail.walk()]
    expect(kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
                     "application/ics"], name, f"parts {kinds}")
    expect(mail["Auto-Submitted"] == "auto-generated", name, "no Auto-Submitted")
    expect(set(mail.keys()) <= HEADERS, name, f"headers that we do not write: {set(mail.keys()) - HEADERS}")
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    expect(part.get_content_charset() == "utf-8", name, "the calendar part has no charset")
    expect(part.get_content_disposition() is None, name, "the calendar part is an attachment")
    file = next(part for part in mail.walk() if part.get_content_type() == "application/ics")
    raw = part.get_payload(decode=True)
    expect(file.get_payload(decode=True) == raw, name, "the file differs from the part")
    return raw, part.get_param("method")


def check(path, program):
    """One mail; what the life of its visit needs, or nothing when it carries no calendar."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    name = f"{path.name} ({mail['Subject'][:40]})"
    recipients = [address.addr_spec for address in mail["To"].addresses]
    envelope = path.with_suffix(".to").read_text().split()
    expect(len(recipients) == 1 and envelope == recipients, name, f"recipients {recipients}, sent to {envelope}")
    if not any(part.get_content_type() == "text/calendar" for part in mail.walk()):
        return None
    raw, mime_method = shape(mail, name)
    octets(raw, name)
    restrictions(raw, name, program)
    calendar, event = read(raw, name)
    method = str(calendar["METHOD"])
    expect(mime_method == method, name, f"MIME says {mime_method}, the text {method}")
    organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
    expect(organizer == mail["From"].addresses[0].addr_spec, name, f"ORGANIZER {organizer} is not From")
    expect(str(event["ATTENDEE"]) == "mailto:" + mail["To"].addresses[0].addr_spec, name, "ATTENDEE is not To")
    expect("SEQUENCE" in event and "DTSTAMP" in event, name, "no SEQUENCE or DTSTAMP")
    status = str(event["STATUS"])
    expect(status == ("CANCELLED" if method == "CANCEL" else "CONFIRMED"), name, f"{method} with STATUS {status}")
    return str(event["UID"]), int(event["SEQUENCE"]), method, event["DTSTART"].dt, str(event["ATTENDEE"].params["CN"])


def lives(found):
    """Each UID lives once: invited, moved with a higher sequence to another time, cancelled with a higher one still."""
    by_uid = {}
    for uid, sequence, method, start, _ in found:
        by_uid.setdefault(uid, []).append((sequence, method, start))
    for uid, life in by_uid.items():
        expect([method for _, method, _ in life] == ["REQUEST", "REQUEST", "CANCEL"], uid, f"life {life}")
        sequences = [sequence for sequence, _, _ in life]
        expect(sequences == sorted(set(sequences)), uid, f"sequences {sequences} do not rise")
        expect(life[0][2] != life[1][2], uid, "moved to the same time")
    expect(len(by_uid) == 5, "lives", f"{len(by_uid)} UIDs, not 5")
    names = [name for *_, name in found]
    expect(any(re.search(r"[\u0900-\u097f]", name) for name in names), "names", "no name in Devanagari")
    expect(any("ATTENDEE" in name for name in names), "names", "the injecting name did not come through as a name")


def wake(program):
    """Each reader has to refuse what it is there for, or its silence means nothing."""
    good = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nUID:1\r\nSEQUENCE:1\r\n"
            "DTSTAMP:20261121T120000Z\r\nDTSTART:20261124T054500Z\r\nORGANIZER:mailto:a@b.in\r\nATTENDEE:mailto:c@d.in\r\n"
            "STATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    bad = {
        "libical": good.replace("SEQUENCE:1\r\n", ""),
        "zones": good.replace("DTSTART:20261124T054500Z", "DTSTART;TZID=Mars/Base:20261124T111500"),
        "octets": good.replace("UID:1", "UID:" + "1" * 72),
        "lines": good.replace("UID:1", "UID:1\r\nX-EVIL:1"),
    }
    before = list(faults)
    restrictions(good.encode(), "good", program)
    octets(good.encode(), "good")
    read(good.encode(), "good")
    asleep = ["one that refuses what is right"] if faults != before else []
    for reader, text in bad.items():
        known = len(faults)
        raw = text.encode()
        {"libical": lambda: restrictions(raw, reader, program), "octets": lambda: octets(raw, reader)}.get(
            reader, lambda: read(raw, reader))()
        if len(faults) == known:
            asleep.append(reader)
    faults[:] = before + [f"checker asleep: {reader}" for reader in asleep]


def main(folder, program):
    wake(program)
    paths = sorted(pathlib.Path(folder).glob("*.eml"))
    found = [told for told in (check(path, program) for path in paths) if told]
    lives(found)
    for fault in faults:
        print(f"fault: {fault}")
    print(f"{len(paths)} mails, {len(found)} with a calendar, {len(faults)} faults")
    sys.exit(1 if faults or not found else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
