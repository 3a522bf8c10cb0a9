# एक साथ कई, रुकी हुई बातचीत और दूसरे उपकरण के शब्द

## संपर्क पटल
live-board-hint-several = नंबर लिखकर Enter दबाएँ, या पद को छुएँ। तीर के बटनों से चलें, Space से कई चुनें; एक पद को दूसरे पर खींचकर भी दोनों चुन सकते हैं।
live-board-groups = किन पदों को देखें
live-board-group-all = सभी
live-board-group-department = विभाग
live-board-group-division = प्रमंडल
live-board-group-district = जिले
live-board-choose = कई चुनें
live-board-choose-back = रद्द
live-board-all = सभी विभाग
live-board-all-text = जिनका कक्ष जुड़ा है और जो अभी खाली हैं, उन्हें घंटी जाएगी। जो स्वीकार करेंगे, वे एक ही बातचीत में होंगे।
live-board-all-yes = घंटी बजाएँ

## कक्ष
live-chamber-title-phone = अपना फ़ोन
live-chamber-title-hall = सभागार

## घंटी और बातचीत
live-call-more = और
live-call-more-title = इस बातचीत में
live-call-add = जोड़ें
live-call-hand-over = दूसरे को सौंपें
live-call-back = वापस
live-call-pick-none = ऐसा कोई पद नहीं मिला
live-call-resume = वापस जाएँ
live-call-end-held = समाप्त करें
live-call-held-why = पहले चल रही बातचीत समाप्त करें
live-call-elsewhere = बातचीत आपके दूसरे उपकरण पर है
live-call-take = यहाँ लें
live-call-ring-back = बुलाएँ
live-call-ring-back-not = रहने दें
live-call-telephone-short = फ़ोन पर
live-call-break-private = «लें» दबाने तक वे आपको न देख सकते हैं, न सुन सकते हैं।
live-call-leaves = स्वीकार करने पर आपकी अभी की बातचीत या बैठक रुकी रहेगी।

## पन्ने की लिपि के शब्द
live-js-two = { $post } और { $other }
live-js-many = { $post } और { $n } अन्य
live-js-with = साथ में: { $posts }
live-js-held = { $posts } के साथ बातचीत रुकी है
live-js-ring-back = दो मिनट हो गए: { $post } को बुलाएँ
live-js-ring-back-ring = बुलाएँ: { $post }
live-js-ring-back-not = रहने दें: { $post }
live-js-break-accept = लें: यह बातचीत रुकी रहेगी
live-js-break-accept-ringing = लें: आपकी घंटी रुक जाएगी
live-js-call-handed-over = बातचीत सौंप दी गई। अब बात में हैं: { $posts }
live-js-call-held-ended = { $posts } के साथ रुकी हुई बातचीत समाप्त हुई
live-js-call-nobody = कोई नहीं जुड़ सका। { $reasons }
live-js-call-missed-here = { $post } की घंटी छूट गई
live-js-call-full = एक बातचीत में इतने पद नहीं आ सकते।
live-js-call-already = आप पहले से एक बातचीत या घंटी में हैं। पहले उसे समाप्त करें।
live-js-call-passed = यह बातचीत अब नहीं चल रही है।
live-js-call-elsewhere = आपकी बातचीत दूसरे उपकरण पर चल रही है। «यहाँ लें» दबाएँ, या उसे वहाँ समाप्त करें।
live-js-member-rung = { $post }: घंटी बज रही है
live-js-member-held = { $post }: अभी दूसरी बातचीत में; लौटेंगे
live-js-member-later = { $post }: 2 मिनट बाद
live-js-member-telephone = { $post }: फ़ोन पर बात करना चाहते हैं
live-js-member-busy = { $post }: व्यस्त
live-js-member-missed = { $post }: उत्तर नहीं मिला
live-js-member-cancelled = { $post }: घंटी रोक दी गई
live-js-member-unavailable = { $post }: जुड़े नहीं हैं
live-js-member-left = { $post }: बाहर गए
live-js-member-stop = घंटी रोकें: { $post }
live-js-count-rung = घंटी बज रही है: { $n }
live-js-count-held = दूसरी बातचीत में: { $n }
live-js-count-later = «2 मिनट बाद»: { $n }
live-js-count-telephone = «फ़ोन पर»: { $n }
live-js-count-busy = व्यस्त: { $n }
live-js-count-missed = उत्तर नहीं मिला: { $n }
live-js-count-cancelled = घंटी रोक दी गई: { $n }
live-js-count-unavailable = जुड़े नहीं हैं: { $n }
live-js-count-left = बाहर गए: { $n }
live-js-together = साथ में बात ({ $n })
live-js-choose = जिनसे बात करनी है, उन्हें छुएँ
live-js-enter-chooses = Enter: { $post } को चुनें
live-js-all = { $n } विभागों को एक साथ घंटी बजेगी
live-js-all-one = 1 विभाग को घंटी बजेगी
live-js-all-nobody = अभी किसी विभाग का कक्ष खाली नहीं है
live-js-pick-add = किसे जोड़ना है?
live-js-pick-add-text = एक या अधिक पद चुनें। जो स्वीकार करेंगे, वे इस बातचीत में आ जाएँगे।
live-js-pick-add-none = जोड़ें
live-js-pick-add-go = जोड़ें ({ $n })
live-js-pick-hand-over = किसे सौंपना है?
live-js-pick-hand-over-text = एक पद चुनें। उनके स्वीकार करते ही आप बाहर आ जाएँगे; तब तक बातचीत चलती रहेगी।
live-js-pick-hand-over-none = सौंपें
live-js-pick-hand-over-go = सौंपें
