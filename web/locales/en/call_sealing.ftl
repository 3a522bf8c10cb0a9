# A sealed call of two posts: choosing it, its ring, the mark, and what cannot be in it.
live-call-seal-choose = Confidential call
live-call-seal-choose-hint = The post that you touch next is rung for a confidential call: not even the server can listen.
live-call-seal = Make confidential
live-call-seal-text = «Make confidential» puts a lock on both sides: not even the server can listen. It cannot be undone in this call.
live-call-seal-closed = Nobody can be added to a confidential call, and it cannot be handed over.
live-call-seal-meaning-server = Sound and picture are locked on your device and opened only on the other person's device. The server passes them on and can neither hear nor see them. It does know who talked to whom and when.
live-call-seal-meaning-two = It stays between the two of you: nobody can be added, nothing can be recorded, and it cannot be moved to another device.
live-call-seal-cannot = This call is confidential, and this browser cannot take part; nothing goes out from here. Take it on another device of yours, or talk by telephone.
live-js-seal-title = Confidential call
live-js-seal-mark = Confidential: not even the server can listen
live-js-seal-rings = It is locked as soon as it is accepted. Nobody sees anybody before.
live-js-seal-rung = It is locked as soon as you accept. Nobody sees anybody before.
live-js-seal-lost = The browser on the other side cannot take part in a confidential call; nothing goes either way. End it and talk by telephone.
live-js-seal-closed = This call is confidential: it stays between the two and on the devices where they are.
live-js-seal-cannot-here = This browser cannot make confidential calls; nothing was sent. Use a new version of Chrome or Firefox.
live-js-seal-cannot-there = The browser on the other side cannot make confidential calls. The call did not become confidential.
