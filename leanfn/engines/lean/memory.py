"""What is remembered of a function's answers for pieces of text, from one request to the next: most come again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

REMEMBERED = 1 << 14  # pieces of text
LENGTH_REMEMBERED = 32  # characters of such a piece; a longer one is rare, and memory


class Memory(dict):  # type: ignore[type-arg]
    """From a piece of text (a string, or a tuple of characters) to its answer; one that is not there is looked at."""

    __slots__ = ("_look",)

    def __init__(self, look: Callable[[Any], Any]) -> None:
        self._look = look

    def __missing__(self, piece: Any) -> Any:
        answer = self._look(piece)
        if len(piece) <= LENGTH_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[piece] = answer
        return answer
