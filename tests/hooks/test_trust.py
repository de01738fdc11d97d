"""Trust: which tokens let a caller in, and that nothing else does."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import hooktools
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hooktools import BASE, ISSUER, JKU, bearer, claims, private_key, segment, token

from cds.hooks.errors import NotTrusted
from cds.hooks.trust.replay import OwnMemory, Replay
from cds.hooks.trust.token import Gate
from cds.metrics import REFUSED
from cds.settings import Settings

DISCOVERY = "/cds-services"
CALL = hooktools.SERVICES["order-select"]
FEEDBACK = f"{CALL}/feedback"
ALL = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]


@pytest.fixture(scope="module")
def client():
    trusted = hooktools.client("ES384", "RS384", "ES256")
    return hooktools.app(auth="required", clients=[trusted]).test_client()


def discover(client, text=None):
    return client.get(DISCOVERY, headers=bearer(text) if text else {})


def refused(client, text, reason=None):
    """401, an OperationOutcome without a hint, and the reason counted."""
    before = REFUSED.labels(reason)._value.get() if reason else 0
    response = discover(client, text)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    (issue,) = hooktools.outcome(response)["issue"]
    assert issue == {
        "severity": "error",
        "code": "login",
        "details": {"text": "A valid token of a trusted client is required."},
    }
    if reason:
        assert REFUSED.labels(reason)._value.get() == before + 1


def test_JWT_1_a_signed_token_opens_discovery_service_and_feedback(client):
    assert discover(client, token(DISCOVERY)).status_code == 200
    given = hooktools.overridden(hooktools.shown(client, CALL, iss=ISSUER))
    response = client.post(FEEDBACK, json=given, headers=bearer(token(FEEDBACK)))
    assert response.status_code == 200


def test_JWT_2_aud_as_string_and_as_array(client):
    assert discover(client, token(DISCOVERY, aud=BASE + DISCOVERY)).status_code == 200
    assert discover(client, token(DISCOVERY, aud=[BASE + DISCOVERY])).status_code == 200
    both = ["https://other.example.org", BASE + DISCOVERY]
    assert discover(client, token(DISCOVERY, aud=both)).status_code == 200


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_JWT_3_the_recommended_algorithms(client, algorithm):
    assert discover(client, token(DISCOVERY, algorithm)).status_code == 200


@pytest.mark.parametrize("algorithm", ALL)
def test_JWT_3_others_where_the_site_lists_them(algorithm):
    trusted = hooktools.client(algorithm)
    listed = hooktools.app(auth="required", clients=[trusted], algorithms=[algorithm])
    assert discover(listed.test_client(), token(DISCOVERY, algorithm)).status_code == 200


def forged(algorithm, signature=b"", **header):
    head = {"alg": algorithm, "typ": "JWT", "kid": "ES384", "jku": JKU} | header
    return f"{segment(head)}.{segment(claims(DISCOVERY))}.{segment(signature)}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_JWT_4_none_is_refused(client, algorithm):
    refused(client, forged(algorithm), "algorithm")
    with pytest.raises(ValueError, match="algorithms"):
        hooktools.app(algorithms=["none"])


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("form", ["PEM", "JWK"])
def test_JWT_5_symmetric_algorithms_are_refused_even_with_the_public_key_as_secret(
    client, algorithm, form
):
    public = private_key("RS384").public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secret = pem if form == "PEM" else json.dumps(hooktools.jwk("RS384")).encode()
    unsigned = forged(algorithm, kid="RS384").rpartition(".")[0]
    digest = getattr(hashlib, f"sha{algorithm[2:]}")
    signature = hmac.new(secret, unsigned.encode(), digest).digest()
    refused(client, f"{unsigned}.{segment(signature)}", "algorithm")
    with pytest.raises(ValueError, match="algorithms"):
        hooktools.app(algorithms=[algorithm])


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer x", "Bearer a.b.c", "Bearer ...",
     "Token abc", "Bearer " + "A" * 20_000, "Bearer e30.e30.", "Bearer eyJ.é.x"],
)  # fmt: skip
def test_JWT_6_no_token_or_a_broken_one_is_refused(client, header):
    headers = {} if header is None else {"Authorization": header}
    response = client.get(DISCOVERY, headers=headers)
    assert response.status_code == 401
    hooktools.outcome(response)


def test_JWT_6_for_calls_before_the_body_is_read(client):
    assert client.post(CALL, data=b"not json").status_code == 401
    assert client.post(FEEDBACK, data=b"not json").status_code == 401


def test_JWT_7_a_wrong_signature_or_an_unknown_key_is_refused(client):
    stranger = ec.generate_private_key(ec.SECP384R1())
    refused(client, token(DISCOVERY, key=stranger), "signature")
    refused(client, token(DISCOVERY, header={"kid": "other"}), "key")
    good = token(DISCOVERY)
    head, payload, signature = good.split(".")
    refused(client, f"{head}.{segment(claims(DISCOVERY))}.{signature}", "signature")
    refused(client, f"{head}.{payload}.", "signature")


def test_JWT_7_a_key_is_good_for_its_own_algorithm_only(client):
    refused(client, token(DISCOVERY, "ES384", header={"kid": "RS384"}), "key")


@pytest.mark.parametrize(
    "audience",
    [BASE, BASE + "/", BASE + DISCOVERY + "/", BASE + CALL, "cds-services",
     BASE.upper() + DISCOVERY, "http" + BASE[5:] + DISCOVERY, [],
     [BASE + CALL], 7, {"a": 1}, [None], ""],
)  # fmt: skip
def test_JWT_8_another_audience_is_refused(client, audience):
    refused(client, token(DISCOVERY, aud=audience))


def test_JWT_8_the_audience_does_not_follow_the_host_header(client):
    text = token(DISCOVERY, aud="https://evil.example.org/cds-services")
    headers = bearer(text) | {"Host": "evil.example.org", "X-Forwarded-Host": "evil.example.org"}
    assert client.get(DISCOVERY, headers=headers).status_code == 401


def test_JWT_9_an_expired_token_is_refused_with_little_tolerance(client):
    now = int(time.time())
    refused(client, token(DISCOVERY, iat=now - 400, exp=now - 61), "expired")
    assert discover(client, token(DISCOVERY, iat=now - 300, exp=now - 30)).status_code == 200
    refused(client, token(DISCOVERY, exp=now + 86_400), "lifetime")
    refused(client, token(DISCOVERY, iat=now, exp=now - 5), "lifetime")


def test_JWT_10_an_issuer_or_key_address_off_the_list_is_refused_and_not_fetched(
    client, monkeypatch
):
    def fetch(*_args, **_kwargs):
        raise AssertionError("fetched")

    monkeypatch.setattr("requests.Session.request", fetch)
    refused(client, token(DISCOVERY, iss="https://evil.example.org"), "issuer")
    refused(client, token(DISCOVERY, iss=ISSUER + "/"), "issuer")
    refused(client, token(DISCOVERY, header={"jku": "https://evil.example.org/keys"}), "jku")
    assert discover(client, token(DISCOVERY, header={"jku": None})).status_code == 200


def test_JWT_11_a_token_is_good_once(client):
    text = token(DISCOVERY)
    assert discover(client, text).status_code == 200
    refused(client, text, "replay")
    assert discover(client, token(DISCOVERY, jti="again")).status_code == 200
    refused(client, token(DISCOVERY, jti="again"), "replay")


def test_JWT_11_a_refused_token_does_not_use_up_its_id(client):
    stranger = ec.generate_private_key(ec.SECP384R1())
    refused(client, token(DISCOVERY, jti="fresh", key=stranger))
    assert discover(client, token(DISCOVERY, jti="fresh")).status_code == 200


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
def test_JWT_12_each_claim_is_required(client, claim):
    refused(client, token(DISCOVERY, **{claim: None}))


@pytest.mark.parametrize("member", ["kid", "typ"])
def test_JWT_12_each_header_member_is_required(client, member):
    refused(client, token(DISCOVERY, header={member: None}), "header")


@pytest.mark.parametrize("typ", ["at+jwt", "jwt ", "JWS", 7])
def test_JWT_12_typ_is_jwt(client, typ):
    refused(client, token(DISCOVERY, header={"typ": typ}))


@pytest.mark.parametrize(
    "changes",
    [{"iat": "now"}, {"exp": "later"}, {"exp": True}, {"iat": -1}, {"exp": 1e300}, {"jti": ""},
     {"jti": 7}, {"jti": "x" * 513}, {"nbf": 3e9}, {"nbf": "x"},
     {"iss": 7}, {"iss": [ISSUER]}, {"exp": float("nan")}, {"exp": float("inf")}, {"iat": 10**400},
     {"nbf": -(10**4000)}, {"exp": {"a": 1}}, {"exp": [1]}, {"nbf": False}, {"jti": {"a": 1}},
     {"jti": "\ud800"}, {"jti": True}, {"iss": "\ud800"}, {"aud": "\ud800"}, {"sub": 7}],
)  # fmt: skip
def test_JWT_12_claims_of_a_wrong_kind_are_refused(client, changes):
    refused(client, token(DISCOVERY, **changes))


def test_JWT_12_a_token_from_the_future_is_refused(client):
    now = int(time.time())
    refused(client, token(DISCOVERY, iat=now + 90, exp=now + 300), "future")
    assert discover(client, token(DISCOVERY, iat=now + 30, exp=now + 300)).status_code == 200


def test_a_tenant_is_checked_where_the_client_has_one():
    trusted = hooktools.client(tenant="north")
    client = hooktools.app(auth="required", clients=[trusted]).test_client()
    assert discover(client, token(DISCOVERY)).status_code == 200
    assert discover(client, token(DISCOVERY, tenant="north")).status_code == 200
    refused(client, token(DISCOVERY, tenant="south"), "tenant")


@pytest.mark.parametrize(
    "tenant",
    ["\ud800", "a\0b", "a\nb", "x" * 201, {"a": 1}, ["north"], 7, True, float("nan"), "\u202e"],
)
def test_a_tenant_that_is_no_name_is_refused(client, tenant):
    """It goes into the audit and its hash: what could not be kept there must not come so far."""
    refused(client, token(DISCOVERY, tenant=tenant), "tenant")
    response = client.post(
        CALL, json=hooktools.request(), headers=bearer(token(CALL, tenant=tenant))
    )
    assert response.status_code == 401


@pytest.mark.parametrize("tenant", ["", "x" * 200, "Süd 1"])
def test_a_tenant_that_is_a_name(client, tenant):
    text = token(CALL, tenant=tenant)
    assert client.post(CALL, json=hooktools.request(), headers=bearer(text)).status_code == 200


@pytest.mark.parametrize(
    "header",
    [{"kid": {"a": 1}}, {"kid": ["ES384"]}, {"kid": 7}, {"kid": ""}, {"kid": "\ud800"},
     {"kid": "k" * 513}, {"jku": {"a": 1}}, {"jku": [JKU]}, {"jku": 7}, {"jku": "\ud800"},
     {"alg": ["ES384"]}, {"alg": {}}, {"alg": 384}, {"crit": []}, {"crit": ["exp"]}, {"crit": {}},
     {"b64": False}, {"b64": True}, {"b64": 0}, {"zip": "DEF"}, {"enc": "A128GCM"}],
)  # fmt: skip
def test_header_members_of_a_wrong_kind_are_refused(client, header):
    head = {"alg": "ES384", "typ": "JWT", "kid": "ES384", "jku": JKU} | header
    unsigned = f"{segment(head)}.{segment(claims(DISCOVERY))}"
    signer = hooktools.jwt.get_algorithm_by_name("ES384")
    signature = signer.sign(unsigned.encode(), private_key("ES384"))
    refused(client, f"{unsigned}.{segment(signature)}")


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(
    "text",
    [b"[" * 11_000, b'{"a":' * 2000, b'{"exp":' + b"9" * 11_000 + b"}", b'{"exp":1e99999999999}',
     b'{"alg":"ES384","alg":{}}', b"\xff\xfe", b"null", b"7", b'"a"', b"[]", b"NaN", b"", b"{"],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_a_token_of_absurd_json_is_refused(client, part, text):
    head = {"alg": "ES384", "typ": "JWT", "kid": "ES384", "jku": JKU}
    parts = [segment(head), segment(claims(DISCOVERY)), "AAAA"]
    parts[part] = segment(text)
    refused(client, ".".join(parts))


def test_what_can_t_be_good_makes_us_look_for_no_key():
    """A stranger who knows a client's name costs its key host nothing with tokens of yesterday."""
    looked = []

    class Keys:
        def find(self, kid, algorithm):
            looked.append(kid)

    settings = Settings(clients=[hooktools.client()], base_url=BASE)
    gate = Gate(settings, Replay(OwnMemory(1800), None, 0, False), {ISSUER: Keys()})
    now = int(time.time())
    for changes in ({"exp": now - 100, "iat": now - 200}, {"aud": "other"}, {"jti": None},
                    {"iat": now + 500, "exp": now + 600}, {"tenant": 7}):  # fmt: skip
        with pytest.raises(NotTrusted):
            gate.admit(f"Bearer {token(DISCOVERY, **changes)}", BASE + DISCOVERY)
    assert looked == []
    with pytest.raises(NotTrusted):
        gate.admit(f"Bearer {token(DISCOVERY)}", BASE + DISCOVERY)
    assert looked == ["ES384"]


def strict(**settings):
    given = {"auth": "required", "clients": [hooktools.client()], "replay": "process"}
    return hooktools.app(**given, replay_when_unavailable="refuse", **settings).test_client()


def test_where_nobody_can_tell_whether_a_token_is_new_the_setting_decides():
    """A process alone does not know what was used before it began."""
    lenient = hooktools.app(auth="required", clients=[hooktools.client()], replay="process")
    assert discover(lenient.test_client(), token(DISCOVERY)).status_code == 200
    before = REFUSED.labels("replay_unknown")._value.get()
    response = discover(strict(), token(DISCOVERY))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    (issue,) = hooktools.outcome(response)["issue"]
    assert issue["code"] == "transient"
    assert REFUSED.labels("replay_unknown")._value.get() == before + 1


def test_only_a_good_token_learns_that_it_can_t_be_told(client):
    refused(strict(), token(DISCOVERY, key=ec.generate_private_key(ec.SECP384R1())), "signature")


def test_no_log_has_anything_of_a_token(client, capsys):
    marks = {"jti": "mark-jti", "tenant": "mark\ntenant", "sub": "mark-sub"}
    refused(client, token(DISCOVERY, header={"kid": "mark-kid"}, **marks))
    refused(client, token(DISCOVERY, header={"kid": "mark-kid"}, jti="mark-jti"))
    refused(client, token(DISCOVERY, iss="https://mark.example.org"))
    assert "mark" not in capsys.readouterr().out


def test_the_service_knows_who_called():
    seen = []

    def respond(request):
        seen.append((request.client.iss, request.tenant))
        return hooktools.one_card(request)

    trusted = hooktools.client()
    client = hooktools.app(respond, auth="required", clients=[trusted]).test_client()
    text = token(CALL, tenant="north")
    assert client.post(CALL, json=hooktools.request(), headers=bearer(text)).status_code == 200
    assert seen == [(ISSUER, "north")]


def test_discovery_can_be_opened():
    trusted = hooktools.client()
    opened = hooktools.app(auth="required", clients=[trusted], open_discovery=True).test_client()
    assert discover(opened).status_code == 200
    assert opened.post(CALL, json=hooktools.request()).status_code == 401


def test_a_weak_key_is_not_used():
    weak = rsa.generate_private_key(65537, 1024)
    numbers = weak.public_key().public_numbers()
    key = {
        "kty": "RSA",
        "kid": "RS384",
        "n": segment(numbers.n.to_bytes(128, "big")),
        "e": segment(numbers.e.to_bytes(3, "big")),
    }
    trusted = {"iss": ISSUER, "jku": JKU, "jwks": {"keys": [key]}}
    client = hooktools.app(auth="required", clients=[trusted]).test_client()
    refused(client, token(DISCOVERY, "RS384", header={"kid": "RS384"}), "key")
