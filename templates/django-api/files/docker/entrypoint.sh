#!/bin/sh
# What the container does: `web` and `migrate`; anything else is run as it is.
set -eu

case "${1:-web}" in
    web)
        exec gunicorn --config config/gunicorn.conf.py config.wsgi
        ;;
    migrate)
        exec python manage.py migrate --noinput
        ;;
    *)
        exec "$@"
        ;;
esac
