"""Every option takes what a function can have and nothing else; what is refused has written nothing."""

import random

import pytest

from adapters.aws.site import function_name, open_site
from adapters.aws.target import Target, check_place
from adapters.flags import api_key_digest
from leanfn.errors import DeploymentError

HOSTILE = [
    "../../x", "..", "/etc/passwd", "C:\\x", "x\0y", "\0", "", " ", "a b", "a/b", "a\\b", "a\nb", "a\r\nb", "~root", "$(id)",
    "`id`", "a;b", "a|b", "a&b", "<script>", "%2e%2e%2fx", "..%2f", "\u202ex", "ａ", "é", "\ud800", "x" * 5000, "*", "?", "{}",
    "arn:aws:iam::*:role/x", "arn:aws:lambda:x:1:function:y", "file:///etc/passwd", "s3://bucket/key", "null", "-",
    "--public", "a,b", "a=b", "'", '"', "\t", "\x1b[31m", "\u2028", "\ufeff", "aws:x", "leanfn", "AWS:x",
]  # fmt: skip
ALPHABET = "aZ0-_./\\:*?$`'\"\0\n\té😀\u202e%=,;|&<>(){}[] "


def odd(count=500):
    draw = random.Random(5)
    return ["".join(draw.choices(ALPHABET, k=draw.randint(1, 90))) for _ in range(count)]


# option -> what it is, and whether a text is one, written down once more
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
OPTIONS = {
    "name": (Target, PLAIN + "-_"),
    "role": (lambda text: Target("f", role=text), None),
    "boundary": (lambda text: Target("f", boundary=text), None),
    "bucket": (lambda text: Target("f", bucket=text), "abcdefghijklmnopqrstuvwxyz0123456789-."),
    "python": (lambda text: Target("f", python=text), None),
    "cors": (lambda text: Target("f", cors=(text,)), None),
    "env": (lambda text: Target("f", env={text: "x"}), PLAIN + "_"),
    "secret": (lambda text: Target("f", secrets={"KEY": text}), PLAIN + "/_+=.@!-:"),
    "secret's variable": (lambda text: Target("f", secrets={text: "x"}), PLAIN + "_"),
    "region": (lambda text: check_place(text, None), None),
    "stage": (lambda text: check_place(None, text), PLAIN + "-_"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_refuses_what_is_hostile_or_odd(option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    take, alphabet = OPTIONS[option]
    for text in [*HOSTILE, *odd()]:
        try:
            take(text)
        except DeploymentError as error:
            assert len(str(error)) < 1000
            continue
        if option == "cors":
            assert text == "*"
            continue
        assert alphabet is not None, text
        assert set(text) <= set(alphabet), text
        assert ".." not in text or option == "bucket"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("side", ["key", "value"])
def test_tags_are_what_aws_takes_and_no_paths(side):
    for text in [*HOSTILE, *odd()]:
        try:
            Target("f", tags={text: "x"} if side == "key" else {"team": text})
        except DeploymentError:
            continue
        assert all(letter.isalnum() or letter.isspace() or letter in "_.:/=+-@" for letter in text), text
        assert ".." not in text
        assert side == "value" or not text.lower().startswith(("aws:", "leanfn"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_that_is_none_is_refused_before_aws_is_asked(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if text in ("-", "--public", "leanfn", "null"):
        assert function_name(text, None) == text
        return
    with pytest.raises(DeploymentError):
        open_site(text, "eu-west-1", None, {"endpoint": "http://127.0.0.1:1", "key": "k", "secret": "s"})
    with pytest.raises(DeploymentError):
        function_name(text, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "flags",
    [
        {"memory": 127},
        {"memory": 10_241},
        {"timeout": 0},
        {"timeout": 901},
        {"concurrency": -1},
        {"python": "3.8"},
        {"env": {"AWS_REGION": "x"}},
        {"env": {"_HANDLER": "x"}},
        {"env": {"LEANFN_SECRETS": "{}"}},
        {"env": {"KEY": "a\0b"}},
        {"env": {"KEY": "1"}, "secrets": {"KEY": "x"}},
        {"tags": {f"k{number}": "v" for number in range(41)}},
    ],
)
def test_what_lambda_would_refuse_is_refused_first(flags):
    with pytest.raises(DeploymentError, match=r"wanted: "):
        Target("f", **flags)


def test_what_lambda_takes_is_taken():
    Target(
        "f",
        memory=10_240,
        timeout=900,
        role="arn:aws:iam::123456789012:role/path/to/role",
        boundary="arn:aws:iam::aws:policy/PowerUserAccess",
        cors=("https://a.example:8443", "*"),
        env={"KEY": "any text, ünïcode"},
        secrets={"LEANFN_API_KEY_SHA256": "prod/heart", "TOKEN": "ssm:/heart/token"},
        tags={"cost center": "research/heart"},
        bucket="my-bucket",
    )


def test_of_an_api_key_only_the_digest_is_kept():
    digest = api_key_digest("0123456789abcdef")
    assert digest is not None
    assert len(digest) == 64
    assert api_key_digest("") == ""
    assert api_key_digest(None) is None
    for key in ("short", "with spaces in between", "é" * 20):
        with pytest.raises(DeploymentError, match="openssl rand"):
            api_key_digest(key)
