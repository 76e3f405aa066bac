"""Conditions and leases, as https://learn.microsoft.com/rest/api/storageservices/lease-blob has them."""

import pytest

from emulators.azure.blobs import Blobs
from emulators.azure.front import Call

A, B = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


class Container:
    """One container, and a clock that is set by hand."""

    def __init__(self):
        self.now = 0.0
        self.blobs = Blobs(clock=lambda: self.now, accounts={"a": {"c": {}}})

    def ask(self, method, body=b"", query=None, **headers):
        """The status and Azure's word for it, if it refuses."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        call = Call(method, "/a/c/record", query or {}, {"authorization": "SharedKey a:x", **named}, body)
        reply = self.blobs.answer(call)
        return reply.status, reply.headers.get("x-ms-error-code"), reply

    def lease(self, action, own, **headers):
        names = {"acquire": "x_ms_proposed_lease_id"}
        given = {"x_ms_lease_action": action, names.get(action, "x_ms_lease_id"): own, **headers}
        return self.ask("PUT", query={"comp": "lease"}, x_ms_lease_duration="60", **given)[:2]


@pytest.fixture
def container():
    container = Container()
    container.ask("PUT", b"1")
    return container


def test_a_blob_is_made_once_under_if_none_match(container):
    assert container.ask("PUT", b"2", if_none_match="*")[:2] == (409, "BlobAlreadyExists")


def test_a_blob_that_changed_is_not_leased_under_its_old_etag(container):
    old = container.ask("HEAD")[2].headers["ETag"]
    container.ask("PUT", b"2")
    assert container.lease("acquire", A, if_match=old) == (412, "ConditionNotMet")


def test_a_leased_blob_is_its_holders_until_the_lease_ends(container):
    assert container.lease("acquire", A) == (201, None)
    assert container.lease("acquire", A) == (201, None)  # of the same id: the same lease
    assert container.lease("acquire", B) == (409, "LeaseAlreadyPresent")
    assert container.ask("PUT", b"2")[:2] == (412, "LeaseIdMissing")
    assert container.ask("PUT", b"2", x_ms_lease_id=B)[:2] == (412, "LeaseIdMismatchWithBlobOperation")
    assert container.ask("PUT", b"2", x_ms_lease_id=A)[:2] == (201, None)
    container.now += 50
    assert container.lease("renew", A) == (200, None)
    container.now += 50
    assert container.lease("acquire", B) == (409, "LeaseAlreadyPresent")
    container.now += 11
    assert container.ask("PUT", b"2", x_ms_lease_id=A)[:2] == (412, "LeaseLost")
    assert container.lease("acquire", B) == (201, None)
    assert container.lease("release", B) == (200, None)
    assert container.ask("PUT", b"3")[:2] == (201, None)


def test_a_lease_lasts_15_to_60_seconds_or_for_ever(container):
    headers = {"x_ms_lease_action": "acquire", "x_ms_lease_duration": "61"}
    assert container.ask("PUT", query={"comp": "lease"}, **headers)[:2] == (400, "InvalidHeaderValue")


def test_another_accounts_signature_is_refused(container):
    assert container.ask("GET", authorization="SharedKey b:x")[:2] == (403, "AuthenticationFailed")


def test_what_is_not_there_is_said_in_azures_words(container):
    container.ask("DELETE")
    assert container.ask("GET")[:2] == (404, "BlobNotFound")
    assert (
        container.blobs.answer(Call("GET", "/a/x/y", {}, {"authorization": "SharedKey a:x"}, b"")).status
        == 404
    )
