"""What gunicorn serves."""

import logging
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
# The peer gives each of its loggers a handler of its own; here nobody reads them.
logging.disable(logging.CRITICAL)
