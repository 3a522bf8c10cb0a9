# सबके लिए खुले पन्ने: कौन, कब मिलेंगे; कार्य सूची; पोस्टर
face-title = कौन, कब मिलेंगे
face-offices = सभी कार्यालय
face-offices-text = कार्यालय चुनें और देखें कि वहाँ कौन किस दिन मिलते हैं।
face-kind-top = राज्य के कार्यालय
face-kind-department = विभाग
face-kind-division = प्रमंडल
face-kind-district = ज़िले
face-kind-minister-office = मंत्रियों के कार्यालय
face-link = कौन, कब मिलेंगे: सभी कार्यालयों के दिन और समय
face-who = कौन
face-week = मिलने के दिन और समय
face-no-week = साप्ताहिक समय तय नहीं है
face-days = { $first } से { $last }
face-hours = { $days }: { $hours }
face-next = सबसे पहला ख़ाली समय
face-none-free = अभी कोई समय ख़ाली नहीं है। कल फिर देखें।
face-vacant = इस पद पर अभी कोई अधिकारी नहीं है।
face-notes = ध्यान दें
face-away = { $from } से { $to } तक बाहर रहेंगे
face-closed = { $day } को बंद: { $name }
face-without-title = फ़ोन या इंटरनेट नहीं है?
face-poster-link = दीवार पर लगाने का पोस्टर (A3)
face-poster-how = मिलने का समय कैसे लें
face-poster-qr = समय लेने के पन्ने का QR कोड
face-poster-scan = फ़ोन के कैमरे से यह कोड देखें, या यह पता खोलें:
face-poster-centre = फ़ोन नहीं है? नज़दीकी जन सेवा केंद्र पर पहचान-पत्र लेकर जाएँ।
face-list-title = मुलाकातों की सूची
face-list-count = { $n ->
    [one] { $n } मुलाकात तय है
   *[other] { $n } मुलाकातें तय हैं
}
face-list-empty = इस दिन के लिए अभी कोई मुलाकात तय नहीं है।
face-list-number = क्रम
face-list-time = समय
face-list-name = नाम
face-list-channel = कैसे
face-list-hint = कल की सूची हर शाम 6 बजे आती है। नाम के केवल पहले अक्षर दिखाए जाते हैं।
face-list-calendar = कैलेंडर में जोड़ें
face-list-json = कंप्यूटर प्रोग्राम के लिए (JSON)
face-list-summary = { $number }. { $name } – { $post }
face-suggested-title = आपके काम के लिए
face-suggested-text = पास का कार्यालय पहले:
face-suggested-district = अपने ज़िले का नाम भी लिखें, तो ज़िलाधिकारी भी यहाँ दिखेंगे।
