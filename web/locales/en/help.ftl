# When something goes wrong: no code, no camera, no video, a call comes in. Each with the way on.

# The code
help-code-sent = A code of 6 digits has been sent to this number. It is good for 10 minutes.
help-code-change = Change
help-code-change-what = (mobile number)
help-code-mail-too = The same code has gone by e-mail, too: { $mail }
help-code-late-title = No code yet?
help-code-late-kept = What you have written is kept. The code can reach you another way:
help-code-mail-label = E-mail address: a new code goes there, too
help-code-mail-button = Send by e-mail
help-code-call = Tell us by telephone: 1800-000-0000, free. You can book there as well.
help-code-centre = Or go to a service centre: no code is needed there, you get a slip and a PIN

# By telephone instead of video
help-telephone = Call me by telephone
help-telephone-hint = Your time and your place stay the same. The office calls your number at that time.
help-telephone-centre = Join by video from the nearest centre
help-telephone-done = The officer will call you by telephone. Keep your telephone on at that time.
help-no-video = Video will not work on your telephone.

# Calling
help-dial-title = Talk by telephone
help-dial-button = Dial
help-dial-note = This number is for this talk alone. Record what comes of it as after a talk by video.
help-dial-none = This person has given no mobile number.

# A shared telephone
help-who = Are you { $name }?
help-who-yes = Yes, that is me
help-who-others = No. Other meetings on this number today:
help-who-pin = The PIN of that slip
help-who-pin-hint = 6 digits, written on the slip
help-who-go = Go to my meeting
help-who-pin-empty = Write the six digits of the slip’s PIN.
help-who-pin-wrong = This is not the PIN of that slip. You can try { $n } more times.
help-who-none = None of these? Type the number and the PIN of your slip:

# Before a meeting: permission and another browser
help-join-voice = Join with sound only
help-join-listen = Only listen and write
help-permission-picture = The bar of the address, with a ring around the place to tap
help-permission-chrome-phone-1 = At the very top, tap the sign to the left of the address.
help-permission-chrome-phone-2 = Under “Permissions” turn on camera and microphone.
help-permission-chrome-phone-3 = Come back here and press “Try again”.
help-permission-chrome-desktop-1 = Click the sign to the left of the address.
help-permission-chrome-desktop-2 = Turn on camera and microphone.
help-permission-chrome-desktop-3 = Come back here and press “Try again”.
help-permission-firefox-1 = Tap the crossed-out camera or microphone beside the address.
help-permission-firefox-2 = Press the × beside “Blocked” to lift the block.
help-permission-firefox-3 = Press “Try again” and choose “Allow” when asked.
help-permission-samsung-1 = Tap the lock beside the address.
help-permission-samsung-2 = Open “Permissions” and turn on camera and microphone.
help-permission-samsung-3 = Come back here and press “Try again”.
help-permission-other-1 = Tap the lock or “aA” beside the address; if there is none, open this browser in the telephone's settings.
help-permission-other-2 = Allow camera and microphone.
help-permission-other-3 = Come back here and press “Try again”.
help-elsewhere = This page may be open inside another app, where the camera does not work. Your place belongs to this link and stays the same there.
help-elsewhere-chrome = Open this link in Chrome
help-elsewhere-share = Tap the share sign below (a square with an arrow) and choose “Open in Safari”.
help-elsewhere-copy = Copy the link
help-js-copied = The link is copied. Open Chrome and paste it there.
help-js-copy-failed = It could not be copied. Press and hold the address above, and copy it.

# In the middle of a talk
help-take-again = Turn on again
help-js-interrupted-audio = The microphone is in use elsewhere, as by a telephone call. Go on from here when you are back: your place is kept.
help-js-interrupted-video = Another app is using the camera. Your voice goes on; the camera comes back here as soon as it is free.
help-js-interrupted-both = Camera and microphone are in use elsewhere, as by a telephone call. Go on from here when you are back: your place is kept.
help-js-taken-again = It is on again.
help-back-waiting = Go on from here when you are back: your place is kept.
help-howl = Two telephones are close together: turn off the sound of one
help-howl-turns = Speak in turns
help-howl-hold = Hold while you speak
help-faint = has a very weak network. The place is kept.
help-faint-call = Talk by telephone
help-called-back = The officer will call you by telephone. Keep it near you; your place is kept.

# Reading aloud
help-aloud = Listen

help-call-waiting = The meeting goes on until you take the call: on the screen of your chamber, or here.
help-call-waiting-take = Take it here
help-away-own = You have gone to another call. Nothing is seen or heard from here; the other person's time stands still.
help-come-back = Back to the meeting
help-js-call-waiting = { $post } is calling you.
help-js-away = { $post } was called away and will be back. Please stay: your time stands still and your turn is kept.
