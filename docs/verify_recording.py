#!/usr/bin/env python3
"""Says whether a recording is as it was written: python3 verify_recording.py FOLDER. Needs nothing but Python."""
import hashlib, json, os, sys

folder = sys.argv[1]
prev, files, closed, faults = "0" * 64, {}, None, []
with open(os.path.join(folder, "manifest.jsonl"), "rb") as manifest:
    *lines, torn = manifest.read().split(b"\n")
for n, line in enumerate(lines):
    body, _, tail = line.rpartition(b',"hash":"')
    head = hashlib.sha256(body).hexdigest()
    entry = json.loads(body + b"}") if tail == head.encode() + b'"}' else {}
    if closed or entry.get("n") != n or entry.get("prev") != prev:
        faults.append(f"line {n} of the manifest has been changed")
        break
    prev, closed = head, entry.get("why") if entry["kind"] == "end" else None
    if entry["kind"] == "bytes":
        name = os.path.basename(entry["file"])
        with open(os.path.join(folder, name), "rb") as file:
            file.seek(entry["offset"])
            bytes_ = file.read(entry["length"])
        if entry["offset"] != files.get(name, 0) or hashlib.sha256(bytes_).hexdigest() != entry["sha256"]:
            faults.append(f"{name}: bytes from {entry['offset']} have been changed or are missing")
        files[name] = entry["offset"] + entry["length"]
_, mark, rest = torn.rpartition(b',"hash":"')
if mark and len(rest) > 66:
    faults.append("something else stands where the last line ends")
tracks = [name for name in os.listdir(folder) if name.endswith((".ogg", ".ivf"))]
behind = {name: os.path.getsize(os.path.join(folder, name)) - files.get(name, 0) for name in tracks}
if closed and closed not in ("disk_full", "disk_failed") and (torn or any(behind.values())):
    faults.append("something stands behind the last line")
print(f"{len(lines)} lines, {sum(files.values())} bytes, head {prev}")
print("closed: " + closed if closed else f"not closed; torn at the end: {len(torn) + sum(behind.values())} bytes")
sys.exit("\n".join(faults) or None)
