# When the day changes: the officer away, all by video, the waiting list
day-span = from { $from } to { $to }
day-away-link = The officer is away…
day-away-title = The officer is away
day-away-text = All meetings in this span are given another time. First you are shown whose time changes. Nothing changes yet.
day-away-from = From
day-away-to = To
day-away-when = When
day-away-reason = Reason
day-away-authority = On whose authority
day-away-authority-hint = Number of the order, or who said so. It stays on record.
day-away-preview = See whose time changes
day-away-standing = Written down already
day-away-from-empty = Say from when the officer is away
day-away-to-empty = Say until when the officer is away
day-away-reason-empty = Choose a reason
day-away-authority-empty = Say on whose authority, in up to 200 characters
day-away-span = The span is not right: it must end after it begins, lie ahead, and last at most 60 days
day-away-too-many = More than 1,000 meetings lie in this span. Make it shorter.
day-away-preview-title = Whose time changes
day-away-change = Change the dates
day-away-overtaken = Something changed meanwhile. Nothing was done. This is how it stands now.
day-away-count-hit = { $n ->
    [one] { $n } meeting lies in this span
   *[other] { $n } meetings lie in this span
}
day-away-count-before = { $n } were moved before. They get their time first.
day-away-count-video = { $n ->
    [one] { $n } is by video
   *[other] { $n } are by video
}
day-away-count-moved = New time for { $n }
day-away-count-waiting = { $n ->
    [one] { $n } finds no time yet and stands first on the waiting list
   *[other] { $n } find no time yet and stand first on the waiting list
}
day-away-before = moved { $n } times before
day-away-was = Old time
day-away-new = New time
day-away-keeps = The wished time stays, the suggestion is taken back
day-away-waits = First on the waiting list
day-away-button = Give everybody the new time and tell them
day-away-button-hint = Each citizen gets a link: take the new time, choose another, meet by video or cancel. Everything can be undone for 10 minutes.
day-away-done-title = The new times are given
day-away-undone-title = Undone
day-away-done = The new times are given. The messages are on their way.
day-away-undone = The old times are back. The messages are on their way.
day-away-late = This can no longer be undone. The new times stand.
day-away-undo = Undo everything
day-away-undo-until = It can be undone until { $clock }. Whoever has changed his time himself keeps it.
day-press-link = Press notice
day-press-title = Notice
day-press-print = Print
day-press-away = The { $post } cannot meet people { $span }. Reason: { $reason }.
day-press-told = Those who had a meeting in this span have been given a new time. A message was sent to their mobile.
day-press-again = If the new time does not suit you, choose another by the link in the message, or meet by video. Do not ask again; your turn is safe.
day-press-free = This service is free. Pay nobody. Help: 1800-000-0000.
day-press-authority = Order: { $authority }
day-press-date = Date: { $day }
day-times-waiting = Your old time is gone. Choose one of these, or wait: the first time that becomes free is offered to you.
day-slip-waiting = A new time will come soon
day-slip-waiting-next = You stand first on the waiting list. The first time that becomes free is offered to you. You can also choose a time yourself now.
day-slip-fallen = The meeting of { $was } cannot take place then. Reason: { $reason }.
day-slip-now = New time: { $when }.
day-slip-agree = The new time suits me
day-slip-video = Meet by video
day-switch-link = All by video…
day-switch-title = Emergency arrangement: all meetings by video
day-switch-text = Meetings in person at this office and every office below it are held by video at the same time. First you are shown how many there are. Nothing changes yet.
day-switch-preview = See how many meetings there are
day-switch-reach = { $scope }: { $n } meetings of { $posts } posts go to video.
day-switch-button = Hold all by video and tell everybody
day-switch-hint = Times and slip numbers stay. Old gate passes no longer work. It can be taken back later.
day-switch-standing = In force now
day-switch-undo = Back to the office
day-switch-done = All meetings are by video now. The messages are on their way.
day-switch-undone = The meetings are at the office again. The messages are on their way.
day-switch-late = This was taken back already.
day-slip-due = You get an answer by { $when }. If not, the request goes to the officer above by itself.
day-slip-question = The office asks:
day-slip-answer = Send the answer
day-slip-answer-empty = Write an answer of up to 200 characters.
day-slip-offer = { $when } has become free. It is kept for you until { $until }.
day-slip-offer-take = Take this time
day-slip-offer-refuse = Keep my time
day-slip-wait-tell = Tell me if an earlier time frees up
day-slip-wait-enough = You will be told of an earlier time · No more

day-caps-link = Greatest number
day-caps-title = How many people can come
day-caps-text = Nobody loses a time that he has. Once the number is reached, no new time is given.
day-caps-day = At most on one day
day-caps-empty = Leave it empty for no limit
day-caps-citizen = Times ahead that one person may have
day-caps-citizen-hint = Counted by mobile number. Leave it empty for no limit.
day-caps-button = Set
day-caps-done = The numbers are set.
day-caps-bounds = Write a number from 1 to { $most }, or leave it empty
day-caps-above = On these days more people have a time already:
day-caps-above-day = { $day }: { $n }
day-caps-above-next = The number has not changed yet. Let all of them keep their times and give no new ones, or write a larger number.
day-caps-keep = Keep everybody, lower the number
day-holiday-link = Holidays…
day-holiday-title = Declare a holiday
day-holiday-text = The holiday closes this office and all offices below it; no new time is given on that day. Meetings that are fixed do not change by themselves: each worklist shows whose time must change.
day-holiday-date = Date
day-holiday-name-hi = Name of the holiday (Hindi)
day-holiday-name-en = Name of the holiday (English)
day-holiday-order = Order number
day-holiday-button = Declare the holiday
day-holiday-standing-title = Holidays declared
day-holiday-none = No holiday ahead is declared.
day-holiday-withdraw = Take the holiday back
day-holiday-declared = { $n ->
    [0] The holiday is declared. There was no meeting on that day.
    [one] The holiday is declared. { $n } meeting lies on that day and needs a new time.
   *[other] The holiday is declared. { $n } meetings lie on that day and need new times.
}
day-holiday-withdrawn = The holiday was taken back. That day gives times again.
day-holiday-empty = Write the date, both names and the order number.
day-holiday-day = The date must be today or later.
day-holiday-standing = That day is a holiday already.
day-holiday-struck = { $day } is a holiday ({ $name }). Meetings on that day: { $n }
day-holiday-resettle = See whose time changes
