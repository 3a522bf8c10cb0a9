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

## Calendar
notice-calendar-summary = Meeting: { $post }
notice-calendar-reminder = Meeting in one hour: { $post }
