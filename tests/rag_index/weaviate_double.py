"""A loopback Weaviate for the unmodified client: REST for the schema, gRPC for the data.

It proves the wire (what is sent and read), not the ranking: its BM25 counts shared words, its
nearest are exact. It can be stopped in the middle, ask for a key, and start again on its ports.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import numpy as np
from weaviate.proto.v1 import (
    base_pb2,
    batch_delete_pb2,
    batch_pb2,
    health_weaviate_pb2,
    search_get_pb2,
    weaviate_pb2_grpc,
)

Op = base_pb2.Filters


class Weaviate(weaviate_pb2_grpc.WeaviateServicer):
    """Its collections live as long as the object; `stop` and `start` take it off and back."""

    def __init__(self, key: str | None = None) -> None:
        self.key = key
        self.schema: dict[str, dict] = {}
        self.objects: dict[str, dict[str, tuple[dict, np.ndarray]]] = {}
        self.batches: list[int] = []
        self.filters: list[str] = []
        self.batches_left: int | None = None  # then it goes away
        self.before_delete = lambda: None
        self.port = self.grpc_port = 0
        self.running = self.leaving = False
        self.gone = threading.Event()
        self.gone.set()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def grpc_url(self) -> str:
        return f"http://127.0.0.1:{self.grpc_port}"

    def start(self) -> None:
        self.gone.wait(10)
        self.gone.clear()
        self.leaving = False
        self.rest = ThreadingHTTPServer(("127.0.0.1", self.port), _Rest)
        self.rest.double = self
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        weaviate_pb2_grpc.add_WeaviateServicer_to_server(self, self.server)
        reply = health_weaviate_pb2.WeaviateHealthCheckResponse
        check = grpc.unary_unary_rpc_method_handler(
            lambda request, context: reply(status=reply.SERVING),
            request_deserializer=health_weaviate_pb2.WeaviateHealthCheckRequest.FromString,
            response_serializer=reply.SerializeToString,
        )
        handler = grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": check})
        self.server.add_generic_rpc_handlers((handler,))
        self.grpc_port = self.server.add_insecure_port(f"127.0.0.1:{self.grpc_port}")
        self.server.start()
        self.port = self.rest.server_port
        threading.Thread(target=self.rest.serve_forever, args=(0.02,), daemon=True).start()
        self.running = True

    def stop(self) -> None:
        if self.running:
            self.running = False
            self.rest.shutdown()
            self.rest.server_close()
            self.server.stop(grace=1).wait()
            self.gone.set()

    def rows(self) -> int:
        return sum(map(len, self.objects.values()))

    def BatchObjects(self, request, context):  # noqa: N802
        self._admit(context)
        if self.batches_left is not None:
            self.batches_left -= 1
            if self.batches_left < 0:
                # Once the call has ended: a server that stops under one has crashed in grpc's core.
                self.leaving = True
                context.add_callback(threading.Thread(target=self.stop).start)
                context.abort(grpc.StatusCode.INTERNAL, "going away")
        self.batches.append(len(request.objects))
        for one in request.objects:
            raw = one.vector_bytes or one.vectors[0].vector_bytes
            fields = one.properties.non_ref_properties.fields
            plain = {name: _plain(value) for name, value in fields.items()}
            held = self._held(one.collection, context)
            held[one.uuid] = (plain, np.frombuffer(raw, "<f4"))
        return batch_pb2.BatchObjectsReply(took=0.0)

    def BatchDelete(self, request, context):  # noqa: N802
        self._admit(context)
        self.before_delete()
        held = self._held(request.collection, context)
        gone = [k for k, (plain, _) in held.items() if _holds(request.filters, plain)]
        for key in gone:
            del held[key]
        return batch_delete_pb2.BatchDeleteReply(matches=len(gone), successful=len(gone))

    def Search(self, request, context):  # noqa: N802
        self._admit(context)
        self.filters.append(str(request.filters))
        scored = []
        ranked = request.HasField("near_vector") or request.HasField("bm25_search")
        held = dict(self._held(request.collection, context))
        for key, (plain, vector) in held.items():
            if request.HasField("filters") and not _holds(request.filters, plain):
                continue
            score = 0.0
            if request.HasField("near_vector"):
                near = request.near_vector
                raw = near.vector_bytes or near.vectors[0].vector_bytes
                score = float(np.frombuffer(raw, "<f4") @ vector)
            elif request.HasField("bm25_search"):
                shared = _words(request.bm25_search.query) & _words(plain["words"])
                score = float(len(shared))
                if not shared:
                    continue
            if ranked or key > request.after:  # the client's iterator goes by id
                scored.append((score, key))
        ordered = sorted(scored, key=lambda one: (-one[0], one[1]))
        reply = search_get_pb2.SearchReply()
        for score, key in ordered[: request.limit or 100]:
            plain, vector = held[key]
            one = reply.results.add()
            one.metadata.id, one.metadata.id_as_bytes = key, uuid.UUID(key).bytes
            one.metadata.score, one.metadata.score_present = score, True
            if request.metadata.vector:
                one.metadata.vector_bytes = vector.tobytes()
            for name in request.properties.non_ref_properties:
                field = one.properties.non_ref_props.fields[name]
                if isinstance(plain[name], int):
                    field.int_value = plain[name]
                else:
                    field.text_value = plain[name]
        return reply

    def _admit(self, context) -> None:
        if self.leaving:
            context.abort(grpc.StatusCode.UNAVAILABLE, "gone")
        sent = dict(context.invocation_metadata()).get("authorization")
        if self.key and sent != f"Bearer {self.key}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "unauthorised")

    def _held(self, name: str, context) -> dict:
        if name not in self.objects:
            context.abort(grpc.StatusCode.UNKNOWN, f"could not find class {name} in schema")
        return self.objects[name]


class _Rest(BaseHTTPRequestHandler):
    def _say(self, status: int, body: object = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refused(self) -> bool:
        wrong = (
            self.server.double.key
            and self.headers["Authorization"] != f"Bearer {self.server.double.key}"
        )
        if wrong:
            self._say(401, {"code": 401, "message": "unauthorised"})
        return bool(wrong)

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        if self._refused():
            return
        if self.path.endswith("/meta"):
            self._say(200, {"version": "1.30.0", "hostname": self.server.double.url, "modules": {}})
        elif "/schema/" in self.path and name in self.server.double.schema:
            self._say(200, self.server.double.schema[name])
        else:
            self._say(404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._refused():
            return
        self.server.double.schema[body["class"]] = body
        self.server.double.objects[body["class"]] = {}
        self._say(200, body)

    def do_DELETE(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        if self._refused():
            return
        self.server.double.schema.pop(name, None)
        self.server.double.objects.pop(name, None)
        self._say(200)

    def log_message(self, *args: object) -> None:
        pass


def _plain(value):
    kind = value.WhichOneof("kind")
    found = getattr(value, kind)
    return int(found) if kind in ("number_value", "int_value") else found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _holds(asked, plain: dict) -> bool:
    if asked.operator == Op.OPERATOR_AND:
        return all(_holds(part, plain) for part in asked.filters)
    mine = plain[asked.target.property]
    value = getattr(asked, asked.WhichOneof("test_value"))
    if asked.operator == Op.OPERATOR_CONTAINS_ANY:
        return mine in value.values
    return {
        Op.OPERATOR_EQUAL: lambda: mine == value,
        Op.OPERATOR_NOT_EQUAL: lambda: mine != value,
        Op.OPERATOR_LESS_THAN_EQUAL: lambda: mine <= value,
        Op.OPERATOR_GREATER_THAN: lambda: mine > value,
    }[asked.operator]()
