"""A loopback Weaviate for the unmodified client: REST for the schema, gRPC for the data.

It proves the wire (what is sent and read), not the ranking: its BM25 counts shared words.
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
    def __init__(self) -> None:
        self.stopped = False
        self.schema: dict[str, dict] = {}
        self.objects: dict[str, tuple[dict, np.ndarray]] = {}
        self.rest = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
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
        self.grpc_port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        threading.Thread(target=self.rest.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.rest.server_port}"

    def stop(self) -> None:
        self.stopped = True
        self.rest.shutdown()
        self.rest.server_close()
        self.server.stop(None).wait()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            def _say(self, status: int, body: object = None) -> None:
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                if self.path.endswith("/meta"):
                    self._say(200, {"version": "1.30.0", "hostname": double.url, "modules": {}})
                elif self.path.endswith(("/ready", "/live")):
                    self._say(200)
                elif "/schema/" in self.path and name in double.schema:
                    self._say(200, double.schema[name])
                else:
                    self._say(404)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.schema[body["class"]] = body
                self._say(200, body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def BatchObjects(self, request, context):  # noqa: N802
        for one in request.objects:
            raw = one.vector_bytes or one.vectors[0].vector_bytes
            fields = one.properties.non_ref_properties.fields
            plain = {name: _plain(value) for name, value in fields.items()}
            self.objects[one.uuid] = (plain, np.frombuffer(raw, "<f4"))
        return batch_pb2.BatchObjectsReply(took=0.0)

    def BatchDelete(self, request, context):  # noqa: N802
        gone = [k for k, (plain, _) in self.objects.items() if _holds(request.filters, plain)]
        for key in gone:
            del self.objects[key]
        return batch_delete_pb2.BatchDeleteReply(matches=len(gone), successful=len(gone))

    def Search(self, request, context):  # noqa: N802
        scored = []
        for key, (plain, vector) in self.objects.items():
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
            scored.append((score, key))
        ordered = sorted(scored, key=lambda one: (-one[0], one[1]))
        if not (request.HasField("near_vector") or request.HasField("bm25_search")):
            ordered = [one for one in ordered if one[1] > request.after]  # the client's iterator
        reply = search_get_pb2.SearchReply()
        for score, key in ordered[: request.limit or 100]:
            plain, vector = self.objects[key]
            one = reply.results.add()
            one.metadata.id, one.metadata.id_as_bytes = key, uuid.UUID(key).bytes
            one.metadata.score, one.metadata.score_present = score, True
            one.metadata.vector_bytes = vector.tobytes()
            fields = one.properties.non_ref_props.fields
            fields["row"].text_value = plain["row"]
        return reply


def _plain(value):
    kind = value.WhichOneof("kind")
    found = getattr(value, kind)
    return int(found) if kind == "number_value" else found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _holds(asked, plain: dict) -> bool:
    if asked.operator == Op.OPERATOR_AND:
        return all(_holds(part, plain) for part in asked.filters)
    mine = plain[asked.target.property]
    value = getattr(asked, asked.WhichOneof("test_value"))
    if asked.operator == Op.OPERATOR_CONTAINS_ANY:
        return mine in value.values
    if asked.operator == Op.OPERATOR_LESS_THAN_EQUAL:
        return mine <= value
    tests = {
        Op.OPERATOR_EQUAL: mine == value,
        Op.OPERATOR_NOT_EQUAL: mine != value,
    }
    return tests[asked.operator]
