# The page on which somebody tries whether video will work.
check-title = Will video work here?
check-needs-title = What video needs
check-needs-browser = A recent browser: Chrome, Firefox, Edge or Safari.
check-needs-devices = A camera and a microphone, and leave in the browser to use them.
check-needs-network = The Internet. Best with UDP port { $port } open; otherwise TCP port 443 is enough.
