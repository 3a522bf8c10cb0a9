# Who was present in a meeting when, and corrections of that
attendance-title = Attendance
attendance-link = Attendance
attendance-as-of = the meeting has not been ended; this is how it stands at { $when }
attendance-csv = Download the table (CSV)
attendance-visitor = Visitor
attendance-role-officer = Officer
attendance-role-desk = Office
attendance-role-citizen = Visitor
attendance-role-guest = Invited
attendance-total = Present in all
attendance-none = No attendance of this person is on record in this meeting.
attendance-times = { $n } ×, { $length } in all
attendance-lines = What was when
attendance-kind-present = Present
attendance-kind-network = Network trouble
attendance-kind-house = Trouble of our server
attendance-kind-outside = Outside the meeting
attendance-kind-said-present = Present, as the office says
attendance-kind-said-absent = Not present, as the office says
attendance-how = The server measured these times. A silence of more than two seconds is written as network trouble; going by the button or closing the page is going out. What was measured can be neither changed nor removed.
attendance-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
attendance-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
attendance-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
attendance-number = Correction { $n }
attendance-history = Corrections
attendance-history-none = Nothing has been corrected.
attendance-by = { $post }, { $when }
attendance-taken-back = taken back by correction { $n }
attendance-takes-back = Correction { $n } taken back
attendance-take-back = Take this correction back
attendance-reason = Reason
attendance-reason-back = Reason for taking it back
attendance-reason-hint = For example: was on the telephone from 10:05 to 10:20. At most 300 characters.
attendance-correct = Correct the attendance
attendance-correct-text = A correction is written beside what was measured; who wrote it, when and why stays visible.
attendance-correct-button = Record the correction
attendance-who = Whose attendance
attendance-what = What is right
attendance-says-present = Was present
attendance-says-absent = Was not present
attendance-day = Day
attendance-from = From
attendance-to = To
attendance-done = The correction is recorded.
attendance-error-reason = Write the reason, at most 300 characters
attendance-error-who = Choose whose attendance is to be corrected
attendance-error-says = Choose whether the person was present or not
attendance-error-time = Write the time in hours and minutes, for example 10:05
attendance-error-empty = The end must come after the beginning
attendance-error-ahead = This time has not come yet
attendance-error-far = This time is more than four hours away from the meeting
attendance-error-overlaps = Correction { $n } already speaks of this time. Take that one back first.
attendance-error-taken-back = This correction has already been taken back
attendance-error-full = No more corrections can be recorded for this meeting
attendance-error-overtaken = Somebody else has just recorded a correction. How it stands now is below.
attendance-row-measured = measured
attendance-row-correction = correction
attendance-row-counted = sum
attendance-column-row = Kind
attendance-column-who = Who
attendance-column-what = What
attendance-column-from = From
attendance-column-to = To
attendance-column-seconds = Seconds
attendance-column-reason = Reason
attendance-column-by = Written by
attendance-column-written = Written at
