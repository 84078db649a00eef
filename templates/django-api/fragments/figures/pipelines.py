"sales": "apps.pipelines.figures.sales",
