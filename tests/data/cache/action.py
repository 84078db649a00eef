"""Writes action.txt: an ActionResult as another implementation of protocol buffers writes it, from a description made by hand after
build/bazel/remote/execution/v2/remote_execution.proto. Run with `python3 tests/data/cache/action.py > tests/data/cache/action.txt`; needs `protobuf`.

`python3 tests/data/cache/action.py read FILE` prints what such a file says, as JSON."""

import hashlib
import json
import sys

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, message_factory, wrappers_pb2
from google.protobuf.json_format import MessageToDict

Field = descriptor_pb2.FieldDescriptorProto
PACKAGE = "build.bazel.remote.execution.v2"


def describe():
    file = descriptor_pb2.FileDescriptorProto(name="remote_execution.proto", package=PACKAGE, syntax="proto3")
    file.dependency.extend(f"google/protobuf/{name}.proto" for name in ("any", "duration", "wrappers"))
    kinds = {"string": Field.TYPE_STRING, "bytes": Field.TYPE_BYTES, "int64": Field.TYPE_INT64, "int32": Field.TYPE_INT32,
             "bool": Field.TYPE_BOOL}
    messages = {
        "Digest": [("hash", 1, "string"), ("size_bytes", 2, "int64")],
        "NodeProperties": [("unix_mode", 3, ".google.protobuf.UInt32Value")],
        "OutputFile": [("path", 1, "string"), ("digest", 2, "Digest"), ("is_executable", 4, "bool"),
                       ("contents", 5, "bytes"), ("node_properties", 7, "NodeProperties")],
        "OutputSymlink": [("path", 1, "string"), ("target", 2, "string"), ("node_properties", 4, "NodeProperties")],
        "ExecutedActionMetadata": [("worker", 1, "string"), ("auxiliary_metadata", 11, "*.google.protobuf.Any"),
                                   ("virtual_execution_duration", 12, ".google.protobuf.Duration")],
        "ActionResult": [("output_files", 2, "*OutputFile"), ("exit_code", 4, "int32"), ("stdout_raw", 5, "bytes"),
                         ("stdout_digest", 6, "Digest"), ("stderr_raw", 7, "bytes"), ("stderr_digest", 8, "Digest"),
                         ("execution_metadata", 9, "ExecutedActionMetadata"), ("output_symlinks", 12, "*OutputSymlink")],
    }
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            is_list = kind.startswith("*")
            kind = kind.lstrip("*")
            added = message.field.add(name=field, number=number)
            added.label = Field.LABEL_REPEATED if is_list else Field.LABEL_OPTIONAL
            if kind in kinds:
                added.type = kinds[kind]
            else:
                added.type = Field.TYPE_MESSAGE
                added.type_name = kind if kind.startswith(".") else f".{PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    for known in (any_pb2, duration_pb2, wrappers_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    kind = pool.FindMessageTypeByName(f"{PACKAGE}.ActionResult")
    # Before 4.22 a factory had to be made.
    make = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    return make(kind)


def fill(digest, content):
    digest.hash = hashlib.sha256(content).hexdigest()
    digest.size_bytes = len(content)


def write():
    result = describe()()
    for path, content, mode in (("out/all", b"AB", 0o644), ("out/tool", b"#!/bin/sh\n", 0o755), ("empty", b"", 0o600)):
        file = result.output_files.add(path=path, is_executable=bool(mode & 0o111))
        fill(file.digest, content)
        file.node_properties.unix_mode.value = mode
    result.output_symlinks.add(path="out/latest", target="all")
    result.stdout_raw = b"joined\n"
    fill(result.stderr_digest, b"long")
    order = bytes([3 << 1, 4 << 1 | 1, 4 << 1])
    seal = hashlib.sha256(result.SerializeToString(deterministic=True) + order).digest()
    result.execution_metadata.worker = "prodev"
    result.execution_metadata.auxiliary_metadata.add(
        type_url="type.googleapis.com/prodev.cache.v1.Details",
        value=bytes([1 << 3 | 2, len(order)]) + order + bytes([2 << 3 | 2, len(seal)]) + seal)
    result.execution_metadata.virtual_execution_duration.seconds = 1
    result.execution_metadata.virtual_execution_duration.nanos = 500_000_000
    print("# Written by action.py, with another implementation of protocol buffers.")
    digits = result.SerializeToString(deterministic=True).hex()
    for at in range(0, len(digits), 120):
        print(digits[at:at + 120])


def read(path):
    result = describe()()
    with open(path, "rb") as file:
        result.ParseFromString(file.read())
    # What prodev's own details are called is known to prodev alone.
    del result.execution_metadata.auxiliary_metadata[:]
    print(json.dumps(MessageToDict(result, preserving_proto_field_name=True)))


if __name__ == "__main__":
    read(sys.argv[2]) if len(sys.argv) == 3 else write()
