# A confidential meeting: the officer's button, the mark, the digits to compare, and whose telephone cannot take part.
live-seal = Make this confidential
live-seal-question = Make this conversation confidential?
live-seal-question-text = Sound and picture will be locked on your device and opened only on the devices of those inside. The server cannot listen and nothing is recorded. Whoever has a phone that cannot do this has to be called by telephone. It cannot be undone in this meeting.
live-seal-yes = Yes, make it confidential
live-seal-mark = Confidential: not even the server can listen
live-seal-compare = If the other screen shows the same digits, nobody is in between. Compare them aloud.
live-seal-meaning = What this means
live-seal-meaning-server = Sound and picture are locked on your device and opened only on the devices of those inside. The server passes them on and can neither hear nor see them. It does know who was inside and when.
live-seal-meaning-record = Nothing can be recorded.
live-seal-meaning-page = This page comes from the same server: you trust that the page was not changed.
live-seal-lines = What is written here is not locked in this way; the server can read and keep it.
live-seal-cannot = This conversation is confidential, and the browser of this phone cannot take part. Your turn is kept. The officer can talk to you by telephone.
live-seal-cannot-guest = This conversation is confidential, and the browser of this phone cannot take part. Your place is kept. Open the same link in Chrome or Firefox.
live-seal-dial = has a phone that cannot take part in a confidential conversation. Talk by telephone.
live-seal-lost = has a browser that cannot take part in a confidential conversation. Ask them to come in on another device.
live-js-seal-waits = The conversation is being locked …
live-js-seal-with = { $name }: { $code }
