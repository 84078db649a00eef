@CATALOG.page(timeout=300)
