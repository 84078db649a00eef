from typing import Any

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "For programs; it does not change."},
                "message": {"type": "string", "description": "For people."},
                "request_id": {"type": "string", "description": "Find the request in the logs."},
                "fields": {
                    "type": "object",
                    "additionalProperties": {},
                    "description": "What is wrong with each field of the input.",
                },
            },
        },
    },
}
METHODS = {"get", "post", "put", "patch", "delete"}


def add_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Say of every operation that all its errors look alike."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for method in METHODS & path.keys():
            path[method]["responses"]["default"] = {"description": "An error", "content": content}
    return result
