# Words of the meeting, the board and the chamber

## The join page
live-join-title = Join your meeting
live-join-with = Meeting with { $post }
live-join-digits-label = Type the last four digits of your mobile number, or the PIN of the slip
live-join-digits-hint = The number that you gave when booking. No mobile? The PIN of 6 digits on your slip.
live-join-back = If you lose the link: on any phone, open “My meeting” and type the slip number and the PIN.
live-join-digits-button = Continue
live-join-digits-empty = Type the four digits of the mobile number, or the six digits of the PIN.
live-join-digits-wrong = These digits do not match the mobile number or the PIN of this meeting. You can try { $n } more times.
live-join-digits-locked = Too many tries. Try again in a while, or ask for help.
live-join-not-video = This meeting is not by video.
live-join-not-confirmed = This meeting is not confirmed yet. You will be told as soon as it is.
live-join-over = This meeting will not take place.
live-join-noscript = Video on this page needs JavaScript in your browser. For help, call the number below.

## Preview
live-preview-title = Ready?
live-preview-picture = Your own picture
live-preview-no-picture = The camera is not on
live-preview-level = Level of your voice
live-preview-speak = Say something: if the bar moves, your voice gets through.
live-preview-test-sound = Test the sound: you should hear two notes
live-preview-devices = Choose camera and microphone
live-preview-camera = Camera
live-preview-microphone = Microphone
live-preview-speaker = Where sound comes out
live-preview-again = Try again
live-preview-join-citizen = Go to the waiting room
live-preview-join-officer = Go to the meeting
live-preview-cost = 15 minutes: about 45-110 MB with video, about 8 MB with sound only.
live-no-recording = This conversation is not recorded.
live-joining = Joining…

## Waiting
live-js-speaks = { $name } is speaking
live-waiting-leave = Leave

## Meeting
live-meeting-title = Meeting
live-meeting-alone = Nobody else is here yet.
live-meeting-alone-officer = Whoever you call in appears here.
live-own-picture = Your picture
live-camera-is-off = Camera is off
live-microphone-is-off = Microphone is off
live-end = End
live-end-question = End the meeting?
live-end-all = End for everybody
live-end-leave = Only I leave
live-end-back = Back
live-reconnecting = Reconnecting. Your place is kept.
live-unlock-title = Sound is off
live-unlock = Turn on sound
live-lobby-title = Waiting
live-lobby-empty = Nobody is waiting.
live-lobby-admit = Call in
live-lobby-deny = Not now
live-lobby-note = The talk is on the officer's page. Here you see the waiting room and what is written.

## The end
live-ended-title = The meeting has ended
live-ended-text = Thank you for coming. What follows will be sent to your mobile.
live-ended-text-officer = It has ended for everybody.
live-left-title = You have left
live-left-text = If the meeting is still going on, you can come back within 10 minutes.
live-left-return = Go back in
live-denied-title = The meeting could not take place now
live-denied-text = The officer cannot meet you at this time. To take another time, go to the start page or ask for help.
live-refused-title = This page could not connect
live-refused-again = Try again

## The board
live-board-title = Board
live-board-field = Type a number or a post
live-board-hint = Type a number and press Enter, or tap a post. Arrow keys move between posts.
live-board-loading = The posts are coming…

## The chamber
live-chamber-title = Chamber
live-chamber-camera-off = Camera off
live-chamber-camera-off-text = Until you accept, neither picture nor sound leaves this room.
live-ready = Keep the camera ready
live-ready-text = Its light stays on and a talk begins at once. Nothing leaves before you accept.
live-chamber-presence = Where are you?
live-chamber-available = Available
live-chamber-away = Not in the room
live-chamber-others = Talk to somebody else
live-chamber-sound = Turn on the sound of the ring
live-chamber-permission = Allow camera and microphone now

## Ring and call
live-call-ringing = Ringing…
live-call-cancel = Stop ringing
live-call-wants = would like to talk to you
live-call-incoming-private = The small picture is you. Until you accept, nobody can see or hear you.
live-call-accept = Accept
live-call-later = In 2 minutes
live-call-telephone = Talk by telephone

## Words of the page's script
live-js-device = Device { $n }
live-js-microphone-on = Turn microphone on
live-js-microphone-off = Turn microphone off
live-js-camera-on = Turn camera on
live-js-camera-off = Turn camera off
live-js-camera-is-off = Camera is off
live-js-camera-stands-ready = The camera is ready, nothing leaves from here
live-js-camera-stands-off = Camera off
live-js-picture-coming = The picture is coming…
live-js-picture-none = No picture is coming
live-js-camera-denied = The camera was not allowed. You can join with sound only.
live-js-camera-missing = No camera was found. You can join with sound only.
live-js-camera-busy = Another app is using the camera: close it and try again, or join with sound only.
live-js-camera-unsupported = The camera does not work in this browser.
live-js-camera-insecure = Open this page by its secure address (https).
live-js-camera-failed = The camera did not start. You can join with sound only.
live-js-microphone-denied = The microphone was not allowed. Tap the lock beside the address and allow it.
live-js-microphone-missing = No microphone was found. You can listen, but nobody will hear you.
live-js-microphone-busy = Another app is using the microphone: close it and try again.
live-js-microphone-unsupported = The microphone does not work in this browser.
live-js-microphone-insecure = Open this page by its secure address (https).
live-js-microphone-failed = The microphone did not start. Try again.
live-js-both-denied = Camera and microphone were not allowed. Tap the lock beside the address, allow them and press “Try again”. Without them you can only watch and listen.
live-js-both-missing = No camera and no microphone were found. You can watch and listen, but nobody will hear you.
live-js-both-busy = Another app is using camera and microphone: close it and try again.
live-js-both-unsupported = Video does not work in this browser. Open this link in Chrome, or call the help number.
live-js-both-insecure = Video works only on a secure address (https). Open this page by https.
live-js-both-failed = Camera and microphone did not start. Try again.
live-js-joining = Joining…
live-js-place = You are number { $n }
live-js-place-next = You are next
live-js-admitted = The officer is joining you
live-js-reconnecting = Reconnecting. Your place is kept.
live-js-quality-good = The network is good
live-js-quality-weak = The network is weak
live-js-quality-bad = The network is very weak
live-js-quality-voice = The network is weak. Your voice goes on, your video is paused.
live-js-ended = The meeting has ended
live-js-left = You have left
live-js-denied = The officer cannot meet you at this time
live-js-refused = Something went wrong. Try again in a while.
live-js-refused-replaced = You have opened this page somewhere else. To use it here, press “Try again”.
live-js-refused-too-early = It is not yet time for the meeting. Keep this page open: you will be in the waiting room as soon as the door opens.
live-js-refused-too-late = The time of this meeting is over.
live-js-refused-unknown-meeting = This meeting was not found.
live-js-refused-meeting-full = There is no more room in this meeting.
live-js-refused-sign-in-needed = Say who you are first: open your link again.
live-js-refused-session-ended = Your session has ended. Sign in again.
live-js-refused-not-allowed = Your post is not allowed on this page.
live-js-came = { $name } has come to the waiting room
live-js-admit-name = Call in { $name }
live-js-deny-name = { $name }: not now
live-js-deny-sure = Sure? They cannot come back
live-js-since = Waiting for { $n } min
live-js-since-now = Just came
live-js-rings = Ringing at { $post }…
live-js-incoming = { $post } would like to talk to you
live-js-in-call = Talking with { $post }
live-js-line-down = No connection at the moment. Reconnecting…
live-js-ring-failed = The ring did not go through. Try again.
live-js-call-ended = The call has ended
live-js-call-lost = The connection was lost. You can ring again.
live-js-call-declined-later = { $post }: will talk in 2 minutes
live-js-call-declined-telephone = { $post }: would rather talk by telephone
live-js-call-declined-busy = { $post }: cannot talk now
live-js-call-cancelled = { $post } stopped ringing
live-js-call-missed = { $post }: no answer
live-js-call-busy = { $post } is in another talk or meeting
live-js-call-unavailable = { $post }: the room is not connected
live-js-presence-available = Available
live-js-presence-away = Not in the room
live-js-presence-in-meeting = In a meeting
live-js-presence-in-call = In a call
live-js-presence-offline = Not connected
live-js-presence-vacant = Post vacant
live-js-enter-rings = Enter rings { $post }
live-js-found = { $n } posts found
live-js-nobody-found = No post found
