# Messages to people: mail, SMS, calendar

## In all
notice-greeting = Dear { $name },
notice-post = { $title }, { $body }
notice-when = { $moment } ({ $minutes } minutes)
notice-moment-short = { $day } { $month } { $hour }
notice-month-short-1 = Jan
notice-month-short-2 = Feb
notice-month-short-3 = Mar
notice-month-short-4 = Apr
notice-month-short-5 = May
notice-month-short-6 = Jun
notice-month-short-7 = Jul
notice-month-short-8 = Aug
notice-month-short-9 = Sep
notice-month-short-10 = Oct
notice-month-short-11 = Nov
notice-month-short-12 = Dec
notice-row-with = With
notice-row-from = Visitor
notice-row-when = When
notice-row-how = How
notice-row-about = Subject
notice-row-reference = Number
notice-row-alternative = You can meet instead
notice-link-join = Join by video
notice-link-slip = See the slip
notice-link-change = Change the time or cancel
notice-link-answer = Say yes or no
notice-link-again = Take another time
notice-link-desk = Open the worklist
notice-footer-calendar = Open the attached invitation to put it into your calendar.
notice-footer-automatic = This message was sent automatically.

## Code
notice-subject-code = Your code { $code }
notice-lead-code = Your code is { $code }. It is good for { $minutes } minutes. Tell it to nobody.
notice-sms-code = { $code } is your e-Sachivalaya code, good for { $minutes } minutes. Tell it to nobody.

## Request received
notice-subject-requested = Request received: { $post }, { $when }
notice-lead-requested = Your request has arrived. The office will answer. Until then this time is kept for you.
notice-sms-requested = Request { $reference } received. The answer will come to this number. Status: { $link }

## Confirmed
notice-subject-confirmed = Meeting confirmed: { $post }, { $when }
notice-lead-confirmed = Your meeting is confirmed.
notice-sms-confirmed = Meeting confirmed: { $post }, { $when }. Slip: { $link } e-Sachivalaya
notice-sms-confirmed-video = Meeting confirmed: { $post }, { $when }. Join: { $link } e-Sachivalaya

## Moved
notice-subject-moved = New time: { $post }, now { $when }
notice-lead-moved = The time of your meeting has changed. It was { $was }.
notice-sms-moved = Your meeting is now on { $when }: { $post }. Change: { $link } e-Sachivalaya

## Cancelled
notice-subject-cancelled = Meeting cancelled: { $post }, { $when }
notice-lead-cancelled = This meeting will not take place. You can take another time.
notice-sms-cancelled = Meeting cancelled: { $post }, { $when }. Take another time: { $link } e-Sachivalaya

## Declined
notice-subject-declined = This time was not possible: { $post }
notice-lead-declined = This meeting is not possible at present. Reason: { $reason }.
notice-sms-declined = This time was not possible: { $reason }. See: { $link }
notice-sms-declined-alternative = This time was not possible: { $reason }. Instead: { $alternative }. See: { $link }
notice-reason-other-office = the subject belongs to another office
notice-reason-engaged = other work at that time
notice-reason-decided = the matter has been decided
notice-reason-incomplete = the subject was not fully stated
notice-reason-unknown = the office gave no reason

## Another time
notice-subject-proposed = Another time: { $post }, { $when }
notice-lead-proposed = The time you asked for was not possible. The office can offer this time: { $proposed }. Please say yes or no.
notice-sms-proposed = { $post }: { $when } is possible. Say yes or no: { $link } e-Sachivalaya

## To the office
notice-subject-desk-request = New request: { $name }, { $when }
notice-lead-desk-request = A new request for a meeting is on your worklist.
notice-sms-desk-request = New request { $reference }: { $when }. Worklist: { $link }

## The officer is away: another time
notice-subject-displaced = New time: { $post }, now { $when }
notice-lead-displaced = The meeting of { $was } cannot take place then. Reason: { $reason }. The new time is kept for you. If it does not suit you, use the link to choose another, to meet by video or to cancel.
notice-sms-displaced = Your meeting is now on { $when }: { $post }. Reason: { $reason }. Change: { $link }
notice-subject-waiting = No time yet: { $post }, { $when }
notice-lead-waiting = The meeting of { $when } cannot take place. Reason: { $reason }. Your turn is safe: the first time that becomes free is offered to you.
notice-sms-waiting = The meeting of { $when } will not take place: { $reason }. You are first for a new time. { $link }
notice-subject-drawn = Result of the draw: { $post }
notice-lead-drawn = The draw gave these times to others. You are on the waiting list in the order of the draw: when a time becomes free and it is your turn, you are given it.
notice-sms-drawn = The draw gave the times to others. You are on the waiting list. { $link }
notice-away-assembly = the Assembly sits
notice-away-meeting = an urgent meeting
notice-away-tour = a tour of the field
notice-away-calamity = a calamity, or law and order
notice-away-election = election work
notice-away-leave = leave
notice-away-handover = a new officer holds the post and is engaged at that time
notice-away-holiday = the office is closed that day
notice-away-unknown = the officer is away
notice-link-choose = Choose a time or cancel

## By video
notice-subject-switched = Now by video: { $post }, { $when }
notice-lead-switched = Emergency arrangement: this meeting is held by video at the same time. Do not come to the office.
notice-sms-switched = The meeting of { $when } is now by video. Do not come to the office. Join: { $link } e-Sachivalaya
notice-subject-switched-back = In person again: { $post }, { $when }
notice-lead-switched-back = The emergency arrangement is over. This meeting is held at the office at the same time. Bring the slip and an identity card.
notice-sms-switched-back = The meeting of { $when } is at the office again: { $post }. Slip: { $link } e-Sachivalaya
notice-subject-switched-telephone = Now by telephone: { $post }, { $when }
notice-lead-switched-telephone = This meeting is held by telephone at the same time. The office calls your number; keep your telephone on.
notice-sms-switched-telephone = The meeting of { $when } is now by telephone. The office will call you. Slip: { $link } e-Sachivalaya

## Another post
notice-subject-redirected = You will meet: { $post }, { $when }
notice-lead-redirected = Your request was sent on from { $from } to the right post. Reason: { $reason }. The slip number stays the same.
notice-sms-redirected = You will now meet { $post }: { $when }. See: { $link } e-Sachivalaya

## A question
notice-subject-question = The office asks: { $post }
notice-lead-question = About your request the office asks: { $question }
notice-sms-question = Request { $reference }: the office has a question. Answer: { $link } e-Sachivalaya
notice-subject-desk-answer = Answered: { $name }, { $when }
notice-lead-desk-answer = The answer to your question is on the worklist.
notice-sms-desk-answer = Request { $reference } was answered: { $when }. Worklist: { $link }
notice-subject-desk-late = Not answered in 24 hours: { $name }, { $when }
notice-lead-desk-late = This request was not answered in time, so it is now on your worklist.
notice-sms-desk-late = Request { $reference } was not answered in 24 hours. Worklist: { $link }

## An earlier time
notice-subject-offered = An earlier time: { $post }, { $when }
notice-lead-offered = { $offered } has become free and is kept for you until { $until }. Say whether you want it. If not, your present time stays yours.
notice-sms-offered = An earlier time, { $when }, is kept for you until { $until }. Yes or no: { $link }

## After the meeting
notice-day-short = { $day } { $month }
notice-row-direction = Direction
notice-row-acts = To be done by
notice-row-due = Due date
notice-subject-outcome-direction = What was decided: { $acts } is to act by { $due }
notice-lead-outcome-direction = You were heard and a direction was given. After the due date we will ask you whether it was done.
notice-sms-outcome-direction = { $reference }: { $acts } was told to act. Due date { $due }. See: { $link }
notice-subject-outcome-forward = What was decided: { $acts } will meet you
notice-lead-outcome-forward = You were heard and your matter was sent to the right post. The slip of the new meeting comes separately.
notice-sms-outcome-forward = { $reference }: your matter was sent to { $acts }. See: { $link }
notice-subject-outcome-not-possible = What was decided: this is not possible here
notice-lead-outcome-not-possible = You were heard. This is not possible. Reason: { $reason }.
notice-sms-outcome-not-possible = { $reference }: this is not possible. Reason: { $reason }. See: { $link }
notice-impossible-not-ours = this post has no power over it
notice-impossible-court = the matter is before a court
notice-impossible-rules = the rules do not provide for it
notice-impossible-papers = necessary papers are missing
notice-impossible-absent = the meeting could not take place
notice-impossible-unknown = see the slip for the reason
notice-subject-outcome-ask = Was it done? { $post }
notice-lead-outcome-ask = The due date was { $due }. Has it been done? Yes or not yet: tell us with one button.
notice-sms-outcome-ask = Was it done? { $reference }: say yes or not yet: { $link } e-Sachivalaya
notice-subject-desk-direction = New direction: by { $due }
notice-lead-desk-direction = Your post has been given a direction: { $text }
notice-sms-desk-direction = New direction, { $reference }: by { $due }. Worklist: { $link }
notice-subject-desk-reopened = Not done yet: by { $due }
notice-lead-desk-reopened = The citizen says that this has not been done yet: { $text }
notice-sms-desk-reopened = Not done yet, { $reference }: by { $due }. Worklist: { $link }

## The officer is late
notice-subject-delayed = New time about { $about }: { $post }
notice-lead-delayed = The officer is in a meeting now and will see you at about { $about }. Your turn is safe.
notice-sms-delayed = The officer is in a meeting now. New time about { $about }. Your turn is safe.
notice-link-turn = See your turn

## Calendar
notice-calendar-summary = Meeting: { $post }
notice-calendar-reminder = Meeting in one hour: { $post }
