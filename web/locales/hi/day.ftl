# दिन बदलने पर: अधिकारी बाहर, सब वीडियो से, प्रतीक्षा सूची
day-span = { $from } से { $to } तक
day-away-link = अधिकारी बाहर हैं…
day-away-title = अधिकारी बाहर हैं
day-away-text = इस बीच की सब मुलाकातों को दूसरा समय दिया जाएगा। पहले दिखाया जाएगा कि किसका समय बदलेगा। अभी कुछ नहीं बदलेगा।
day-away-from = कब से
day-away-to = कब तक
day-away-when = कब
day-away-reason = कारण
day-away-authority = किसके आदेश से
day-away-authority-hint = आदेश संख्या, या किसने कहा। यह लिखा हुआ रहेगा।
day-away-preview = देखें कि किसका समय बदलेगा
day-away-standing = पहले से लिखा हुआ
day-away-from-empty = लिखें कि कब से बाहर हैं
day-away-to-empty = लिखें कि कब तक बाहर हैं
day-away-reason-empty = कारण चुनें
day-away-authority-empty = लिखें कि किसके आदेश से, अधिकतम 200 अक्षर
day-away-span = समय ठीक नहीं है: अंत आरंभ के बाद और आगे का हो, और 60 दिन से लंबा न हो
day-away-too-many = इस बीच 1,000 से अधिक मुलाकातें हैं। अवधि छोटी करें।
day-away-preview-title = किसका समय बदलेगा
day-away-change = तारीख़ बदलें
day-away-overtaken = इस बीच कुछ बदल गया। कुछ भी नहीं किया गया है। अभी की स्थिति नीचे है।
day-away-count-hit = { $n ->
    [one] { $n } मुलाकात इस बीच है
   *[other] { $n } मुलाकातें इस बीच हैं
}
day-away-count-before = { $n } का समय पहले भी बदला गया है। उन्हें सबसे पहले समय मिलेगा।
day-away-count-video = { $n ->
    [one] { $n } वीडियो से है
   *[other] { $n } वीडियो से हैं
}
day-away-count-moved = { $n } को नया समय
day-away-count-waiting = { $n ->
    [one] { $n } को अभी समय नहीं मिलेगा; वे प्रतीक्षा सूची में सबसे आगे रहेंगे
   *[other] { $n } को अभी समय नहीं मिलेगा; वे प्रतीक्षा सूची में सबसे आगे रहेंगे
}
day-away-before = पहले { $n } बार बदला गया
day-away-was = पुराना समय
day-away-new = नया समय
day-away-keeps = माँगा समय बना रहेगा, सुझाव वापस
day-away-waits = प्रतीक्षा सूची में सबसे आगे
day-away-button = सबको नया समय दें और सूचना भेजें
day-away-button-hint = हर नागरिक को लिंक मिलेगा: नया समय लें, दूसरा चुनें, वीडियो से मिलें या रद्द करें। 10 मिनट तक सब वापस किया जा सकता है।
day-away-done-title = नए समय दे दिए गए
day-away-undone-title = वापस किया गया
day-away-done = नए समय दे दिए गए। सूचना भेजी जा रही है।
day-away-undone = पुराने समय लौटा दिए गए। सूचना भेजी जा रही है।
day-away-late = अब यह वापस नहीं किया जा सकता। नए समय बने रहेंगे।
day-away-undo = सब वापस करें
day-away-undo-until = { $clock } तक वापस किया जा सकता है। जिसने इस बीच ख़ुद समय बदला, उसका समय नहीं बदलेगा।
day-press-link = प्रेस सूचना
day-press-title = सूचना
day-press-print = छापें
day-press-away = { $post } { $span } लोगों से नहीं मिल सकेंगे। कारण: { $reason }।
day-press-told = इस बीच जिनकी मुलाकात थी, उन्हें नया समय दे दिया गया है। सूचना उनके मोबाइल पर भेजी गई है।
day-press-again = नया समय ठीक न हो तो संदेश के लिंक से दूसरा समय चुनें या वीडियो से मिलें। दोबारा अनुरोध न करें; आपकी बारी सुरक्षित है।
day-press-free = यह सेवा मुफ़्त है। किसी को पैसे न दें। मदद: 1800-000-0000।
day-press-authority = आदेश: { $authority }
day-press-date = दिनांक: { $day }
day-times-waiting = आपका पुराना समय अब नहीं है। इनमें से कोई समय चुनें, या प्रतीक्षा करें: जो समय पहले खाली होगा, वह आपको दिया जाएगा।
day-slip-waiting = नया समय जल्द मिलेगा
day-slip-waiting-next = आप प्रतीक्षा सूची में सबसे आगे हैं। जो समय पहले खाली होगा, वह आपको दिया जाएगा। चाहें तो अभी ख़ुद समय चुनें।
day-slip-fallen = { $was } की मुलाकात उस समय नहीं हो सकती। कारण: { $reason }।
day-slip-now = नया समय: { $when }।
day-slip-agree = नया समय ठीक है
day-slip-video = वीडियो से मिलें
day-switch-link = सब वीडियो से…
day-switch-title = आकस्मिक व्यवस्था: सब मुलाकातें वीडियो से
day-switch-text = इस कार्यालय और इसके नीचे के सब कार्यालयों में दफ़्तर आकर होने वाली मुलाकातें उसी समय वीडियो से होंगी। पहले दिखाया जाएगा कि कितनी हैं। अभी कुछ नहीं बदलेगा।
day-switch-preview = देखें कि कितनी मुलाकातें हैं
day-switch-reach = { $scope }: { $posts } पदों की { $n } मुलाकातें वीडियो से होंगी।
day-switch-button = सब वीडियो से करें और सूचना भेजें
day-switch-hint = समय और पर्ची संख्या वही रहेगी। पुराने गेट पास नहीं चलेंगे। बाद में वापस किया जा सकता है।
day-switch-standing = अभी लागू
day-switch-undo = वापस दफ़्तर में करें
day-switch-done = सब मुलाकातें वीडियो से कर दी गईं। सूचना भेजी जा रही है।
day-switch-undone = मुलाकातें फिर दफ़्तर में होंगी। सूचना भेजी जा रही है।
day-switch-late = यह पहले ही वापस किया जा चुका है।
day-slip-due = उत्तर { $when } तक मिलेगा। न मिले तो अनुरोध अपने आप ऊपर के अधिकारी के पास जाएगा।
day-slip-question = कार्यालय ने पूछा है:
day-slip-answer = उत्तर भेजें
day-slip-answer-empty = उत्तर लिखें, अधिकतम 200 अक्षर।
day-slip-offer = { $when } का समय खाली हुआ है। वह { $until } तक आपके लिए रखा है।
day-slip-offer-take = यह समय लें
day-slip-offer-refuse = मेरा समय ही ठीक है
day-slip-wait-tell = पहले का समय खाली हो तो बताएँ
day-slip-wait-enough = पहले का समय बताया जाएगा · अब न बताएँ

day-caps-link = अधिकतम संख्या
day-caps-title = कितने लोग मिल सकते हैं
day-caps-text = जो मिल चुका समय है, वह किसी से नहीं छिनता। संख्या पूरी होने पर नया समय नहीं दिया जाता।
day-caps-day = एक दिन में अधिकतम
day-caps-empty = खाली छोड़ें तो कोई सीमा नहीं
day-caps-citizen = एक व्यक्ति के पास आगे के अधिकतम समय
day-caps-citizen-hint = मोबाइल नंबर से गिना जाता है। खाली छोड़ें तो कोई सीमा नहीं।
day-caps-button = तय करें
day-caps-done = संख्या तय हो गई।
day-caps-bounds = 1 से { $most } तक की संख्या लिखें, या खाली छोड़ें
day-caps-above = इन दिनों में पहले से इससे अधिक लोगों का समय तय है:
day-caps-above-day = { $day }: { $n }
day-caps-above-next = संख्या अभी नहीं बदली है। इन सबका समय रहने दें और नया किसी को न दें, या बड़ी संख्या लिखें।
day-caps-keep = सबका समय रहने दें, संख्या घटाएँ
day-holiday-link = छुट्टियाँ…
day-holiday-title = छुट्टी घोषित करें
day-holiday-text = छुट्टी इस कार्यालय और इसके नीचे के सब कार्यालयों में होगी; उस दिन कोई नया समय नहीं मिलेगा। पहले से तय मुलाकातें अपने आप नहीं बदलेंगी: हर कार्यसूची पर दिखेगा कि किसका समय बदलना है।
day-holiday-date = तारीख़
day-holiday-name-hi = छुट्टी का नाम (हिन्दी)
day-holiday-name-en = छुट्टी का नाम (अंग्रेज़ी)
day-holiday-order = आदेश संख्या
day-holiday-button = छुट्टी घोषित करें
day-holiday-standing-title = घोषित छुट्टियाँ
day-holiday-none = आगे कोई छुट्टी घोषित नहीं है।
day-holiday-withdraw = छुट्टी वापस लें
day-holiday-declared = { $n ->
    [0] छुट्टी घोषित हुई। उस दिन कोई मुलाकात नहीं थी।
    [one] छुट्टी घोषित हुई। उस दिन { $n } मुलाकात है; उसे नया समय देना है।
   *[other] छुट्टी घोषित हुई। उस दिन { $n } मुलाकातें हैं; उन्हें नया समय देना है।
}
day-holiday-withdrawn = छुट्टी वापस ली गई। उस दिन फिर समय मिलेगा।
day-holiday-empty = तारीख़, दोनों नाम और आदेश संख्या लिखें।
day-holiday-day = तारीख़ आज या आगे की हो।
day-holiday-standing = उस दिन पहले से छुट्टी है।
day-holiday-struck = { $day } को छुट्टी है ({ $name })। उस दिन की मुलाकातें: { $n }
day-holiday-resettle = देखें कि किसका समय बदलेगा
