"""Kept backtests over HTTP: guarded, inert, and a sentence for what can't be shown."""

import json
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import backtests
from app.api.errors import install
from app.guard import Guard
from tests.backtest.kept import crossed_of, grown, run_of
from tools.backtest.comparing.comparison import compare


@pytest.fixture
def http(tollgate_home):
    app = FastAPI()
    install(app)
    for router in (backtests.router, backtests.pages):
        app.include_router(router)
    settings = SimpleNamespace(state=tollgate_home)
    app.state.floor = SimpleNamespace(house=SimpleNamespace(settings=settings))
    app.add_middleware(Guard)
    return TestClient(app, base_url="http://127.0.0.1:8000")


@pytest.fixture
def kept(tollgate_home):
    folder = tollgate_home / "backtests"
    folder.mkdir(parents=True)

    def put(document, name="0123456789ab"):
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / f"{name}.json").write_text(text)

    put(run_of(grown(60)))
    return put


def test_the_list_names_each_page_and_the_document_is_whole(http, kept):
    (row,) = http.get("/api/v1/backtests").json()["backtests"]
    assert row["page"] == "/backtests/0123456789ab"
    assert row["figures"]["sharpe"] is not None
    found = http.get("/api/v1/backtests/0123").json()
    assert found == run_of(grown(60))
    assert row["title"] in http.get("/backtests").text


def test_a_kept_comparison_is_listed_and_has_its_page(http, kept):
    one = run_of(grown(60))
    found = compare([one, one | {"id": "ab" * 6}])
    kept(found, found["id"])
    rows = http.get("/api/v1/backtests").json()["backtests"]
    assert {row["kind"] for row in rows} == {"run", "comparison"}
    assert http.get(f"/api/v1/backtests/{found['id']}").json() == found
    assert "Correlation" in http.get(f"/backtests/{found['id']}").text
    assert "comparison" in http.get("/backtests").text


@pytest.mark.parametrize("path", ["/backtests", "/backtests/0123456789ab"])
def test_a_page_may_neither_run_nor_load_nor_be_framed(http, kept, path):
    sent = http.get(path)
    policy = sent.headers["content-security-policy"]
    assert sent.headers["content-type"].startswith("text/html")
    for part in ("default-src 'none'", "frame-ancestors 'none'", "sandbox", "form-action 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "allow-scripts" not in policy
    assert sent.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/backtests", "/backtests/0123", "/api/v1/backtests"])
def test_other_sites_are_kept_out(http, kept, path):
    assert http.get(path, headers={"host": "evil.example"}).status_code == 421
    assert http.get(path, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("not json", 503),
        ('{"format": 1, "record": {"strategy": "\\ud800"}}', 503),
        (run_of(grown(60)) | {"curve": {}}, 503),
        (run_of(grown(60)) | {"figures": {"sharpe": 10**400}}, 503),
    ],
)
def test_what_somebody_edited_is_a_sentence(http, kept, document, status):
    kept(document)
    sent = http.get("/backtests/0123456789ab")
    assert sent.status_code == status
    assert sent.json()["error"] == "StateError"
    assert http.get("/api/v1/backtests").status_code == 200
    assert http.get("/backtests").status_code == 200
    assert http.get("/api/v1/backtests/0123456789ab").status_code in (200, 503)


@pytest.mark.parametrize("run_id", ["zz", "..%2f..%2fpage", "*", "a" * 50, "%00"])
def test_an_id_that_is_none_is_not_found(http, kept, run_id):
    for under in ("/backtests", "/api/v1/backtests"):
        assert http.get(f"{under}/{run_id}").status_code in (404, 422)


def test_a_cross_validation_is_listed_and_drawn_and_a_run_has_its_verdict(http, kept):
    kept(crossed_of(grown(60)), "c0c0c0c0c0c0")
    rows = {row["kind"]: row for row in http.get("/api/v1/backtests").json()["backtests"]}
    assert rows["combinatorial"]["figures"]["sharpe"] is not None
    assert "combinatorial" in http.get("/backtests").text
    assert "it is validation, not trading" in http.get(rows["combinatorial"]["page"]).text
    assert "1 try is counted" in http.get(rows["run"]["page"]).text
