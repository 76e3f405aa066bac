from leanfn.engines.lean.memory import REMEMBERED, Memory


def test_no_more_is_remembered_than_may_be():
    memory = Memory(lambda piece: (len(piece),))
    for i in range(REMEMBERED + 10):
        assert memory[str(i)] == (len(str(i)),)
    assert len(memory) <= REMEMBERED
    assert memory["x" * 100] == (100,)
    assert "x" * 100 not in memory


def test_what_is_remembered_is_not_looked_at_again():
    asked = []
    memory = Memory(lambda piece: asked.append(piece) or len(piece))
    assert [memory[piece] for piece in ("fox", "ox", "fox")] == [3, 2, 3]
    assert asked == ["fox", "ox"]
