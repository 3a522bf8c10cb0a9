# लोगों को भेजे जाने वाले संदेश: मेल, SMS, कैलेंडर

## सब में
notice-greeting = { $name } जी, नमस्ते।
notice-post = { $title }, { $body }
notice-when = { $moment } ({ $minutes } मिनट)
notice-moment-short = { $day } { $month } { $hour }
notice-month-short-1 = जन.
notice-month-short-2 = फ़र.
notice-month-short-3 = मार्च
notice-month-short-4 = अप्रै.
notice-month-short-5 = मई
notice-month-short-6 = जून
notice-month-short-7 = जुला.
notice-month-short-8 = अग.
notice-month-short-9 = सितं.
notice-month-short-10 = अक्टू.
notice-month-short-11 = नवं.
notice-month-short-12 = दिसं.
notice-row-with = किनसे
notice-row-from = मिलने वाले
notice-row-when = कब
notice-row-how = कैसे
notice-row-about = विषय
notice-row-reference = संख्या
notice-row-alternative = आप इनसे मिल सकते हैं
notice-link-join = वीडियो से जुड़ें
notice-link-slip = पर्ची देखें
notice-link-change = समय बदलें या रद्द करें
notice-link-answer = हाँ या नहीं बताएँ
notice-link-again = दूसरा समय लें
notice-link-desk = कार्यसूची खोलें
notice-footer-calendar = कैलेंडर में रखने के लिए साथ का निमंत्रण खोलें।
notice-footer-automatic = यह संदेश अपने आप भेजा गया है।

## कोड
notice-subject-code = आपका कोड { $code }
notice-lead-code = आपका कोड { $code } है। यह { $minutes } मिनट मान्य है। किसी को न बताएँ।
notice-sms-code = { $code } ई-सचिवालय कोड है, { $minutes } मिनट मान्य। किसी को न बताएँ।

## अनुरोध मिला
notice-subject-requested = अनुरोध मिला: { $post }, { $when }
notice-lead-requested = आपका अनुरोध मिल गया है। कार्यालय उत्तर देगा। तब तक यह समय आपके लिए रखा है।
notice-sms-requested = अनुरोध { $reference } मिला। उत्तर इसी नंबर पर आएगा। स्थिति: { $link }

## तय
notice-subject-confirmed = मुलाकात तय: { $post }, { $when }
notice-lead-confirmed = आपकी मुलाकात तय हो गई है।
notice-sms-confirmed = मुलाकात तय: { $post }, { $when }। पर्ची: { $link } ई-सचिवालय
notice-sms-confirmed-video = मुलाकात तय: { $post }, { $when }। जुड़ें: { $link } ई-सचिवालय

## समय बदला
notice-subject-moved = समय बदला: { $post }, अब { $when }
notice-lead-moved = आपकी मुलाकात का समय बदल गया है। पहले यह { $was } थी।
notice-sms-moved = मुलाकात अब { $when } को: { $post }। बदलें: { $link } ई-सचिवालय

## रद्द
notice-subject-cancelled = मुलाकात रद्द: { $post }, { $when }
notice-lead-cancelled = यह मुलाकात अब नहीं होगी। आप दूसरा समय ले सकते हैं।
notice-sms-cancelled = मुलाकात रद्द: { $post }, { $when }। दूसरा समय लें: { $link } ई-सचिवालय

## नहीं मिल सका
notice-subject-declined = यह समय नहीं मिल सका: { $post }
notice-lead-declined = यह मुलाकात अभी संभव नहीं है। कारण: { $reason }।
notice-sms-declined = यह समय नहीं मिल सका: { $reason }। देखें: { $link }
notice-sms-declined-alternative = यह समय नहीं मिल सका: { $reason }। विकल्प: { $alternative }। देखें: { $link }
notice-reason-other-office = विषय दूसरे कार्यालय का है
notice-reason-engaged = उस समय दूसरा काम है
notice-reason-decided = इस विषय पर निर्णय हो चुका है
notice-reason-incomplete = बात पूरी तरह नहीं लिखी गई है
notice-reason-unknown = कार्यालय ने कारण नहीं लिखा

## दूसरा समय
notice-subject-proposed = दूसरा समय: { $post }, { $when }
notice-lead-proposed = माँगा गया समय नहीं मिल सका। कार्यालय यह समय दे सकता है: { $proposed }। कृपया हाँ या नहीं बताएँ।
notice-sms-proposed = { $post }: { $when } का समय मिल सकता है। हाँ या नहीं बताएँ: { $link } ई-सचिवालय

## कार्यालय को
notice-subject-desk-request = नया अनुरोध: { $name }, { $when }
notice-lead-desk-request = मिलने का एक नया अनुरोध आपकी कार्यसूची में है।
notice-sms-desk-request = नया अनुरोध { $reference }: { $when }। कार्यसूची: { $link }

## अधिकारी बाहर हैं: दूसरा समय
notice-subject-displaced = नया समय: { $post }, अब { $when }
notice-lead-displaced = { $was } की मुलाकात उस समय नहीं हो सकेगी। कारण: { $reason }। नया समय आपके लिए रख लिया गया है। वह ठीक न हो तो लिंक से दूसरा समय चुनें, वीडियो से मिलें या रद्द करें।
notice-sms-displaced = मुलाकात अब { $when } को: { $post }। कारण: { $reason }। बदलें: { $link }
notice-subject-waiting = समय अभी नहीं मिला: { $post }, { $when }
notice-lead-waiting = { $when } की मुलाकात नहीं हो सकेगी। कारण: { $reason }। आपकी बारी सुरक्षित है: जो समय पहले खाली होगा, वह आपको दिया जाएगा।
notice-sms-waiting = { $when } की मुलाकात नहीं होगी: { $reason }। नए समय में आप सबसे आगे हैं। { $link }
notice-subject-drawn = ड्रॉ का परिणाम: { $post }
notice-lead-drawn = ड्रॉ में ये समय दूसरों को मिले। आप ड्रॉ के क्रम में प्रतीक्षा सूची में हैं: जो समय खाली होगा, वह बारी आने पर आपको दिया जाएगा।
notice-sms-drawn = ड्रॉ में समय दूसरों को मिले। आप प्रतीक्षा सूची में हैं। { $link }
notice-away-assembly = विधान सभा का सत्र
notice-away-meeting = आकस्मिक बैठक
notice-away-tour = क्षेत्र का दौरा
notice-away-calamity = आपदा या विधि-व्यवस्था
notice-away-election = चुनाव का काम
notice-away-leave = अवकाश
notice-away-handover = पद पर नए अधिकारी आए हैं, उस समय उनका दूसरा कार्य है
notice-away-holiday = उस दिन छुट्टी है
notice-away-unknown = अधिकारी बाहर हैं
notice-link-choose = समय चुनें या रद्द करें

## वीडियो से
notice-subject-switched = अब वीडियो से: { $post }, { $when }
notice-lead-switched = आकस्मिक व्यवस्था: यह मुलाकात उसी समय वीडियो से होगी। दफ़्तर न आएँ।
notice-sms-switched = { $when } की मुलाकात अब वीडियो से होगी। दफ़्तर न आएँ। जुड़ें: { $link } ई-सचिवालय
notice-subject-switched-back = फिर दफ़्तर आकर: { $post }, { $when }
notice-lead-switched-back = आकस्मिक व्यवस्था समाप्त हुई। यह मुलाकात उसी समय दफ़्तर में होगी। पर्ची और पहचान-पत्र साथ लाएँ।
notice-sms-switched-back = { $when } की मुलाकात फिर दफ़्तर में होगी: { $post }। पर्ची: { $link } ई-सचिवालय
notice-subject-switched-telephone = अब फ़ोन पर: { $post }, { $when }
notice-lead-switched-telephone = यह मुलाकात उसी समय फ़ोन पर होगी। कार्यालय आपके नंबर पर फ़ोन करेगा; फ़ोन चालू रखें।
notice-sms-switched-telephone = { $when } की मुलाकात अब फ़ोन पर होगी। कार्यालय आपको फ़ोन करेगा। पर्ची: { $link } ई-सचिवालय

## दूसरा पद
notice-subject-redirected = आपसे मिलेंगे: { $post }, { $when }
notice-lead-redirected = आपका अनुरोध { $from } से सही पद को भेजा गया है। कारण: { $reason }। पर्ची संख्या वही है।
notice-sms-redirected = आपसे अब { $post } मिलेंगे: { $when }। देखें: { $link } ई-सचिवालय

## प्रश्न
notice-subject-question = कार्यालय ने पूछा है: { $post }
notice-lead-question = आपके अनुरोध पर कार्यालय पूछता है: { $question }
notice-sms-question = अनुरोध { $reference }: कार्यालय ने कुछ पूछा है। उत्तर दें: { $link } ई-सचिवालय
notice-subject-desk-answer = उत्तर आया: { $name }, { $when }
notice-lead-desk-answer = आपके प्रश्न का उत्तर कार्यसूची में है।
notice-sms-desk-answer = अनुरोध { $reference } का उत्तर आया: { $when }। कार्यसूची: { $link }
notice-subject-desk-late = 24 घंटे में उत्तर नहीं: { $name }, { $when }
notice-lead-desk-late = इस अनुरोध का उत्तर समय पर नहीं दिया गया, इसलिए यह आपकी कार्यसूची में आ गया है।
notice-sms-desk-late = अनुरोध { $reference } को 24 घंटे में उत्तर नहीं मिला। कार्यसूची: { $link }

## पहले का समय
notice-subject-offered = पहले का समय: { $post }, { $when }
notice-lead-offered = { $offered } का समय खाली हुआ है और { $until } तक आपके लिए रखा है। लेना हो तो बताएँ। न लें तो आपका अभी का समय बना रहेगा।
notice-sms-offered = पहले का समय { $when } आपके लिए { $until } तक रखा है। हाँ या नहीं: { $link }

## मुलाकात के बाद
notice-day-short = { $day } { $month }
notice-row-direction = निदेश
notice-row-acts = कार्रवाई करेंगे
notice-row-due = नियत तिथि
notice-subject-outcome-direction = आपकी बात का सार: { $acts } को निदेश, { $due } तक
notice-lead-outcome-direction = आपकी बात सुनी गई और निदेश दिया गया है। नियत तिथि के बाद हम आपसे पूछेंगे कि काम हुआ या नहीं।
notice-sms-outcome-direction = { $reference }: { $acts } को निदेश दिया गया। नियत तिथि { $due }। देखें: { $link }
notice-subject-outcome-forward = आपकी बात का सार: आगे { $acts } मिलेंगे
notice-lead-outcome-forward = आपकी बात सुनी गई और सही पद को भेजी गई है। नई मुलाकात की पर्ची अलग से आ रही है।
notice-sms-outcome-forward = { $reference }: आपकी बात { $acts } को भेजी गई। देखें: { $link }
notice-subject-outcome-not-possible = आपकी बात का सार: यह काम यहाँ संभव नहीं
notice-lead-outcome-not-possible = आपकी बात सुनी गई। यह काम संभव नहीं है। कारण: { $reason }।
notice-sms-outcome-not-possible = { $reference }: यह काम संभव नहीं। कारण: { $reason }। देखें: { $link }
notice-impossible-not-ours = यह इस पद के अधिकार में नहीं है
notice-impossible-court = मामला न्यायालय में है
notice-impossible-rules = नियमों में इसका प्रावधान नहीं है
notice-impossible-papers = ज़रूरी काग़ज़ नहीं हैं
notice-impossible-absent = मुलाकात में बात नहीं हो सकी
notice-impossible-unknown = कारण पर्ची पर देखें
notice-subject-outcome-ask = क्या काम हुआ? { $post }
notice-lead-outcome-ask = नियत तिथि { $due } थी। क्या यह काम हो गया? हाँ या अभी नहीं: एक बटन दबाकर बताएँ।
notice-sms-outcome-ask = क्या काम हुआ? { $reference }: हाँ या अभी नहीं बताएँ: { $link } ई-सचिवालय
notice-subject-desk-direction = नया निदेश: { $due } तक
notice-lead-desk-direction = आपके पद को एक निदेश मिला है: { $text }
notice-sms-desk-direction = नया निदेश, { $reference }: { $due } तक। कार्यसूची: { $link }
notice-subject-desk-reopened = काम अभी बाकी है: { $due } तक
notice-lead-desk-reopened = नागरिक ने बताया है कि यह काम अभी नहीं हुआ: { $text }
notice-sms-desk-reopened = काम अभी बाकी, { $reference }: { $due } तक। कार्यसूची: { $link }

## अधिकारी को देर
notice-subject-delayed = नया समय लगभग { $about }: { $post }
notice-lead-delayed = अधिकारी अभी बैठक में हैं। आपसे अब लगभग { $about } मिलेंगे। आपकी बारी सुरक्षित है।
notice-sms-delayed = अधिकारी अभी बैठक में हैं। नया समय लगभग { $about }। आपकी बारी सुरक्षित है।
notice-link-turn = अपनी बारी देखें

## कैलेंडर
notice-calendar-summary = मुलाकात: { $post }
notice-calendar-reminder = एक घंटे में मुलाकात: { $post }
