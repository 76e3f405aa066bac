"""JSON documents of our own making, with one verdict for all runtimes: whether the function reads them as JSON.

Read by the tests of the parser and of every runtime. A valid one may still be no row: then the answer is 422.
"""

WHOLE = '{"a": [1, -2.5e+3, "x\\u00e9\\n", true, false, null, {}]}'
ESCAPES = '"\\/bfnrtu'

SCALARS = [
    *["0", "-0", "1", "-1", "10", "9007199254740993", "123456789012345678901234567890", "0.5", "-0.0", "1.0", "0.10"],
    *["1e5", "1E5", "1e+5", "1e-5", "1.5e300", "-1.5E-300", "5e-324", "1e-400", "1.7976931348623157e308"],
    *["0e0", "0e999999", "0.0000000000000000000000000000000000001", "true", "false", "null", '""', '" "', '"a"'],
]
STRINGS = [
    *[f'"\\{letter}"' for letter in '"\\/bfnrt'],
    *['"\\u0000"', '"\\u001f"', '"\\u00E9"', '"\\uFFFF"', '"\\uD83D\\uDE00"', '"\\ud83d\\ude00"', '"\\\\ud800"'],
    *['"é"', '"日本語"', '"😀"', '"\u2028\u2029"', '"\x7f"', '"\ufeff"', '"[[[["', '"{\\"a\\":"', '"//"', '"NaN"', '"1e400"'],
]
SHAPES = [
    *["[]", "{}", "[[]]", "[{}]", '{"a":[]}', "[1,2,3]", '{"a":1,"b":2}', '{"a":{"a":{"a":1}}}', '[{"a":1},{"a":1}]'],
    *['{"":0}', '{"a b":0}', '{"\\u0061b":0}', '{"a":1,"A":2}', '{"é":1,"e\u0301":2}', WHOLE],
    *["[" * 64 + "]" * 64, '{"a":' * 64 + "1" + "}" * 64, "[" + "[]," * 999 + "[]]", "[" + "1," * 4999 + "1]"],
]
SPACES = [" 1", "1 ", "\t1", "1\n", "\r\n1\r\n", "[ 1 , 2 ]", '{ "a" : 1 }', "  \n\t\r  [\n]  "]
LONG = ["1" * 308, "-" + "1" * 307, "1." + "0" * 5000 + "1", "0." + "9" * 5000, '"' + "a" * 100_000 + '"']

VALID = [text.encode() for text in (*SCALARS, *STRINGS, *SHAPES, *SPACES, *LONG)]

NUMBERS = [
    *["01", "-01", "00", "1.", ".5", "-.5", "-", "+1", "1e", "1e+", "1E-", "1.e5", "0x10", "0b1", "1_000", "1,5", "١", "１"],
    *["NaN", "-NaN", "nan", "Infinity", "-Infinity", "+Infinity", "inf", "1e400", "-1e400", "1e309", "1.8e308", "--1"],
    *["1 2", "1 .5", "1e1e1", "1e1.5", "½", "1d", "1f", "1L", "∞", "9" * 400 + ".5", "1" * 309, "-" + "1" * 308, "1" * 100_000],
]
WORDS = ["True", "False", "None", "TRUE", "tru", "truee", "nul", "nil", "undefined", "yes", "a", "'a'", "`a`", "\\u0061"]
BROKEN = [
    *["", " ", "\n", "[", "]", "{", "}", "[[", "]]", "{{", "}}", "[}", "{]", "[1", "1]", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]"],
    *["[1 2]", "[1;2]", "[1]]", "[1][2]", "[1],", ",[1]", "{,}", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}'],
    *['{"a" 1}', '{"a"=1}', '{"a":1 "b":2}', '{"a":1;"b":2}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}", '{"a":1}}'],
    *['{"a":1}{"b":2}', '{"a":1}\n{"b":2}', '{"a":1', '{"a":', '{"a"', '{"a', '"', '"a', '"a\\"', '"a\\', '"\\u', '"\\u12', '"\\u123"'],
    *['"\\u12G4"', '"\\u 123"', '"\\u+123"', '"\\u-123"', '"\\u0x12"', '"\\x41"', '"\\U0001F600"', '"\\101"', '"a" "b"', '"a"b'],
    *["/*a*/1", "1//a", "# a\n1", "[1]#", "<a/>", "a=1&b=2", "a,b\n1,2", "[1}", '{"a":[1}', '{"a":1]', "...", "[...]", "{...}"],
]
TWICE = [
    *['{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"a":{"b":1,"b":2}}', '[{"a":1,"a":2}]', '{"":1,"":2}'],
    *['{"a":1,"\\u0061":2}', '{"é":1,"\\u00e9":2}', '{"a":null,"a":null}', '{"😀":1,"\\ud83d\\ude00":2}'],
]
HALVES = [
    *['"\\ud800"', '"\\uD800"', '"\\udfff"', '"\\uDC00\\uD800"', '"\\ud800\\ud800"', '"\\ud83d"', '"\\ude00"', '"\\ud83dx\\ude00"'],
    *['"\\ud83d \\ude00"', '{"\\ud800":1}', '[[["\\uDBFF"]]]', '"a\\uDFFFb"', '{"a":"\\ud83d\\u0041"}', '"\\ud83d\\\\ude00"'],
]
DEEP = [
    *["[" * 65 + "]" * 65, '{"a":' * 65 + "1" + "}" * 65, "[" * 1_000 + "]" * 1_000, "[" * 1_600 + "]" * 1_600],
    *["[" * 100_000 + "]" * 100_000, "[" * 100_000, '{"a":' * 100_000, '[{"a":' * 50_000, "]" * 100_000, "[1," * 20_000],
    *["[" * 11_000 + "1" + "]" * 11_000, "[" * 100 + '"]"' + "]" * 100, "[" + "[" * 64 + "]" * 64 + "]"],
]
SPACES_WRONG = [f"{space}1" for space in "\x0b\x0c\x00\x1c\x85\xa0\u2003\u2028\u3000\ufeff"]
CONTROLS = [f'"{chr(code)}"' for code in range(32)]
ESCAPES_WRONG = [f'"\\{chr(code)}"' for code in range(33, 127) if chr(code) not in ESCAPES]
CUT = [WHOLE[:length] for length in range(1, len(WHOLE))]
TEXTS = (*NUMBERS, *WORDS, *BROKEN, *TWICE, *HALVES, *DEEP, *SPACES_WRONG, *CONTROLS, *ESCAPES_WRONG, *CUT)

BYTES = [
    *[b"\xef\xbb\xbf1", b"\xef\xbb\xbf{}", b"\xff\xfe1\x00", b"\xfe\xff\x001", b"1\x00", b"\x001", b"1\x00\x00\x00"],
    *[WHOLE.encode("utf-16"), WHOLE.encode("utf-16-le"), WHOLE.encode("utf-16-be"), WHOLE.encode("utf-32")],
    *[b'"\xff"', b'"\xc0\x80"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xed\xbf\xbf"', b'"\xf4\x90\x80\x80"', b'"\xe9"', b'"\x80"'],
    *[b'{"a":"\xe2\x82"}', b'\xa0{"a":1}', b'"\xf8\x88\x80\x80\x80"', b"\x80\x04K\x01.", b"\x1f\x8b\x08\x00", b"PK\x03\x04"],
]

INVALID = [*[text.encode() for text in TEXTS], *BYTES]

DOCUMENTS = [*[(document, True) for document in VALID], *[(document, False) for document in INVALID]]
