context["generation"] = CATALOG.current()
