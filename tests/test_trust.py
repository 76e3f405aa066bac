from leanfn.trust import is_trusted, state_folder, trust


def test_a_digest_is_trusted_once_somebody_said_so(tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    assert not is_trusted("aa", environ)
    trust("aa", environ)
    trust("aa", environ)
    assert is_trusted("aa", environ) and not is_trusted("a", environ)
    assert (tmp_path / "leanfn" / "trusted").read_text() == "aa\n"


def test_the_state_folder_is_the_systems_own():
    assert state_folder({"XDG_STATE_HOME": "/state"}).as_posix() == "/state/leanfn"
    assert state_folder({"LOCALAPPDATA": "/local"}).as_posix() == "/local/leanfn"
    assert state_folder({}).as_posix().endswith(".local/state/leanfn")
