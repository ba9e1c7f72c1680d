"""gunicorn's door: `gunicorn wsgi:app`."""

import gc

from hub import create_app
from hub.web import warming

app = create_app()

# No officer waits for a template that nobody has opened yet.
for name in app.jinja_env.list_templates(extensions=("html",)):
    app.jinja_env.get_template(name)

warming.in_the_background()

# What was loaded at the start stays: no full collection has to walk it while a request waits.
gc.collect()
gc.freeze()
# A page makes thousands of short-lived objects; looked through every 700, a twentieth of its time.
gc.set_threshold(20_000, 20, 20)
