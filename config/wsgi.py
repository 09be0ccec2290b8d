"""The application that the web server calls."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()  # first: it loads the applications
application = import_string("jalons.collection.submissions.door.Door")(django)
