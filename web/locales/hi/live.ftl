# मुलाकात, संपर्क पटल और कक्ष के शब्द

## जुड़ने का पन्ना
live-join-title = मुलाकात से जुड़ें
live-join-with = { $post } से मुलाकात
live-join-digits-label = मोबाइल के आख़िरी चार अंक, या पर्ची का PIN लिखें
live-join-digits-hint = वही मोबाइल, जो समय लेते समय दिया था। मोबाइल नहीं है तो पर्ची पर लिखा 6 अंकों का PIN।
live-join-back = लिंक खो जाए तो: किसी भी फ़ोन पर «मेरी मुलाकात» खोलें और पर्ची संख्या और PIN लिखें।
live-join-digits-button = आगे बढ़ें
live-join-digits-empty = मोबाइल के चार अंक या पर्ची के PIN के छह अंक लिखें।
live-join-digits-wrong = ये अंक इस मुलाकात के मोबाइल या PIN से नहीं मिलते। { $n } बार और कोशिश कर सकते हैं।
live-join-digits-locked = बहुत बार कोशिश हो चुकी है। कुछ देर बाद फिर कोशिश करें या मदद से पूछें।
live-join-not-video = यह मुलाकात वीडियो से नहीं है।
live-join-not-confirmed = यह मुलाकात अभी तय नहीं हुई है। तय होते ही आपको सूचना मिलेगी।
live-join-over = यह मुलाकात अब नहीं होगी।
live-join-noscript = इस पन्ने पर वीडियो के लिए ब्राउज़र में JavaScript चालू होना चाहिए। मदद के लिए नीचे दिए नंबर पर फ़ोन करें।

## तैयारी
live-preview-title = तैयार हैं?
live-preview-picture = आपकी अपनी तस्वीर
live-preview-no-picture = कैमरा चालू नहीं है
live-preview-level = आपकी आवाज़ का स्तर
live-preview-speak = कुछ बोलें: पट्टी हिले तो आपकी आवाज़ पहुँच रही है।
live-preview-test-sound = आवाज़ जाँचें: दो सुर सुनाई देंगे
live-preview-devices = कैमरा और माइक चुनें
live-preview-camera = कैमरा
live-preview-microphone = माइक
live-preview-speaker = आवाज़ कहाँ सुनाई दे
live-preview-again = फिर कोशिश करें
live-preview-join-citizen = प्रतीक्षा कक्ष में जाएँ
live-preview-join-officer = मुलाकात में जाएँ
live-preview-cost = 15 मिनट: वीडियो लगभग 45-110 MB, केवल आवाज़ लगभग 8 MB।
live-no-recording = यह बातचीत रिकॉर्ड नहीं होती।
live-joining = जुड़ रहे हैं…

## प्रतीक्षा
live-js-speaks = { $name } बोल रहे हैं
live-waiting-leave = बाहर जाएँ

## मुलाकात
live-meeting-title = मुलाकात
live-meeting-alone = अभी यहाँ और कोई नहीं है।
live-meeting-alone-officer = जब कोई अंदर आएगा, यहाँ दिखेगा।
live-own-picture = आपकी तस्वीर
live-camera-is-off = कैमरा बंद है
live-microphone-is-off = माइक बंद है
live-end = समाप्त
live-end-question = मुलाकात समाप्त करें?
live-end-all = सबके लिए समाप्त करें
live-end-leave = केवल मैं बाहर जाऊँ
live-end-back = पीछे
live-reconnecting = फिर से जुड़ रहे हैं। आपकी बारी सुरक्षित है।
live-unlock-title = आवाज़ बंद है
live-unlock = आवाज़ चालू करें
live-lobby-title = प्रतीक्षा में
live-lobby-empty = अभी कोई प्रतीक्षा में नहीं है।
live-lobby-admit = अंदर बुलाएँ
live-lobby-deny = अभी नहीं
live-lobby-note = बातचीत अधिकारी के पन्ने पर होती है। यहाँ प्रतीक्षा कक्ष और लिखी हुई बातें दिखती हैं।

## अंत
live-ended-title = मुलाकात समाप्त हुई
live-ended-text = आने के लिए धन्यवाद। आगे की सूचना आपके मोबाइल पर आएगी।
live-ended-text-officer = सबके लिए समाप्त हो गई।
live-left-title = आप बाहर आ गए हैं
live-left-text = मुलाकात अभी चल रही हो तो 10 मिनट के अंदर लौट सकते हैं।
live-left-return = वापस जाएँ
live-denied-title = अभी मुलाकात नहीं हो सकी
live-denied-text = अधिकारी अभी आपसे नहीं मिल पा रहे हैं। दूसरा समय लेने के लिए आरंभ पर जाएँ या मदद से पूछें।
live-refused-title = यह पन्ना अभी नहीं जुड़ सका
live-refused-again = फिर कोशिश करें

## संपर्क पटल
live-board-title = संपर्क पटल
live-board-field = नंबर या पद लिखें
live-board-hint = नंबर लिखकर Enter दबाएँ, या पद को छुएँ। तीर के बटनों से पदों पर चलें।
live-board-loading = पद आ रहे हैं…

## कक्ष
live-chamber-title = कक्ष
live-chamber-camera-off = कैमरा बंद
live-chamber-camera-off-text = जब तक आप स्वीकार न करें, यहाँ से न तस्वीर जाती है न आवाज़।
live-ready = कैमरा तैयार रखें
live-ready-text = बत्ती जलती रहेगी और बात तुरंत शुरू होगी। आपके स्वीकार से पहले कुछ नहीं जाता।
live-chamber-presence = आप कहाँ हैं?
live-chamber-available = उपलब्ध
live-chamber-away = कक्ष में नहीं
live-chamber-others = किसी और से बात करें
live-chamber-sound = घंटी की आवाज़ चालू करें
live-chamber-permission = कैमरे और माइक की अनुमति अभी दे दें

## घंटी और बातचीत
live-call-ringing = घंटी बज रही है…
live-call-cancel = घंटी रोकें
live-call-wants = आपसे बात करना चाहते हैं
live-call-incoming-private = छोटी तस्वीर में आप हैं। स्वीकार करने तक आपको कोई देख या सुन नहीं सकता।
live-call-accept = स्वीकार
live-call-later = 2 मिनट बाद
live-call-telephone = फ़ोन पर बात करें

## पन्ने की लिपि के शब्द
live-js-device = उपकरण { $n }
live-js-microphone-on = माइक चालू करें
live-js-microphone-off = माइक बंद करें
live-js-camera-on = कैमरा चालू करें
live-js-camera-off = कैमरा बंद करें
live-js-camera-is-off = कैमरा बंद है
live-js-camera-stands-ready = कैमरा तैयार है, यहाँ से कुछ नहीं जाता
live-js-camera-stands-off = कैमरा बंद
live-js-picture-coming = तस्वीर आ रही है…
live-js-picture-none = तस्वीर नहीं आ रही है
live-js-camera-denied = कैमरे की अनुमति नहीं मिली। आप केवल आवाज़ से भी जुड़ सकते हैं।
live-js-camera-missing = कैमरा नहीं मिला। आप केवल आवाज़ से भी जुड़ सकते हैं।
live-js-camera-busy = दूसरा ऐप कैमरा ले रहा है: उसे बंद करके फिर कोशिश करें, या केवल आवाज़ से जुड़ें।
live-js-camera-unsupported = इस ब्राउज़र में कैमरा नहीं चलता।
live-js-camera-insecure = यह पन्ना सुरक्षित पते (https) से खोलें।
live-js-camera-failed = कैमरा चालू नहीं हुआ। आप केवल आवाज़ से भी जुड़ सकते हैं।
live-js-microphone-denied = माइक की अनुमति नहीं मिली। पते के पास बने ताले को छूकर अनुमति दें।
live-js-microphone-missing = माइक नहीं मिला। आप सुन सकेंगे, पर आपकी आवाज़ नहीं जाएगी।
live-js-microphone-busy = दूसरा ऐप माइक ले रहा है: उसे बंद करके फिर कोशिश करें।
live-js-microphone-unsupported = इस ब्राउज़र में माइक नहीं चलता।
live-js-microphone-insecure = यह पन्ना सुरक्षित पते (https) से खोलें।
live-js-microphone-failed = माइक चालू नहीं हुआ। फिर कोशिश करें।
live-js-both-denied = कैमरे और माइक की अनुमति नहीं मिली। पते के पास बने ताले को छूएँ, अनुमति दें और «फिर कोशिश करें» दबाएँ। बिना अनुमति आप केवल देख और सुन सकेंगे।
live-js-both-missing = कैमरा और माइक नहीं मिले। आप देख और सुन सकेंगे, पर आपकी आवाज़ नहीं जाएगी।
live-js-both-busy = दूसरा ऐप कैमरा और माइक ले रहा है: उसे बंद करके फिर कोशिश करें।
live-js-both-unsupported = इस ब्राउज़र में वीडियो नहीं चलता। इस लिंक को Chrome में खोलें, या मदद के नंबर पर फ़ोन करें।
live-js-both-insecure = वीडियो केवल सुरक्षित पते (https) से चलता है। यह पन्ना https से खोलें।
live-js-both-failed = कैमरा और माइक चालू नहीं हुए। फिर कोशिश करें।
live-js-joining = जुड़ रहे हैं…
live-js-place = आप क्रमांक { $n } पर हैं
live-js-place-next = अब आपकी बारी है
live-js-admitted = अधिकारी आपसे जुड़ रहे हैं
live-js-reconnecting = फिर से जुड़ रहे हैं। आपकी बारी सुरक्षित है।
live-js-quality-good = नेटवर्क अच्छा है
live-js-quality-weak = नेटवर्क कमज़ोर है
live-js-quality-bad = नेटवर्क बहुत कमज़ोर है
live-js-quality-voice = नेटवर्क कमज़ोर है। आवाज़ चालू है, आपका वीडियो रोका गया है।
live-js-ended = मुलाकात समाप्त हुई
live-js-left = आप बाहर आ गए हैं
live-js-denied = अधिकारी अभी आपसे नहीं मिल पा रहे हैं
live-js-refused = कुछ ठीक नहीं हुआ। थोड़ी देर बाद फिर कोशिश करें।
live-js-refused-replaced = यह पन्ना आपने दूसरी जगह खोला है। यहाँ चलाना हो तो «फिर कोशिश करें» दबाएँ।
live-js-refused-too-early = मुलाकात का समय अभी नहीं हुआ है। यह पन्ना खुला रखें, दरवाज़ा खुलते ही आप प्रतीक्षा कक्ष में होंगे।
live-js-refused-too-late = इस मुलाकात का समय पूरा हो चुका है।
live-js-refused-unknown-meeting = यह मुलाकात नहीं मिली।
live-js-refused-meeting-full = इस मुलाकात में और जगह नहीं है।
live-js-refused-sign-in-needed = पहले पहचान बताएँ: अपना लिंक फिर से खोलें।
live-js-refused-session-ended = आपका प्रवेश समाप्त हो गया है। फिर से प्रवेश करें।
live-js-refused-not-allowed = इस पन्ने के लिए आपके पद को अनुमति नहीं है।
live-js-came = { $name } प्रतीक्षा कक्ष में आए हैं
live-js-admit-name = { $name } को अंदर बुलाएँ
live-js-deny-name = { $name }: अभी नहीं
live-js-deny-sure = पक्का? वे लौट नहीं सकेंगे
live-js-since = { $n } मिनट से प्रतीक्षा में
live-js-since-now = अभी आए हैं
live-js-rings = { $post } के यहाँ घंटी बज रही है…
live-js-incoming = { $post } आपसे बात करना चाहते हैं
live-js-in-call = { $post } से बात हो रही है
live-js-line-down = अभी संपर्क नहीं है। फिर से जुड़ रहे हैं…
live-js-ring-failed = घंटी नहीं जा सकी। फिर कोशिश करें।
live-js-call-ended = बातचीत समाप्त हुई
live-js-call-lost = संपर्क टूट गया। चाहें तो फिर घंटी दें।
live-js-call-declined-later = { $post }: 2 मिनट बाद बात करेंगे
live-js-call-declined-telephone = { $post }: फ़ोन पर बात करना चाहते हैं
live-js-call-declined-busy = { $post }: अभी बात नहीं कर सकते
live-js-call-cancelled = { $post } की घंटी रुक गई
live-js-call-missed = { $post }: घंटी का उत्तर नहीं मिला
live-js-call-busy = { $post } अभी दूसरी बात या बैठक में हैं
live-js-call-unavailable = { $post }: कक्ष अभी जुड़ा नहीं है
live-js-presence-available = उपलब्ध
live-js-presence-away = कक्ष में नहीं
live-js-presence-in-meeting = मुलाकात में हैं
live-js-presence-in-call = बात कर रहे हैं
live-js-presence-offline = जुड़े नहीं हैं
live-js-presence-vacant = पद रिक्त
live-js-enter-rings = Enter: { $post } को घंटी
live-js-found = { $n } पद मिले
live-js-nobody-found = कोई पद नहीं मिला
