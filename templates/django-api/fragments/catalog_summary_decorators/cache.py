@CATALOG.value(timeout=300)
