"pipelines",
