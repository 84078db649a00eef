"""Talks to a running project as any client would, and prints one line of JSON for each promise: did it hold?

    python live.py '{"phase": "serving", "base": "http://127.0.0.1:8000", "components": ["core"], ...}'

Only the standard library: it must not lean on anything that the project brings.
"""

import base64
import http.client
import json
import re
import socket
import subprocess
import sys
import time
import traceback
import urllib.parse
import uuid
from html.parser import HTMLParser
from pathlib import Path

TASK = json.loads(sys.argv[1])
COMPONENTS = set(TASK["components"])
HOST, PORT = urllib.parse.urlsplit(TASK["base"]).netloc.split(":")
CHECKS = []


def check(name, phase="serving", needs=()):
    """Register a function; it runs in its phase where the project has the components that it needs."""

    def register(function):
        if phase == TASK["phase"] and set(needs) <= COMPONENTS:
            CHECKS.append((name, function))
        return function

    return register


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


def send(method, path, body=None, headers=None):
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=20)
    try:
        connection.request(method, path, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def get(path, headers=None):
    return send("GET", path, headers=headers)


def same(is_, should, what):
    assert is_ == should, f"{what}: {is_!r} instead of {should!r}"


def credentials(who):
    return dict(zip(("email", "password"), TASK["users"][who], strict=True))


def session(who):
    """Log in at the admin, as a browser does."""
    page = get("/admin/login/")
    cookies = {}

    def keep(answer):
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            cookies[name] = value

    keep(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body.decode())[1]
    form = {"username": credentials(who)["email"], "password": credentials(who)["password"]}
    body = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": token, "next": "/admin/"})
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    kind = "application/x-www-form-urlencoded"
    answer = send("POST", "/admin/login/", body, {"Content-Type": kind, "Cookie": cookie})
    same(answer.status, 302, "login at the admin")
    keep(answer)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": cookie, "X-CSRFToken": cookies["csrftoken"]}


def login(who):
    """Return the headers of somebody who is logged in, in the best way that this project has."""
    if "auth-jwt" in COMPONENTS:
        answer = send("POST", "/api/v1/auth/jwt/login/", credentials(who))
        same(answer.status, 200, "login")
        return {"Authorization": f"Bearer {answer.json['access']}"}
    if "auth-token" in COMPONENTS:
        answer = send("POST", "/api/v1/auth/token/login/", credentials(who))
        same(answer.status, 200, "login")
        return {"Authorization": f"Token {answer.json['token']}"}
    return session(who)


def product(**changes):
    known = {"category": "books", "name": "A book", "sku": uuid.uuid4().hex, "price": "12.50"}
    return known | changes


PRODUCTS = "/api/v1/catalog/products/"

# Without tokens only those come in whom the admin lets in.
SOMEBODY = "ada" if {"auth-jwt", "auth-token"} & COMPONENTS else "admin"

# --- The process ----------------------------------------------------------------------------


@check("live and ready with a foreign host")
def health():
    for path in ("/health/live", "/health/ready"):
        answer = get(path, {"Host": "10.1.2.3:8000"})
        same((answer.status, answer.json["status"]), (200, "ok"), path)


@check("not ready, but alive, without its database", phase="down")
def database_down():
    same(get("/health/ready", {"Host": "10.1.2.3"}).status, 503, "ready")
    same(get("/health/live", {"Host": "10.1.2.3"}).status, 200, "live")


@check("ready again when the database is back", phase="up")
def database_up():
    answer = None
    for _ in range(50):
        answer = get("/health/ready")
        if answer.status == 200:
            return
        time.sleep(0.1)
    raise AssertionError(f"ready: {answer}")


@check("the admin opens for its staff")
def admin():
    headers = session("admin")
    answer = get("/admin/", headers)
    same(answer.status, 200, "admin")
    assert b"Log out" in answer.body, "the admin's first page does not know its visitor"


@check("a request id goes through to answer and log")
def request_id():
    given = f"proof-{uuid.uuid4().hex}"
    # The one error that is the same in every selection and with every setting.
    kind = {"X-Request-ID": given, "Content-Type": "application/json"}
    answer = send("POST", "/admin/login/", "{", kind)
    same(answer.status, 400, "status")
    same(answer.headers["X-Request-ID"], given, "id in the header")
    same(answer.json["error"]["request_id"], given, "id in the body")
    for _ in range(50):
        lines = [line for line in Path(TASK["log"]).read_text().splitlines() if given in line]
        if lines:
            break
        time.sleep(0.1)
    assert lines, "no line of the log has the id"
    [record] = [entry for entry in map(json.loads, lines) if entry["event"] == "request"]
    seen = (record["request_id"], record["path"], record["status"])
    same(seen, (given, "/admin/login/", 400), "line of the log")


@check("a malformed body is a 400 with a request id")
def malformed():
    path = PRODUCTS if {"rest", "example"} <= COMPONENTS else "/admin/login/"
    answer = send("POST", path, '{"name": ', {"Content-Type": "application/json"})
    same(answer.status, 400, "status")
    assert answer.headers["X-Request-ID"], "no X-Request-ID"
    same(answer.headers.get_content_type(), "application/json", "content type")
    assert answer.json["error"]["request_id"] == answer.headers["X-Request-ID"], answer


@check("no line of the log holds a password", phase="after")
def no_password_in_the_log():
    log = Path(TASK["log"]).read_text()
    for _, password in TASK["users"].values():
        assert password not in log, "the log holds a password"


# --- Authentication -------------------------------------------------------------------------


@check("JWT: login, create, list, refresh, a refresh token works once", needs=["auth-jwt", "example"])
def jwt():
    pair = send("POST", "/api/v1/auth/jwt/login/", credentials("ada"))
    same(pair.status, 200, "login")
    headers = {"Authorization": f"Bearer {pair.json['access']}"}
    same(send("POST", PRODUCTS, product(), headers).status, 201, "create")
    same(get(PRODUCTS, headers).status, 200, "list")
    old = {"refresh": pair.json["refresh"]}
    new = send("POST", "/api/v1/auth/jwt/refresh/", old)
    same(new.status, 200, "refresh")
    fresh = {"Authorization": f"Bearer {new.json['access']}"}
    same(get("/api/v1/users/me/", fresh).status, 200, "with the new token")
    same(send("POST", "/api/v1/auth/jwt/refresh/", old).status, 401, "the old refresh token")
    same(get("/api/v1/users/me/", {"Authorization": "Bearer a.b.c"}).status, 401, "a bad token")


@check("JWT: login, refresh, a refresh token works once", needs=["auth-jwt"])
def jwt_alone():
    pair = send("POST", "/api/v1/auth/jwt/login/", credentials("ada"))
    same(pair.status, 200, "login")
    headers = {"Authorization": f"Bearer {pair.json['access']}"}
    same(get("/api/v1/users/me/", headers).json["email"], credentials("ada")["email"], "who it is")
    old = {"refresh": pair.json["refresh"]}
    same(send("POST", "/api/v1/auth/jwt/refresh/", old).status, 200, "refresh")
    same(send("POST", "/api/v1/auth/jwt/refresh/", old).status, 401, "the old refresh token")
    wrong = credentials("ada") | {"password": "wrong"}
    same(send("POST", "/api/v1/auth/jwt/login/", wrong).status, 401, "a wrong password")


@check("a token opens the API, also beside JWT", needs=["auth-token"])
def token():
    answer = send("POST", "/api/v1/auth/token/login/", credentials("ada"))
    same(answer.status, 200, "login")
    headers = {"Authorization": f"Token {answer.json['token']}"}
    same(get("/api/v1/users/me/", headers).status, 200, "with the token")
    same(get("/api/v1/users/me/", {"Authorization": "Token nonsense"}).status, 401, "a bad token")
    if "auth-jwt" in COMPONENTS:
        pair = send("POST", "/api/v1/auth/jwt/login/", credentials("ada"))
        bearer = {"Authorization": f"Bearer {pair.json['access']}"}
        same(get("/api/v1/users/me/", bearer).status, 200, "with a JWT")


GRAPHQL = "/api/graphql/"
ME = {"query": "{ me { email } }"}


@check("GraphQL: data for who is known, an error for nobody, 401 for a bad token", needs=["graphql"])
def graphql():
    answer = send("POST", GRAPHQL, ME)
    same((answer.status, answer.json["errors"][0]["extensions"]["code"]), (200, "not_authenticated"), "nobody")
    same(send("POST", GRAPHQL, ME, {"Authorization": "Bearer nonsense"}).status, 401, "a bad token")
    headers = session("admin")
    known = send("POST", GRAPHQL, ME, headers)
    same(known.json["data"]["me"]["email"], credentials("admin")["email"], "a session with its CSRF token")
    same(send("POST", GRAPHQL, ME, {"Cookie": headers["Cookie"]}).status, 403, "a session without")
    if {"auth-jwt", "auth-token"} & COMPONENTS:
        same(send("POST", GRAPHQL, ME, login("ada")).json["data"]["me"]["email"], credentials("ada")["email"], "a token")


@check("GraphQL: a query that is too deep or too long is not executed", needs=["graphql"])
def graphql_limits():
    deep = "{ __schema { types " + "{ fields { type " * 8 + "{ name }" + " } }" * 8 + " } }"
    long = "{ " + " ".join(f"a{number}: me {{ email }}" for number in range(2000)) + " }"
    for query in (deep, long):
        answer = send("POST", GRAPHQL, {"query": query})
        assert answer.json["errors"] and not answer.json.get("data"), answer


@check("GraphQL: a mutation by its owner", needs=["graphql", "example", "auth-jwt"])
def graphql_mutation():
    query = "mutation ($data: ProductInput!) { createProduct(data: $data) { id ownerId } }"
    body = {"query": query, "variables": {"data": product()}}
    assert send("POST", GRAPHQL, body, login("ada")).json["data"]["createProduct"]["id"]
    same(send("POST", GRAPHQL, body).json["errors"][0]["extensions"]["code"], "not_authenticated", "nobody")


@check("OAuth 2.0: the server tells where its endpoints are, and knows no stranger", needs=["oauth2"])
def oauth2():
    answer = get("/.well-known/oauth-authorization-server")
    same((answer.status, answer.json["code_challenge_methods_supported"]), (200, ["S256"]), "metadata")
    same(program("x", "y", "read").status, 401, "a stranger")
    bearer = {"Authorization": "Bearer nonsense"}
    same(get("/api/v1/users/me/", bearer).status, 401, "a bad token")
    reader = program(*TASK["program"], "read")
    same((reader.status, reader.json["scope"]), (200, "read"), "a program that is known")
    bearer = {"Authorization": f"Bearer {reader.json['access_token']}"}
    same(get("/api/v1/users/me/", bearer).json["email"], credentials("ada")["email"], "on whose behalf")
    body = {"first_name": "Ada"}
    same(send("PATCH", "/api/v1/users/me/", body, bearer).status, 403, "a change without its scope")
    writer = program(*TASK["program"], "read write").json["access_token"]
    bearer = {"Authorization": f"Bearer {writer}"}
    same(send("PATCH", "/api/v1/users/me/", body, bearer).status, 200, "a change with its scope")


def program(name, secret, scope):
    """Ask for a token as a program that acts for itself."""
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope})
    basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
    return send("POST", "/oauth2/token/", form, kind)


@check("tokens of all kinds open the API side by side", needs=["auth-jwt", "auth-token", "oauth2"])
def side_by_side():
    pair = send("POST", "/api/v1/auth/jwt/login/", credentials("ada")).json
    plain = send("POST", "/api/v1/auth/token/login/", credentials("ada")).json
    other = program(*TASK["program"], "read").json
    for words in (f"Bearer {pair['access']}", f"Token {plain['token']}", f"Bearer {other['access_token']}"):
        answer = get("/api/v1/users/me/", {"Authorization": words})
        same((answer.status, answer.json["email"]), (200, credentials("ada")["email"]), words.split()[0])
    # What is a JSON web token by its shape alone opens nothing, and is not taken for one of another kind.
    for words in ("Bearer a.b.c", f"Bearer {pair['refresh']}", f"Token {pair['access']}", f"Bearer {plain['token']}"):
        same(get("/api/v1/users/me/", {"Authorization": words}).status, 401, words[:20])


@check("probes of the manifests are answered as they are asked", phase="services", needs=["kubernetes"])
def probes():
    manifest = Path("deploy/k8s/base/web.yaml").read_text()
    paths = re.findall(r"(\w+)Probe:\n +httpGet:\n +path: (\S+)\n +port: http\n", manifest)
    same({name for name, _ in paths}, {"startup", "liveness", "readiness"}, "probes")
    for name, path in paths:
        # With the address of the pod as host, and without TLS.
        same(get(path, {"Host": "10.244.1.7:8000"}).status, 200, f"{name} at {path}")


@check("metrics are for whoever has the token", phase="services", needs=["analytics"])
def metrics():
    same(get("/metrics").status, 401, "nobody")
    token = {"Authorization": f"Bearer {TASK['metrics']}"}
    name = "django_http_requests_total_by_method_total"

    def count():
        text = get("/metrics", token).body.decode()
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f'{name}{{method="OPTIONS"'))

    before = count()
    for _ in range(20):
        send("OPTIONS", "/admin/login/")
    for _ in range(5):
        same(count(), before + 20, "requests, whichever of the workers is asked")


@check("one's own account needs authentication", needs=["rest"])
def own_account():
    same(get("/api/v1/users/me/").status, 401, "anonymous")
    same(get("/api/v1/users/me/", login(SOMEBODY)).status, 200, "logged in")
    status = 200 if SOMEBODY == "admin" else 403
    same(get("/api/v1/users/", login(SOMEBODY)).status, status, "the list, which is for staff")


@check("only the owner changes an object", needs=["rest", "example"])
def object_permission():
    made = send("POST", PRODUCTS, product(), login("ada"))
    same(made.status, 201, "create")
    path = f"{PRODUCTS}{made.json['id']}/"
    same(send("PATCH", path, {"name": "Mine now"}, login("bob")).status, 403, "another user")
    same(send("PATCH", path, {"name": "Mine now"}).status, 401, "anonymous")
    same(get(path).json["name"], "A book", "the name afterwards")
    same(send("PATCH", path, {"name": "Still mine"}, login("ada")).json["name"], "Still mine", "the owner")


# --- Lists ----------------------------------------------------------------------------------


@check("pages, search, ordering and filters", needs=["rest", "example"])
def lists():
    headers, word = login("ada"), uuid.uuid4().hex
    for number in range(5):
        body = product(name=f"{word} {number}", price=f"{10 - number}.00", category="books" if number else "tools")
        same(send("POST", PRODUCTS, body, headers).status, 201, "create")

    def names(query):
        answer = get(f"{PRODUCTS}?search={word}&{query}")
        same(answer.status, 200, query)
        return [row["name"].removeprefix(f"{word} ") for row in answer.json["results"]]

    first = get(f"{PRODUCTS}?search={word}&page_size=2&ordering=price").json
    same((first["count"], len(first["results"]), first["previous"]), (5, 2, None), "the first page")
    following = urllib.parse.urlsplit(first["next"])
    second = get(f"{following.path}?{following.query}").json
    same([row["price"] for row in second["results"]], ["8.00", "9.00"], "the page behind `next`")
    same(names("ordering=price"), ["4", "3", "2", "1", "0"], "ordering")
    same(names("ordering=-price"), ["0", "1", "2", "3", "4"], "ordering backwards")
    same(names("ordering=price&category=tools"), ["0"], "filter by category")
    same(names("ordering=price&min_price=8.50"), ["1", "0"], "filter by price")
    same(get(f"{PRODUCTS}?search={word}&min_price=cheap").status, 400, "a wrong filter")
    same(get(f"{PRODUCTS}?search={uuid.uuid4().hex}").json["count"], 0, "nothing found")


@check("too many requests are a 429 with Retry-After", phase="throttled", needs=["rest"])
def throttle():
    limit = TASK["limit"]
    if "auth-jwt" in COMPONENTS or "auth-token" in COMPONENTS:
        kind = "jwt" if "auth-jwt" in COMPONENTS else "token"
        wrong = credentials("ada") | {"password": "wrong"}
        attempts = [send("POST", f"/api/v1/auth/{kind}/login/", wrong) for _ in range(limit + 1)]
        same([answer.status for answer in attempts], [401] * limit + [429], "attempts to log in")
        assert int(attempts[-1].headers["Retry-After"]) > 0, "no Retry-After"
    if "example" in COMPONENTS:
        answers = [get(PRODUCTS) for _ in range(limit + 1)]
    else:
        headers = session("admin")
        answers = [get("/api/v1/users/me/", headers) for _ in range(limit + 1)]
    same([answer.status for answer in answers], [200] * limit + [429], "requests")
    assert int(answers[-1].headers["Retry-After"]) > 0, "no Retry-After"
    same(answers[-1].json["error"]["code"], "throttled", "code")


# --- Documentation --------------------------------------------------------------------------


class Assets(HTMLParser):
    """What a page makes a browser fetch, and what its policy has to allow."""

    def __init__(self):
        super().__init__()
        self.links = []
        self.inline = []
        self.tag = ""

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tag = tag
        if tag == "script":
            self.links.append(("script-src", attributes["src"])) if "src" in attributes else self.inline.append(tag)
        if tag == "link" and attributes.get("rel") == "stylesheet":
            self.links.append(("style-src", attributes["href"]))
        if tag == "link" and "icon" in attributes.get("rel", ""):
            self.links.append(("img-src", attributes["href"]))
        if tag == "img":
            self.links.append(("img-src", attributes["src"]))
        if any(name.startswith("on") for name in attributes):
            self.inline.append(f"{tag} with a handler")


def policy(answer):
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {words[0]: words[1:] for words in parts if words}


@check("documentation pages and their parts come from the own host", needs=["openapi"])
def documentation():
    for page in ("/api/docs/", "/api/redoc/"):
        answer = get(page)
        same(answer.status, 200, page)
        allowed, assets = policy(answer), Assets()
        assets.feed(answer.body.decode())
        same(assets.inline, [], f"inline scripts of {page}")
        assert assets.links, f"{page} has no parts"
        for kind, link in assets.links:
            whole = urllib.parse.urlsplit(urllib.parse.urljoin(f"{TASK['base']}{page}", link))
            same(whole.netloc, f"{HOST}:{PORT}", f"host of {link}")
            sources = allowed.get(kind, allowed["default-src"])
            assert "'self'" in sources, f"{kind} of {page} does not allow {link}: {sources}"
            same(get(f"{whole.path}?{whole.query}").status, 200, link)
        for kind in ("script-src", "connect-src"):
            sources = allowed.get(kind, allowed["default-src"])
            same(sources, ["'self'"], f"{kind} of {page}")
    same(get("/api/schema/").status, 200, "the schema")


# --- Queries and the cache, where the harness runs the servers --------------------------------


def statements(action):
    """Count the SQL statements that the database server is sent meanwhile."""
    log = Path(TASK["statements"])

    def count():
        lines = log.read_text(errors="replace").splitlines()
        return sum(1 for line in lines if re.search(r"(statement|execute [^:]*): ", line))

    before = count()
    answer = action()
    for _ in range(10):
        after = count()
        time.sleep(0.05)
        if count() == after:
            break
    return answer, after - before


@check("a list of 50 rows takes as many queries as one of 5", phase="services", needs=["rest", "example"])
def same_queries():
    counted = {}
    for size in (5, 50):
        get(f"{PRODUCTS}?page_size={size}")
        answer, counted[size] = statements(lambda size=size: get(f"{PRODUCTS}?page_size={size}"))
        same(len(answer.json["results"]), size, "rows")
    assert counted[5] > 0, "no query was seen: is the log of the server read?"
    same(counted[50], counted[5], "queries")


def redis_keys():
    command = ["redis-cli", "-p", str(TASK["redis"]), "-n", "1", "--scan"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")


@check("page and fragment are kept in Redis until something changes", phase="services", needs=["cache", "example"])
def cached():
    word = uuid.uuid4().hex
    path = f"/catalog/?proof={word}"
    _, first = statements(lambda: get(path))
    answer, second = statements(lambda: get(path))
    assert first > 0, "the first request needed no query"
    same(second, 0, "queries of the second request")
    keys = redis_keys()
    assert any("views.decorators.cache.cache_page" in key for key in keys), f"no page among {keys}"
    assert any("template.cache.catalog_categories" in key for key in keys), f"no fragment among {keys}"
    assert word not in answer.body.decode()
    if "rest" in COMPONENTS:
        same(send("POST", PRODUCTS, product(name=word), login("ada")).status, 201, "create")
        answer, third = statements(lambda: get(path))
        assert third > 0, "a change did not make the page stale"
        assert word in answer.body.decode(), "the new product is not on the page"


# --------------------------------------------------------------------------------------------


def wait():
    for _ in range(300):
        try:
            socket.create_connection((HOST, int(PORT)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"nothing answers at {TASK['base']}")


def main():
    wait()
    for name, function in CHECKS:
        start, fault = time.perf_counter(), None
        try:
            function()
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {error}\n  in {where.name}, line {where.lineno}"
        print(json.dumps({"check": name, "seconds": time.perf_counter() - start, "fault": fault}), flush=True)


main()
