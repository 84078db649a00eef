"new_products": "apps.catalog.figures.new_products",
