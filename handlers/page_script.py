"""What the page does: it reads the model's documents, makes a form of them, sends a row and shows what comes back.

Everything that comes from the function becomes a text node or a property; nothing is ever read as markup.
"""

SCRIPT = r"""
const $ = id => document.getElementById(id);
const origin = location.origin;
const root = origin + location.pathname.replace(/\/*$/, "/");  // below a stage's prefix, with or without its slash
const functionKey = new URLSearchParams(location.search).get("code");  // where Azure asks for one
const RESERVED = ["probabilities", "explanation", "warnings"];
const SCALARS = "a text, a number, true or false; in quotes it is a text";
const SHOWN = 12;  // bars; what is more is in the full answer
const NOT_A_NUMBER = Symbol();  // what a field holds that the browser itself cannot read
const RECORD = { name: "JSON object", type: "record", nullable: false, categories: null };
const PYTHON = { null: "None", true: "True", false: "False" };
const model = {};
const fields = new Map();  // name -> what reads, fills and marks its control
let apiKey = "";
let turn = 0;
let sent;  // the body that was answered

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function upper(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function told({ title, detail }) {
  return upper(title ?? "no answer") + (detail ? `: ${detail}` : "");
}

// The function.

function secrets() {
  return [["x-api-key", "API_KEY", apiKey], ["x-functions-key", "FUNCTIONS_KEY", functionKey]].filter(each => each[2]);
}

async function call(path, body) {
  const headers = { accept: "application/json" };
  for (const [name, , value] of secrets()) headers[name] = value;
  if (body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await fetch(root + path, { method: body === undefined ? "GET" : "POST", headers, body });
    const { ok, status } = response;
    const text = await response.text();
    const version = response.headers.get("x-model-version");
    const value = { title: `the answer is not the function's own, but has status ${status}` };
    try {
      const read = JSON.parse(text);
      if (ok || read.title) return { ok, status, text, version, value: read };
    } catch {
      // a platform's own page
    }
    return { ok: false, status, text, value };
  } catch (error) {
    return { ok: false, status: 0, text: "", value: { title: "no answer came back", detail: error.message } };
  }
}

async function open() {
  $("closed").hidden = true;
  for (const path of ["", "signature"]) {  // one after the other: two at once may start two instances
    const answer = await call(path);
    if (answer.status === 401) return lock();
    if (!answer.ok) return close(answer.value);
    Object.assign(model, answer.value);
  }
  $("unlock").hidden = true;
  document.title = $("name").textContent = model.name;
  $("identity").replaceChildren("version ", make("code", {}, model.version), ` · ${model.engine} engine · ${model.task}`);
  if (!fields.size) build();
  $("desk").hidden = $("same").hidden = false;
  const links = secrets().length ? [] : ["signature", "openapi.json", "health", "version"];
  $("links").replaceChildren(...links.map(path => make("a", { href: root + path }, path)));
  if (apiKey) $("ask").querySelector("input, select, textarea").focus();
  quote();
}

function lock() {
  $("identity").textContent = "This function is locked.";
  $("unlock").hidden = false;
  $("desk").hidden = $("same").hidden = true;
  $("key-note").textContent = "This is not a key of this function.";
  $("key-note").hidden = !apiKey;
  $("key").setAttribute("aria-invalid", String(apiKey !== ""));
  $("key").focus();
}

function close(problem) {
  $("identity").textContent = "The function cannot answer now.";
  $("closed-note").textContent = told(problem);
  $("closed").hidden = false;
}

// The form. An empty control is null where missing is allowed, and left out where it is not.

function number(field, id) {
  const { low, high } = field;
  const isRange = low !== null && high !== null;
  const whole = Number.isInteger(low) && Number.isInteger(high);
  const exponent = !isRange || low >= high ? null : whole ? 0 : Math.min(0, Math.round(Math.log10((high - low) / 100)));
  const step = exponent === null ? "any" : Number(`1e${exponent}`);
  const control = make("input", { id, type: "number", step, autocomplete: "off" });
  return {
    control,
    hint: isRange ? `trained on ${short(low)} to ${short(high)}` : "",
    read: () => control.validity.badInput ? NOT_A_NUMBER : control.value === "" ? undefined : Number(control.value),
    example: () => {
      if (exponent === null) return low ?? high ?? 0;
      const between = low + Math.random() * (high - low);
      return Math.min(high, Math.max(low, Number(between.toFixed(Math.min(100, -exponent)))));
    },
  };
}

function short(value) {
  const text = String(value);
  return text.length < 9 ? text : String(Number(value.toPrecision(6)));
}

function line(field, id) {
  const control = make("input", { id, type: "text", autocomplete: "off", spellcheck: false });
  const plain = field.type === "string";
  return {
    control,
    hint: plain ? "" : SCALARS,
    read: () => control.value === "" ? undefined : plain ? control.value : scalar(control.value),
    example: () => "text",
  };
}

function area(id, rows) {
  const control = make("textarea", { id, rows });
  return { control, wide: true, read: () => control.value || undefined, example: () => "some text" };
}

function text(field, id) {
  return area(id, model.kind === "bare" ? 6 : 2);
}

function list(field, id) {
  const made = area(id, 4);
  const items = () => made.control.value.split("\n").map(item => item.trim()).filter(Boolean).map(scalar);
  const read = () => items().length ? items() : undefined;
  return { ...made, hint: `one item a line: ${SCALARS}`, read, example: () => "one\ntwo" };
}

function record(field, id) {
  const made = area(id, 8);
  const hint = "any fields, each with a number, a text or a list of texts";
  return { ...made, hint, read: () => made.control.value, example: () => '{"word": "text", "count": 1}' };
}

function select(field, id) {
  const known = field.categories;
  const name = value => (field.type === "any" ? show(value) : String(value)) || "(empty text)";
  const control = make("select", { id }, new Option(field.nullable ? "missing" : "choose…", ""));
  control.append(...known.map((value, place) => new Option(name(value), place)));
  const other = field.closed ? null : (field.type === "number" ? number : line)(field, `${id}-other`);
  const reveal = () => { if (other) other.control.hidden = control.value !== "other"; };
  if (other) {
    control.append(new Option("another…", "other"));
    other.control.ariaLabel = `${field.name}, another`;
    reveal();
  }
  control.addEventListener("change", reveal);
  return {
    control,
    nodes: other ? [control, other.control] : [control],
    reveal,
    read: () => control.value === "" ? undefined : control.value === "other" ? other.read() : known[control.value],
    example: () => Math.floor(Math.random() * known.length),
  };
}

function choices(field, id) {
  const values = field.nullable ? [true, false, null] : [true, false];
  const buttons = values.map(value => make("input", { type: "radio", name: id, defaultChecked: value === null }));
  const labels = values.map((value, place) => make("label", {}, buttons[place], String(value ?? "missing")));
  return {
    control: make("fieldset", { id, role: "radiogroup" }),
    nodes: [make("div", { className: "choices" }, ...labels)],
    read: () => values[buttons.findIndex(button => button.checked)] ?? undefined,
    write: place => { buttons[place].checked = true; },
    example: () => Math.floor(Math.random() * 2),
  };
}

const MAKERS = { number, string: text, any: line, list, boolean: choices, record };

function build() {
  const all = model.kind === "record" ? [RECORD] : model.fields;
  const optional = all.filter(field => field.nullable).length;
  if (optional === all.length) $("may").textContent = "Any field may be left empty: the model has an answer for what is missing.";
  else if (optional) $("may").textContent = "A field may be left empty, unless it says that it is required.";
  all.forEach((field, place) => {
    const id = `field-${place}`;
    const made = (field.categories && field.type !== "boolean" ? select : MAKERS[field.type])(field, id);
    const { control, nodes = [control] } = made;
    const hints = [made.hint, optional && !field.nullable ? "required" : ""].filter(Boolean).join(" · ");
    const hint = make("p", { id: `${id}-hint`, className: "hint", hidden: !hints }, hints);
    const note = make("div", { id: `${id}-note`, hidden: true });
    const isSet = control.tagName === "FIELDSET";
    const frame = isSet ? control : make("div");
    frame.className = `field ${field.type} ${made.wide ? "wide" : ""}`;
    frame.append(isSet ? make("legend", {}, field.name) : make("label", { htmlFor: id }, field.name), ...nodes, hint, note);
    frame.addEventListener("input", () => unmark(entry));
    control.setAttribute("aria-describedby", `${hint.id} ${note.id}`);
    if (field.nullable) control.placeholder = "missing";
    const write = value => { control.value = value; };
    const entry = { write, ...made, note, nullable: field.nullable };
    fields.set(field.name, entry);
    $("fields").append(frame);
  });
}

function gather() {
  if (model.kind === "record") return { body: fields.get(RECORD.name).read(), problems: [] };
  const row = new Map();
  const problems = [];
  for (const [name, field] of fields) {
    const value = field.read();
    if (value === NOT_A_NUMBER) {
      const pointer = "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
      problems.push({ pointer, detail: "not a number", expected: "a number", found: "something else" });
    } else if (value !== undefined || field.nullable) {
      row.set(name, value ?? null);
    }
  }
  return { row, body: literal(row), problems };
}

// A text as the scalar that JSON reads in it, and back.

function scalar(text) {
  try {
    const value = JSON.parse(text);
    return value === null || typeof value === "object" ? text : value;
  } catch {
    return text;
  }
}

function show(value) {
  return typeof value === "string" && scalar(value) === value ? value : JSON.stringify(value);
}

function literal(value, words = {}) {
  const write = inner => literal(inner, words);
  if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    const members = value instanceof Map ? [...value] : Object.entries(value);
    return `{${members.map(([name, inner]) => `${JSON.stringify(name)}: ${write(inner)}`).join(", ")}}`;
  }
  return words[value] !== undefined && typeof value !== "string" ? words[value] : JSON.stringify(value);
}

// The answer.

function target() {
  const asked = [["probabilities", model.probabilities], ["explain", model.explanation]].filter(each => each[1] === true);
  return "predict" + (asked.length ? "?" + asked.map(([name]) => `${name}=true`).join("&") : "");
}

async function predict() {
  const mine = ++turn;
  fields.forEach(unmark);
  const { body, problems } = gather();
  sent = body;
  if (problems.length) return refuse({ status: 0, text: "", value: { title: "a field cannot be read", errors: problems } });
  $("answer").setAttribute("aria-busy", "true");
  $("predict").textContent = "Predicting…";
  const start = performance.now();
  const answer = await call(target(), body);
  if (mine !== turn) return;
  answer.ms = Math.round(performance.now() - start);
  $("answer").removeAttribute("aria-busy");
  $("predict").textContent = "Predict";
  if (answer.status === 401) lock();
  else if (answer.ok) tell(answer);
  else refuse(answer);
}

function refuse(answer) {
  const { title, detail, errors, request_id } = answer.value;
  const lines = errors ? [told({ title }), ...mark(errors, "problem")] : [told({ title, detail })];
  if (request_id) lines.push(`Request ${request_id}`);
  reveal(answer, note("problem", lines));
  const first = [...fields.values()].find(field => !field.note.hidden);
  if (first) (first.control.tagName === "FIELDSET" ? first.control.querySelector("input") : first.control).focus();
}

function tell(answer) {
  const { value } = answer;
  const nodes = [];
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  const warnings = isObject && Array.isArray(value.warnings) ? value.warnings : [];
  const results = isObject ? Object.entries(value).filter(([name]) => !RESERVED.includes(name)) : [["answer", value]];
  nodes.push(make("dl", {}, ...results.map(([name, each]) => result(name, each))));
  if (warnings.length) nodes.push(note("warning", mark(warnings, "warning")));
  if (isObject && value.probabilities) nodes.push(...shares(value.probabilities));
  if (isObject && value.explanation) nodes.push(...reasons(value.explanation));
  reveal(answer, ...nodes);
  $("answer").scrollIntoView({ block: "nearest" });
}

function reveal(answer, ...nodes) {
  $("news").replaceChildren(...nodes);
  $("full").hidden = !answer.text;
  $("raw").textContent = answer.text;
  const meta = [];
  if (answer.ms !== undefined) meta.push(`${answer.ms} ms`);
  if (answer.version && answer.version !== model.version) {
    meta.push(`answered by version ${answer.version}: the model has changed since this page was opened`);
  }
  $("meta").textContent = meta.join(" · ");
  quote();
}

function result(name, value) {
  const isNested = value !== null && typeof value === "object";
  const shown = isNested ? literal(value) : value === null ? "no finite number" : String(value) || "(empty text)";
  const kind = isNested ? "nested" : shown.length > 14 ? "long" : "";
  return make("div", { className: "result" }, make("dt", {}, name), make("dd", { className: kind }, shown));
}

function shares(probabilities) {
  const several = Array.isArray(probabilities) ? probabilities : [probabilities];
  return several.flatMap((each, place) => {
    const title = several.length > 1 ? `Probabilities of ${[model.output].flat()[place] ?? place}` : "Probabilities";
    const entries = Object.entries(each ?? {}).filter(entry => typeof entry[1] === "number");
    const most = Math.max(...entries.map(([, share]) => share));
    const first = entries.find(([, share]) => share === most);
    return chart(title, entries, (entry, bar) => {
      bar.style.width = `${100 * entry[1]}%`;
      return [percent(entry[1]), entry === first ? "most" : ""];
    });
  });
}

function percent(share) {
  const text = (100 * share).toFixed(1);
  if (share > 0 && text === "0.0") return "< 0.1 %";
  return share < 1 && text === "100.0" ? "> 99.9 %" : `${text} %`;
}

// What each field adds: bars to the right of the middle or to the left, the longest first.
function reasons(explanation) {
  return [explanation].flat().flatMap(({ of, base, contributions, link }, place, all) => {
    const output = all.length > 1 ? ` to ${[model.output].flat()[place] ?? place}` : "";
    const title = of === undefined ? `What each field adds${output}` : `For and against ${of}`;
    const entries = Object.entries(contributions ?? {}).filter(each => typeof each[1] === "number").sort(longest);
    const most = Math.abs(entries[0]?.[1]) || 1;
    const hint = make("p", { className: "hint" }, `added to a base of ${short(base ?? 0)}${link ? `, on the ${link} scale` : ""}`);
    return [...chart(title, entries, ([, x], bar) => {
      const half = 50 * Math.abs(x) / most;
      bar.style.width = `${half}%`;
      bar.style.left = `${x < 0 ? 50 - half : 50}%`;
      return [(x < 0 ? "−" : "+") + Number(Math.abs(x).toPrecision(3)), x < 0 ? "down" : "up"];
    }), hint];
  });
}

function longest(one, other) {
  return Math.abs(other[1]) - Math.abs(one[1]);
}

// All bars in their own order, or the longest of many. `draw` sets one and gives its words.
function chart(title, entries, draw) {
  if (!entries.length) return [];
  const isMany = entries.length > SHOWN;
  const rows = (isMany ? [...entries].sort(longest).slice(0, SHOWN) : entries).map(entry => {
    const [name, value] = entry;
    const bar = make("i");
    const [words, kind] = draw(entry, bar);
    const track = make("span", { className: "track", ariaHidden: "true" }, bar);
    return make("li", { className: kind }, make("span", {}, name), make("b", { title: String(value) }, words), track);
  });
  const nodes = [make("h3", {}, title), make("ul", { className: "bars" }, ...rows)];
  if (isMany) nodes.push(make("p", { className: "hint" }, `and ${entries.length - SHOWN} more in the full answer`));
  return nodes;
}

// Problems and warnings: each at the field that its JSON pointer names. What is left to say of them is given back.

function mark(entries, kind) {
  const left = [];
  for (const entry of entries) {
    const [, name = "", ...inner] = (entry.pointer ?? "").split("/");
    const isRecord = model.kind === "record";
    const field = isRecord ? fields.get(RECORD.name) : fields.get(name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const text = sentence(entry, isRecord ? entry.pointer : inner.join("/"));
    if (!field) {
      left.push(text);
      continue;
    }
    field.note.className = `note ${kind}`;
    field.note.append(make("p", {}, text));
    field.note.hidden = false;
    if (kind === "problem") field.control.setAttribute("aria-invalid", "true");
  }
  const placed = entries.length - left.length;
  if (placed) left.push(placed === 1 ? `One ${kind}, shown at its field.` : `${placed} ${kind}s, shown at their fields.`);
  return left;
}

function unmark(field) {
  field.note.hidden = true;
  field.note.replaceChildren();
  field.control.removeAttribute("aria-invalid");
}

function sentence({ detail, expected, found, nearest }, place) {
  const parts = [(place ? `${place}: ` : "") + upper(detail ?? "")];
  if (expected) parts.push(`Wanted: ${expected}`);
  if (found) parts.push(`Found: ${found}`);
  return parts.join(". ") + (nearest === undefined ? "." : `. Did you mean ${show(nearest)}?`);
}

function note(kind, lines) {
  return make("div", { className: `note ${kind}` }, ...lines.filter(Boolean).map(text => make("p", {}, text)));
}

// The same request from elsewhere. Keys are named, not shown: snippets are copied to where others read them.

function quote() {
  const { row, body } = gather();
  $("stale").hidden = sent === undefined || sent === body;
  const url = root + target();
  const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
  const curl = [`curl ${quoted(url)}`, "-H 'content-type: application/json'"];
  curl.push(...secrets().map(([name, variable]) => `-H "${name}: $${variable}"`), `-d ${quoted(body)}`);
  $("curl").textContent = curl.join(" \\\n  ");
  let value = row;
  try {
    value ??= JSON.parse(body);
  } catch {
    // sent as it is
  }
  const members = ['"content-type": "application/json"'];
  members.push(...secrets().map(([name, variable]) => `"${name}": os.environ["${variable}"]`));
  $("python").textContent = [
    "import json",
    ...(secrets().length ? ["import os"] : []),
    "from urllib.request import Request, urlopen",
    "",
    value === undefined ? `body = ${JSON.stringify(body)}` : `row = ${literal(value, PYTHON)}`,
    `url = ${JSON.stringify(url)}`,
    `headers = {${members.join(", ")}}`,
    `request = Request(url, ${value === undefined ? "body" : "json.dumps(row)"}.encode(), headers)`,
    "print(json.load(urlopen(request)))",
  ].join("\n");
}

async function copy(button) {
  const pre = $(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = "Copied";
  } catch {  // not over plain http: the reader copies what is selected
    getSelection().selectAllChildren(pre);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

$("ask").addEventListener("submit", event => {
  event.preventDefault();
  predict();
});
for (const kind of ["input", "change"]) $("ask").addEventListener(kind, quote);
$("ask").addEventListener("reset", () => setTimeout(() => {
  fields.forEach(field => {
    unmark(field);
    field.reveal?.();
  });
  quote();
}));
$("ask").addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("ask").requestSubmit();
});
$("example").addEventListener("click", () => {
  fields.forEach(field => {
    unmark(field);
    field.write(field.example());
    field.reveal?.();
  });
  quote();
});
$("unlock").addEventListener("submit", event => {
  event.preventDefault();
  apiKey = $("key").value.trim();
  open();
});
$("again").addEventListener("click", open);
for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", () => copy(button));
open();
"""
