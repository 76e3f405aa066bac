"""The page in a real browser: filled in, sent, read, with the keyboard alone, on a phone, in the dark."""

import json
import shutil
import subprocess
import sys
from hashlib import sha256

import pytest

from handlers.service import Service
from leanfn import load
from leanfn.errors import ArtifactError
from leanfn.signature import Field, Signature
from tests.browser.chromium import Visit, browser, missing, served
from tests.handlers.fakes import Fake

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"not installed here: {missing()}")

EVIL = "</script><img src=x onerror=document.title='evil'>"
FIELDS = [
    Field("size", "number", True, 0.5, 10.25),
    Field("price", "number"),
    Field("kind", "string", categories=["x", "y"], closed=True),
    Field("code", "any", True, categories=[1, "1", True]),
    Field("member", "boolean"),
    Field("smokes", "boolean", True),
    Field("anything", "any"),
    Field("note", "string"),
    Field("tags", "list"),
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def visit(driver):
    visit = Visit(driver)
    visit.look(1280)
    yield visit
    assert visit.complaints() == []  # the policy's among them


@pytest.fixture(scope="module")
def heart_url(heart_folder):
    with served(Service(lambda: load(heart_folder), {})) as url:
        yield url


class Recorder(Fake):
    """Answers anything that its signature takes, and remembers the row."""

    def __init__(self, signature, **answer):
        super().__init__()
        self.signature = signature
        self.rows = []
        self.made = {"verdict": "yes", **answer}

    def answer(self, row, *_):
        self.rows.append(row)
        _, warnings = self.signature.read(row)
        return {**self.made, "warnings": warnings} if warnings else self.made


def table(*fields):
    return Signature("table", list(fields))


def test_a_row_is_filled_in_sent_and_answered_with_probabilities(visit, heart_url, heart_folder, patient):
    visit.open(heart_url)
    assert visit.driver.title == visit.text("h1") == "hearts"
    assert load(heart_folder).version in visit.text("#identity")
    visit.fill(patient)
    told = visit.predict().split("\n")
    share = load(heart_folder).predict(patient, probabilities=True)["probabilities"]["heart-disease"]
    assert told[:2] == ["diagnosis", "heart-disease"]
    assert f"{100 * share:.1f} %" in told
    widths = visit.run(
        "return [...document.querySelectorAll('.bars')][0].querySelectorAll('i')[1].style.width"
    )
    assert float(widths.rstrip("%")) == pytest.approx(100 * share, abs=0.01)
    assert (
        json.loads(visit.run("return document.getElementById('raw').textContent"))["diagnosis"]
        == "heart-disease"
    )


def test_the_answer_is_read_aloud_and_every_control_has_a_name(visit, heart_url):
    visit.open(heart_url)
    assert visit.find("#news").get_attribute("aria-live") == "polite"
    controls = visit.driver.find_elements(
        "css selector", "#desk input, #desk select, #desk textarea, #desk button"
    )
    assert len(controls) > 13
    assert all(control.accessible_name for control in controls if control.is_displayed())


def test_an_example_is_one_click_and_is_answered_without_a_word_of_warning(visit, heart_url):
    visit.open(heart_url)
    for _ in range(3):
        visit.press("Fill in an example")
        assert "warning" not in visit.predict()


def test_what_is_suspicious_is_said_at_its_field(visit, heart_url, patient):
    visit.open(heart_url)
    visit.fill({**patient, "chol": 23300, "cp": "another…"})
    visit.fill({"cp, another": 9})
    assert "2 warnings, shown at their fields." in visit.predict()
    text, kind = visit.note("chol")
    assert kind == "warning" and text.startswith("Outside the trained range.") and "23300" in text
    assert visit.note("cp")[0].startswith("Category not seen in training.")
    visit.fill({"chol": 233})
    assert visit.note("chol") == ("", "warning")
    assert visit.find("#stale").is_displayed()


def test_what_is_wrong_is_said_at_its_field_which_gets_the_focus(visit):
    with served(Service(lambda: Recorder(table(*FIELDS)), {})) as url:
        visit.open(url)
        visit.fill({"price": 1})
        told = visit.predict()
        assert (
            told.startswith("The model cannot read these rows")
            and "5 problems, shown at their fields." in told
        )
        text, kind = visit.note("kind")
        assert kind == "problem" and text == 'Missing field. Wanted: one of "x", "y". Found: nothing.'
        assert visit.control("kind").get_attribute("aria-invalid") == "true"
        assert visit.control("price").get_attribute("aria-invalid") is None
        assert visit.driver.switch_to.active_element == visit.control("kind")
        assert "problem" in visit.run("return document.querySelector('fieldset.boolean > .note').className")


def test_a_number_that_the_browser_cannot_read_is_not_sent(visit):
    recorder = Recorder(table(*FIELDS[:1]))
    with served(Service(lambda: recorder, {})) as url:
        visit.open(url)
        visit.fill({"size": "1e"})
        assert "One problem" in visit.predict()
        assert visit.note("size")[0].startswith("Not a number.") and recorder.rows == []


def test_every_kind_of_field_is_sent_as_its_type(visit):
    recorder = Recorder(table(*FIELDS))
    with served(Service(lambda: recorder, {})) as url:
        visit.open(url)
        visit.fill(
            {
                "size": "-2.5",
                "price": "1e3",
                "kind": "y",
                "code": '"1"',
                "anything": '"7"',
                "note": 'It\'s\n"so"',
            }
        )
        visit.fill({"tags": "a\n7\n\n true "})
        visit.find("fieldset.boolean input").send_keys(" ")
        assert visit.predict().startswith("verdict\nyes")
    (row,) = recorder.rows
    assert row == {
        "size": -2.5,
        "price": 1000,
        "kind": "y",
        "code": "1",
        "member": True,
        "smokes": None,
        "anything": "7",
        "note": 'It\'s\n"so"',
        "tags": ["a", 7, True],
    }
    assert type(row["tags"][2]) is bool


def test_what_is_left_empty_is_null_where_missing_is_allowed(visit, heart_url):
    visit.open(heart_url)
    assert visit.text("#may").startswith("Any field may be left empty")
    assert '"age": null' in visit.text("#curl")
    visit.predict()
    visit.press("Fill in an example")
    assert "null" not in visit.text("#curl")
    visit.press("Clear")
    visit.until("document.getElementById('curl').textContent.includes('\"age\": null')")


def test_a_text_alone_and_an_open_record_have_their_forms(visit):
    bare, record = Recorder(Signature("bare", [Field("text", "string")])), Recorder(Signature("record", []))
    with served(Service(lambda: bare, {})) as url:
        visit.open(url).fill({"text": "fine words"})
        visit.predict()
    with served(Service(lambda: record, {})) as url:
        visit.open(url).fill({"JSON object": '{"b": 1, "a": ["x"]}'})
        visit.predict()
        visit.fill({"JSON object": '{"b": null}'})
        visit.predict()
        assert visit.note("JSON object")[0].startswith("/b: Wrong type.")
        visit.fill({"JSON object": '{"b": 1, "b": 2}'})
        assert 'The body is not JSON: an object has the name "b" twice' in visit.predict()
    assert bare.rows == [{"text": "fine words"}]
    assert record.rows[0] == {"b": 1, "a": ["x"]}


def test_names_and_values_that_look_like_markup_are_texts(visit):
    field = Field(EVIL, "string", True, categories=[EVIL, "x"])
    recorder = Recorder(
        table(field, Field("a/b~c", "number", True, 0, 1), Field("__proto__", "number", True)),
        probabilities={EVIL: 1.0},
        explanation={"of": EVIL, "method": "predict", "base": 0.0, "contributions": {EVIL: 1.0}},
        **{EVIL: EVIL},
    )
    recorder.name = EVIL
    with served(Service(lambda: recorder, {})) as url:
        visit.open(url)
        assert visit.text("h1") == EVIL
        visit.fill({EVIL: EVIL, "a/b~c": 2, "__proto__": 3})
        assert visit.predict().count(EVIL) == 5
        assert visit.note("a/b~c")[0].startswith("Outside the trained range.")
        assert visit.run("return document.images.length") == 0 and visit.driver.title == EVIL
        shown = json.dumps(EVIL)[1:-1]
        assert shown.replace("'", "'\\''") in visit.text("#curl") and shown in visit.text("#python")
    assert recorder.rows == [{EVIL: EVIL, "a/b~c": 2, "__proto__": 3}]


def test_what_a_platform_answers_in_place_of_the_function_is_said(visit, heart_url):
    visit.open(heart_url)
    visit.run("window.fetch = async () => new Response('<h1>Bad Gateway</h1>', {status: 502})")
    assert visit.predict().startswith("The answer is not the function's own, but has status 502")
    visit.run("window.fetch = async () => new Response('null', {status: 403})")
    assert visit.predict().startswith("The answer is not the function's own, but has status 403")
    visit.run("window.fetch = async () => { throw new TypeError('Failed to fetch') }")
    assert visit.predict().startswith("No answer came back: Failed to fetch")


def test_an_explanation_is_asked_for_where_the_model_has_one(visit, monkeypatch):
    with served(Service(Fake, {})) as url:
        visit.open(url).fill({"size": 2, "kind": "x"})
        assert "explain=true" in visit.text("#curl")
        told = visit.predict()
        assert "What each field adds" in told and "+0.25" in told and "added to a base of 0.5" in told
        monkeypatch.setattr(Fake.manifest, "explains", None)
        visit.open(url)
        assert "explain" not in visit.text("#curl")


def test_many_outputs_and_classes_are_shown_by_name(visit):
    many = Recorder(table(Field("size", "number", True)), other=[1.5, None], third=None)
    many.manifest = type("Manifest", (type(Fake.manifest),), {"output": ["verdict", "other"]})()
    many.made["probabilities"] = [{"yes": 0.99999, "no": 0.00001}, {f"class {i}": i / 190 for i in range(20)}]
    many.made["explanation"] = [
        {"method": "predict", "link": "log", "base": 1.0, "contributions": {"size": -2.0}},
        {"method": "predict", "base": 1.0, "contributions": {"size": None}},
    ]
    with served(Service(lambda: many, {})) as url:
        told = visit.open(url).predict().split("\n")
    assert told[:6] == ["verdict", "yes", "other", "[1.5, null]", "third", "no finite number"]
    for line in (
        "Probabilities of other",
        "> 99.9 %",
        "< 0.1 %",
        "class 19",
        "and 8 more in the full answer",
        "What each field adds to verdict",
        "−2",
        "added to a base of 1, on the log scale",
    ):
        assert line in told
    assert "class 0" not in told


# The same request from elsewhere.


def test_the_snippets_send_exactly_this_request(visit, heart_url, patient):
    visit.open(heart_url).fill(patient)
    visit.predict()
    wanted = json.loads(visit.run("return document.getElementById('raw').textContent"))
    python = visit.run("return document.getElementById('python').textContent")
    ran = subprocess.run(
        [sys.executable, "-I", "-c", python], capture_output=True, text=True, check=True, env={}
    )
    assert ran.stdout.strip() == repr(wanted)
    if shutil.which("curl"):
        line = visit.run("return document.getElementById('curl').textContent") + " --silent --noproxy '*'"
        ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
        assert json.loads(ran.stdout) == wanted


def test_a_snippet_is_copied_or_selected(visit, heart_url):
    visit.open(heart_url)
    visit.run("navigator.clipboard.writeText = async text => { window.copied = text; }")
    visit.find("[data-copies=curl]").click()
    assert visit.until("window.copied").startswith("curl 'http://127.0.0.1")
    visit.run("navigator.clipboard.writeText = async () => { throw new Error(); }")
    visit.find("[data-copies=python]").click()
    assert visit.until("getSelection().toString()").startswith("import json")


# Where the function is and who may call it.


@pytest.mark.parametrize("slash", ["", "/"])
def test_below_a_stages_prefix_it_works_as_at_the_root(visit, heart_folder, slash):
    with served(Service(lambda: load(heart_folder), {}), "/prod") as url:
        visit.open(url + slash)
        assert f"'{url}/predict?" in visit.text("#curl")
        assert visit.predict().startswith("diagnosis")
        assert visit.find("#links a").get_attribute("href") == f"{url}/signature"


def test_a_key_is_asked_for_and_kept_out_of_the_snippets(visit):
    environ = {"LEANFN_API_KEY_SHA256": sha256(b"correct horse").hexdigest()}
    with served(Service(Fake, environ)) as url:
        visit.open(url)
        assert visit.text("h1") == "Model" and not visit.find("#desk").is_displayed()
        visit.control("API key").send_keys("wrong\n")
        visit.until("!document.getElementById('key-note').hidden")
        visit.fill({"API key": "correct horse\n"})
        visit.until("!document.getElementById('desk').hidden")
        visit.fill({"size": 2, "kind": "x"})
        assert visit.predict().startswith("verdict\nyes")
        for snippet in ("#curl", "#python"):
            assert "API_KEY" in visit.text(snippet) and "horse" not in visit.text(snippet)


def test_azures_key_in_the_address_goes_with_every_call(visit, heart_url):
    visit.open(heart_url + "/?code=secret")
    visit.run(
        "window.sent = []; const real = fetch; window.fetch = (...all) => { sent.push(all); return real(...all); }"
    )
    visit.predict()
    assert visit.run("return sent[0][1].headers['x-functions-key']") == "secret"
    assert "x-functions-key: $FUNCTIONS_KEY" in visit.text("#curl")


def test_a_model_that_cannot_be_loaded_is_said_and_tried_again(visit):
    outcomes = [ArtifactError("artifact/model.json is damaged"), None]

    def load_one():
        if error := outcomes.pop(0):
            raise error
        return Fake()

    with served(Service(load_one, {})) as url:
        visit.open(url)
        assert visit.text("#closed-note") == "The model could not be loaded: artifact/model.json is damaged"
        visit.press("Try again")
        visit.until("!document.getElementById('desk').hidden")
        assert not visit.find("#closed").is_displayed()


def test_an_answer_of_another_version_says_so(visit):
    fake = Fake()
    with served(Service(lambda: fake, {})) as url:
        visit.open(url).fill({"size": 2, "kind": "x"})
        fake.version = "fedcba9876543210"
        visit.predict()
        assert "the model has changed" in visit.text("#meta")


# How it is to use.


def test_the_keyboard_is_enough(visit, heart_url, patient):
    from selenium.webdriver import ActionChains, Keys

    visit.open(heart_url)
    press = ActionChains(visit.driver)
    for value in patient.values():
        press.send_keys(Keys.TAB, str(value))
    press.send_keys(Keys.TAB).perform()
    assert visit.driver.switch_to.active_element.accessible_name == "Predict"
    ring = "return getComputedStyle(document.activeElement)"
    assert visit.run(f"{ring}.outlineStyle") == "solid" and visit.run(f"{ring}.outlineWidth") == "3px"
    ActionChains(visit.driver).send_keys(Keys.ENTER).perform()
    visit.until("document.querySelector('#news dd')")
    assert visit.text("#news dd") == "heart-disease"


def test_enter_sends_from_a_field_and_with_control_from_a_text(visit):
    from selenium.webdriver import ActionChains, Keys

    recorder = Recorder(table(Field("size", "number", True), Field("note", "string")))
    with served(Service(lambda: recorder, {})) as url:
        visit.open(url).fill({"note": "one"})
        ActionChains(visit.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        visit.until("document.querySelector('#news dd')")
        visit.fill({"size": f"2{Keys.ENTER}"})
        visit.until("document.getElementById('stale').hidden")
    assert recorder.rows[-1] == {"size": 2, "note": "one"}


CONTRAST = """
const light = ([r, g, b]) => [r, g, b].map(x => x / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
  .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
const colour = text => text.match(/[\\d.]+/g).map(Number);
const under = node => {
  for (; node; node = node.parentElement) {
    const found = colour(getComputedStyle(node).backgroundColor);
    if (found[3] !== 0) return found;
  }
};
return [...document.querySelectorAll("body *")].filter(node => node.checkVisibility() && node.innerText?.trim()).map(node => {
  const [one, other] = [light(colour(getComputedStyle(node).color)), light(under(node))].sort((a, b) => b - a);
  return [(one + .05) / (other + .05), node.outerHTML.slice(0, 80)];
}).sort((a, b) => a[0] - b[0])[0];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 820, 1280, 2560])
def test_it_fits_every_screen_and_reads_well_in_light_and_dark(visit, heart_url, patient, width, scheme):
    visit.look(width, scheme)
    visit.open(heart_url).fill({**patient, "chol": 23300})
    visit.predict()
    assert visit.run("return document.documentElement.scrollWidth") <= width
    ratio, where = visit.run(CONTRAST)
    assert ratio >= 4.5, where  # https://www.w3.org/TR/WCAG22/#contrast-minimum
    ground = visit.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(247, 248, 249)", "dark": "rgb(19, 23, 28)"}[scheme]


@pytest.mark.parametrize("width", [320, 1280])
def test_long_names_and_problems_fit_too(visit, width):
    long = "a_name_that_nobody_would_give_a_field_but_somebody_did" * 3
    fields = [Field(long, "number"), Field(long + "2", "string", categories=[long, "x"], closed=True)]
    recorder = Recorder(table(*fields, *FIELDS), **{long: long, "probabilities": {long: 1}})
    recorder.name = long
    visit.look(width)
    with served(Service(lambda: recorder, {})) as url:
        visit.open(url)
        visit.predict()
        assert visit.run("return document.documentElement.scrollWidth") <= width
        visit.press("Fill in an example")
        visit.predict()
        assert visit.run("return document.documentElement.scrollWidth") <= width
