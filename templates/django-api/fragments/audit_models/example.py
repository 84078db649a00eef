"catalog.Product": ("name", "sku", "price", "stock", "is_active", "category_id"),
