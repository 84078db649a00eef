beat)
    exec celery --app config beat --loglevel "${LOG_LEVEL:-INFO}" --pidfile ""
    ;;
