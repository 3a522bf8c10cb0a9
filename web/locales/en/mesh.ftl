# Words of several at once, of a call on hold, and of another device

## The board
live-board-hint-several = Type a number and press Enter, or tap a post. Arrow keys move, Space chooses several; drag one post onto another to choose both.
live-board-groups = Which posts to see
live-board-group-all = All
live-board-group-department = Departments
live-board-group-division = Divisions
live-board-group-district = Districts
live-board-choose = Choose several
live-board-choose-back = Cancel
live-board-all = All departments
live-board-all-text = It rings wherever the room is connected and free. All who accept are in one call.
live-board-all-yes = Ring them

## The chamber
live-chamber-title-phone = My phone
live-chamber-title-hall = Hall

## Rings and calls
live-call-more = More
live-call-more-title = In this call
live-call-add = Add somebody
live-call-hand-over = Hand over to another
live-call-back = Back
live-call-pick-none = No such post was found
live-call-resume = Go back
live-call-end-held = End it
live-call-held-why = First end the call that is on
live-call-elsewhere = The call is on your other device
live-call-take = Take it here
live-call-ring-back = Ring
live-call-ring-back-not = Leave it
live-call-telephone-short = By telephone
live-call-break-private = Until you press “Take it”, they can neither see nor hear you.
live-call-leaves = If you accept, your present call or meeting is put on hold.

## Words of the page's script
live-js-two = { $post } and { $other }
live-js-many = { $post } and { $n } more
live-js-with = Together with { $posts }
live-js-held = The call with { $posts } is on hold
live-js-ring-back = Two minutes are over: ring { $post }
live-js-ring-back-ring = Ring: { $post }
live-js-ring-back-not = Leave it: { $post }
live-js-break-accept = Take it: this call goes on hold
live-js-break-accept-ringing = Take it: your ring stops
live-js-call-handed-over = The call was handed over. In it now: { $posts }
live-js-call-held-ended = The call on hold with { $posts } has ended
live-js-call-nobody = Nobody could join. { $reasons }
live-js-call-missed-here = You missed a ring of { $post }
live-js-call-full = A call cannot have so many posts.
live-js-call-already = You are in a call or a ring already. End that first.
live-js-call-passed = This call is not on any more.
live-js-call-elsewhere = Your call is on your other device. Press “Take it here”, or end it there.
live-js-member-rung = { $post }: ringing
live-js-member-held = { $post }: in another call now; will come back
live-js-member-later = { $post }: in 2 minutes
live-js-member-telephone = { $post }: would rather talk by telephone
live-js-member-busy = { $post }: busy
live-js-member-missed = { $post }: no answer
live-js-member-cancelled = { $post }: ring stopped
live-js-member-unavailable = { $post }: not connected
live-js-member-left = { $post }: has left
live-js-member-stop = Stop ringing: { $post }
live-js-count-rung = Ringing: { $n }
live-js-count-held = In another call: { $n }
live-js-count-later = In 2 minutes: { $n }
live-js-count-telephone = By telephone: { $n }
live-js-count-busy = Busy: { $n }
live-js-count-missed = No answer: { $n }
live-js-count-cancelled = Ring stopped: { $n }
live-js-count-unavailable = Not connected: { $n }
live-js-count-left = Left: { $n }
live-js-together = Talk together ({ $n })
live-js-choose = Tap those with whom you want to talk
live-js-enter-chooses = Enter chooses { $post }
live-js-all = It will ring in { $n } departments at once
live-js-all-one = It will ring in 1 department
live-js-all-nobody = No department's room is free at the moment
live-js-pick-add = Whom to add?
live-js-pick-add-text = Choose one post or more. Whoever accepts joins this call.
live-js-pick-add-none = Add
live-js-pick-add-go = Add ({ $n })
live-js-pick-hand-over = Hand over to whom?
live-js-pick-hand-over-text = Choose one post. You are out as soon as they accept; until then the call goes on.
live-js-pick-hand-over-none = Hand over
live-js-pick-hand-over-go = Hand over
