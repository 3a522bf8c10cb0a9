# जब कुछ ठीक न चले: कोड नहीं आया, कैमरा नहीं खुला, वीडियो नहीं चलता, फ़ोन आ गया। हर बात के साथ आगे का रास्ता।

# कोड
help-code-sent = 6 अंकों का कोड इस नंबर पर भेजा गया है। वह 10 मिनट तक चलेगा।
help-code-change = बदलें
help-code-change-what = (मोबाइल नंबर)
help-code-mail-too = वही कोड ई-मेल से भी भेजा गया है: { $mail }
help-code-late-title = कोड नहीं आया?
help-code-late-kept = जो आपने लिखा है वह सुरक्षित है। कोड दूसरे रास्ते से भी मिल सकता है:
help-code-mail-label = ई-मेल पता: नया कोड वहाँ भी जाएगा
help-code-mail-button = ई-मेल से भेजें
help-code-call = फ़ोन करके बताएँ: 1800-000-0000, मुफ़्त। वहाँ से भी समय मिल सकता है।
help-code-centre = या जन सेवा केंद्र पर जाएँ: वहाँ कोड नहीं चाहिए, पर्ची और PIN मिलता है

# वीडियो की जगह फ़ोन
help-telephone = मुझे फ़ोन करें
help-telephone-hint = समय और बारी वही रहेगी। तय समय पर कार्यालय आपके नंबर पर फ़ोन करेगा।
help-telephone-centre = नज़दीकी केंद्र से वीडियो पर जुड़ें
help-telephone-done = अधिकारी आपको फ़ोन करेंगे। तय समय पर फ़ोन चालू रखें।
help-no-video = आपके फ़ोन पर वीडियो नहीं चलेगा।

# फ़ोन करना
help-dial-title = फ़ोन से बात करें
help-dial-button = डायल करें
help-dial-note = यह नंबर केवल इस बातचीत के लिए है। बात का परिणाम वैसे ही लिखें जैसे वीडियो के बाद।
help-dial-none = इस व्यक्ति ने कोई मोबाइल नंबर नहीं दिया है।

# साझा फ़ोन
help-who = क्या आप { $name } हैं?
help-who-yes = हाँ, मैं ही हूँ
help-who-others = नहीं। आज इसी नंबर पर और मुलाकातें:
help-who-pin = उनकी पर्ची का PIN
help-who-pin-hint = पर्ची पर लिखे 6 अंक
help-who-go = अपनी मुलाकात पर जाएँ
help-who-pin-empty = पर्ची के PIN के छह अंक लिखें।
help-who-pin-wrong = यह PIN उस पर्ची का नहीं है। { $n } बार और कोशिश कर सकते हैं।
help-who-none = इनमें से कोई नहीं? अपनी पर्ची का नंबर और PIN लिखें:

# बैठक से पहले: अनुमति और दूसरा ब्राउज़र
help-join-voice = केवल आवाज़ से जुड़ें
help-join-listen = केवल सुनें + लिखें
help-permission-picture = पते की पट्टी; जहाँ दबाना है वहाँ घेरा बना है
help-permission-chrome-phone-1 = सबसे ऊपर पते की बाईं ओर के निशान को दबाएँ।
help-permission-chrome-phone-2 = «अनुमतियाँ» में कैमरा और माइक चालू करें।
help-permission-chrome-phone-3 = यहाँ लौटकर «फिर कोशिश करें» दबाएँ।
help-permission-chrome-desktop-1 = पते की बाईं ओर के निशान पर क्लिक करें।
help-permission-chrome-desktop-2 = कैमरा और माइक्रोफ़ोन चालू करें।
help-permission-chrome-desktop-3 = यहाँ लौटकर «फिर कोशिश करें» दबाएँ।
help-permission-firefox-1 = पते के पास कटे हुए कैमरे या माइक के निशान को दबाएँ।
help-permission-firefox-2 = «रोका गया» के आगे × दबाकर रोक हटाएँ।
help-permission-firefox-3 = «फिर कोशिश करें» दबाएँ और पूछने पर «अनुमति दें» चुनें।
help-permission-samsung-1 = पते के पास ताले के निशान को दबाएँ।
help-permission-samsung-2 = «अनुमतियाँ» खोलकर कैमरा और माइक चालू करें।
help-permission-samsung-3 = यहाँ लौटकर «फिर कोशिश करें» दबाएँ।
help-permission-other-1 = पते के पास ताले या «aA» को दबाएँ; न मिले तो फ़ोन की सेटिंग में यह ब्राउज़र खोलें।
help-permission-other-2 = कैमरा और माइक की अनुमति दें।
help-permission-other-3 = यहाँ लौटकर «फिर कोशिश करें» दबाएँ।
help-elsewhere = शायद यह पन्ना किसी ऐप के भीतर खुला है, जहाँ कैमरा नहीं चलता। आपकी बारी इसी लिंक पर है और वहाँ भी वही रहेगी।
help-elsewhere-chrome = इस लिंक को Chrome में खोलें
help-elsewhere-share = नीचे शेयर का निशान (तीर वाला चौकोर) दबाएँ और «Safari में खोलें» चुनें।
help-elsewhere-copy = लिंक कॉपी करें
help-js-copied = लिंक कॉपी हो गया। Chrome खोलकर वहाँ चिपकाएँ।
help-js-copy-failed = कॉपी नहीं हुआ। ऊपर पते को दबाकर रखें और कॉपी करें।

# बातचीत के बीच
help-take-again = फिर चालू करें
help-js-interrupted-audio = माइक अभी किसी और काम में है, जैसे फ़ोन कॉल। वापस आने पर यहीं से: आपकी बारी सुरक्षित है।
help-js-interrupted-video = दूसरा ऐप कैमरा ले रहा है। आवाज़ चालू है; कैमरा खाली होते ही यहीं से।
help-js-interrupted-both = कैमरा और माइक अभी किसी और काम में हैं, जैसे फ़ोन कॉल। वापस आने पर यहीं से: आपकी बारी सुरक्षित है।
help-js-taken-again = फिर चालू हो गया।
help-back-waiting = वापस आने पर यहीं से: आपकी बारी सुरक्षित है।
help-howl = दो फ़ोन पास हैं: एक की आवाज़ बंद करें
help-howl-turns = बारी-बारी से बोलें
help-howl-hold = बोलते समय दबाए रखें
help-faint = का नेटवर्क बहुत कमज़ोर है। बारी सुरक्षित है।
help-faint-call = फ़ोन से बात करें
help-called-back = अधिकारी आपको फ़ोन करेंगे। फ़ोन पास रखें; आपकी बारी सुरक्षित है।

# पढ़कर सुनाना
help-aloud = सुनें

help-call-waiting = मुलाक़ात चलती रहेगी, जब तक आप न लें: अपने कक्ष की स्क्रीन पर, या यहाँ।
help-call-waiting-take = यहाँ लें
help-away-own = आप दूसरी बातचीत में गए हैं। यहाँ से कुछ न दिखता है, न सुनाई देता है; सामने वाले का समय रुका है।
help-come-back = मुलाक़ात में लौटें
help-js-call-waiting = { $post } बुला रहे हैं।
help-js-away = { $post } को ज़रूरी बुलावा आया है। वे लौटेंगे। यहीं रहें: आपका समय रुका है, बारी सुरक्षित है।
