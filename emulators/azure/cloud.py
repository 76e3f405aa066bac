"""The emulated Azure, opened: its servers, and what the clients need to reach them."""

from __future__ import annotations

import random
import ssl
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .apps import App, Run
from .arm import Arm
from .blobs import Blobs
from .certificate import certified
from .front import Answer, Call, Front, Interfere, Reply
from .runtime import interpreter, runner
from .tokens import Tokens

SUBSCRIPTION = "00000000-0000-0000-0000-00000000e0e0"  # not to be mistaken for anybody's
TENANT = "00000000-0000-0000-0000-00000000e0e1"


class Cloud:
    """run: what runs a function app. interfere: may be set at any time; it sees every call before it is answered."""

    def __init__(
        self,
        run: Run,
        folder: Path,
        called: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._context: ssl.SSLContext
        self._context, certificate = certified(folder)
        self._called = called
        self.interfere: Interfere = lambda _: None
        self.tokens = Tokens(TENANT, str(uuid.uuid4()), uuid.uuid4().hex)
        self.blobs = Blobs(clock)
        self.arm = Arm(
            SUBSCRIPTION,
            self.tokens,
            self.blobs,
            lambda name: App(name, run, self.tokens, self._listen, chance),
        )
        self._fronts = (self._listen(self.arm.answer), self._listen(self.blobs.answer))
        arm, storage = (f"https://{front.host}" for front in self._fronts)
        self.arm.base = self.tokens.base = arm
        self.arm.storage_base = storage
        self.settings: Mapping[str, str] = {
            "endpoint": arm,
            "certificate": str(certificate),
            "subscription": SUBSCRIPTION,
            "tenant": TENANT,
            "client": self.tokens.client,
            "secret": self.tokens.secret,
        }

    def close(self) -> None:
        for app in [app for key, app in self.arm.apps.items() if "/slots/" not in key]:
            app.close()
        for front in self._fronts:
            front.close()

    def _listen(self, answer: Answer) -> Front:
        return Front(answer, self._context, self._seen)

    def _seen(self, call: Call) -> Any:
        self._called()
        hindrance: Reply | str | None = self.interfere(call)
        return hindrance


@contextmanager
def open_cloud(called: Callable[[], None]) -> Iterator[Mapping[str, str]]:
    """Open it with Microsoft's runtime; it ends with the block."""
    python = interpreter()
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(runner(python), Path(folder), called)
        try:
            yield cloud.settings
        finally:
            cloud.close()
