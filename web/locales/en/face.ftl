# Pages that are open to all: who meets when; the cause list; the poster
face-title = Who meets when
face-offices = All offices
face-offices-text = Choose an office to see who meets people there, and on which days.
face-kind-top = Offices of the state
face-kind-department = Departments
face-kind-division = Divisions
face-kind-district = Districts
face-kind-minister-office = Ministers’ offices
face-link = Who meets when: days and hours of all offices
face-who = Who
face-week = Days and hours for meetings
face-no-week = No weekly hours are set
face-days = { $first } to { $last }
face-hours = { $days }: { $hours }
face-next = First free time
face-none-free = No time is free now. Look again tomorrow.
face-vacant = Nobody holds this post now.
face-notes = Please note
face-away = Away from { $from } to { $to }
face-closed = Closed on { $day }: { $name }
face-without-title = No phone or internet?
face-poster-link = Poster for the wall (A3)
face-poster-how = How to get a time
face-poster-qr = QR code of the page for getting a time
face-poster-scan = Point your phone’s camera at this code, or open:
face-poster-centre = No phone? Take an identity card to the nearest service centre.
face-list-title = List of meetings
face-list-count = { $n ->
    [one] { $n } meeting is fixed
   *[other] { $n } meetings are fixed
}
face-list-empty = No meeting is fixed for this day yet.
face-list-number = No.
face-list-time = Time
face-list-name = Name
face-list-channel = How
face-list-hint = The next day’s list comes out every evening at 6. Only the first letters of names are shown.
face-list-calendar = Add to calendar
face-list-json = For computer programs (JSON)
face-list-summary = { $number }. { $name } – { $post }
face-suggested-title = For your matter
face-suggested-text = The nearest office first:
face-suggested-district = Write your district’s name, too, and its District Magistrate is shown here.
