# The page on which somebody tries whether video will work.
check-title = क्या यहाँ वीडियो चलेगा?
check-needs-title = वीडियो के लिए क्या चाहिए
check-needs-browser = कोई नया ब्राउज़र: Chrome, Firefox, Edge या Safari।
check-needs-devices = कैमरा और माइक्रोफ़ोन, और ब्राउज़र में उनकी अनुमति।
check-needs-network = इंटरनेट। UDP पोर्ट { $port } खुला हो तो सबसे अच्छा; नहीं तो TCP पोर्ट 443 काफ़ी है।
