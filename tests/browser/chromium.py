"""Headless Chromium, and functions on this machine for it to visit."""

import os
import shutil
import threading
import time
from contextlib import contextmanager

from emulators.local import application
from handlers import google

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
PATIENCE = 10  # seconds
CONTROLS = """[...document.querySelectorAll("input, select, textarea, button")].filter(control => {
  const label = control.labels[0] ?? control;
  return control.checkVisibility() && [control.ariaLabel, label.textContent].includes(arguments[0]);
})"""


def missing():
    """What is not installed here; nothing when all is there."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium"
    return next((name for name in ("chromium", "chromedriver") if shutil.which(name) is None), None)


@contextmanager
def browser(profile):
    """A Chromium with a new profile."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Named, so that selenium looks for no other on the network.
    driver = Chrome(options, Service(shutil.which("chromedriver"), env={**os.environ, "SE_OFFLINE": "true"}))
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def served(service, prefix=""):
    """The address of a service behind Flask, below a path if one is given."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_):
            """What a test asks for need not be told."""

    app = application(google.wrap(service, tell=lambda line: None))
    mounted = DispatcherMiddleware(not_found, {prefix: app}) if prefix else app
    server = make_server("127.0.0.1", 0, mounted, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def not_found(_, start):
    start("404 Not Found", [("content-type", "text/plain")])
    return [b"outside of the prefix"]


class Visit:
    """A page as a person uses it: what it shows, and what is typed and pressed."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get(url)
        self.until("document.getElementById('identity').textContent.indexOf('Asking')")
        return self

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def until(self, condition):
        """Wait for a condition of the page's; what it was, when it never comes."""
        end = time.monotonic() + PATIENCE
        while not (found := self.run(f"return {condition}")):
            assert time.monotonic() < end, f"never came: {condition}"
            time.sleep(0.02)
        return found

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def control(self, label):
        """The control with this label."""
        found = self.run(f"return {CONTROLS}", label)
        assert len(found) == 1, (label, len(found))
        return found[0]

    def fill(self, row):
        """Type a row's values in, or pick them."""
        from selenium.webdriver.support.select import Select

        for name, value in row.items():
            control = self.control(name)
            if control.tag_name == "select":
                Select(control).select_by_visible_text(str(value))
            else:
                control.clear()
                control.send_keys(str(value))

    def press(self, label):
        self.control(label).click()

    def predict(self):
        """Press Predict and wait for what comes of it: the text that is read aloud."""
        self.run(
            "document.getElementById('news').dataset.old = 'yes'; document.getElementById('news').replaceChildren()"
        )
        self.press("Predict")
        self.until("document.getElementById('news').childElementCount > 0")
        return self.text("#news")

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def note(self, label):
        """The problem or the warning at a field, and which of the two it is."""
        control = self.control(label)
        note = self.find("#" + control.get_attribute("aria-describedby").split()[-1])
        return note.text, note.get_attribute("class").removeprefix("note ")

    def look(self, width, scheme="light"):
        """Resize to a screen's width, with the reader's choice of colours."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def complaints(self):
        """What the browser wrote to its console, but for the statuses of wrong requests."""
        return [line["message"] for line in self.driver.get_log("browser") if line["source"] != "network"]
