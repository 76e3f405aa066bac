"""How the page looks: plain and calm, by the reader's own choice light or dark, from a phone's width up."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f7f8f9; --paper: #fff; --ink: #1a2027; --quiet: #57616d; --line: #dfe3e8; --edge: #848e9a;
  --accent: #1d5fbf; --on-accent: #fff; --share: #9dbce6; --bad: #b3261e; --bad-paper: #fdf2f1;
  --odd: #7d5200; --odd-paper: #fdf6e7;
  --mono: ui-monospace, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13171c; --paper: #1b2027; --ink: #e6e9ed; --quiet: #a0aab6; --line: #2e353e; --edge: #6c7784;
    --accent: #7fb0f5; --on-accent: #0d1a2b; --share: #3d587c; --bad: #ff9d94; --bad-paper: #2c1b1b;
    --odd: #edbf66; --odd-paper: #29230f;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; max-width: 76rem; padding: clamp(1.5rem, 4vw, 3.5rem) clamp(1rem, 4vw, 3rem);
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; font-weight: 650; }
h2 { margin: 0 0 1rem; font-size: 1.125rem; line-height: 1.4; font-weight: 650; }
h3 { margin: 1.75rem 0 .75rem; font-size: .875rem; font-weight: 600; color: var(--quiet); }
p { margin: 0; }
a { color: var(--accent); text-underline-offset: .2em; }
code, pre { font: .8125rem var(--mono); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); font-size: .875rem; }
header { margin-bottom: 2.5rem; }
header p { margin-top: .5rem; }

#desk { display: grid; gap: 2.5rem; }
@media (min-width: 60rem) {
  #desk { grid-template-columns: minmax(0, 1fr) 24rem; gap: 3.5rem; align-items: start; }
  #answer { position: sticky; top: 1.5rem; }
}
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 10rem), 1fr)); gap: 1.5rem 1.25rem; }
.field { min-width: 0; margin: 0; padding: 0; border: 0; }
.field.wide { grid-column: 1 / -1; }
label, legend { display: block; padding: 0; margin-bottom: .375rem; font-size: .9375rem; font-weight: 500; }
#may { margin: -.5rem 0 1.5rem; }
#may:empty { display: none; }
::placeholder { color: var(--quiet); opacity: 1; }
.hint { margin-top: .375rem; color: var(--quiet); font-size: .8125rem; line-height: 1.4; }
input, select, textarea, button { font: inherit; color: inherit; border-radius: .5rem; }
input:not([type=radio]), select, textarea {
  display: block; width: 100%; height: 2.75rem; padding: 0 .75rem;
  background: var(--paper); border: 1px solid var(--edge);
}
select { padding-right: .25rem; text-overflow: ellipsis; }
select + input { margin-top: .5rem !important; }
textarea { height: auto; padding: .625rem .75rem; resize: vertical; }
.record textarea { min-height: 12rem; font-family: var(--mono); font-size: .875rem; }
.choices { display: flex; flex-wrap: wrap; gap: 0 1rem; min-height: 2.75rem; align-items: center; }
.choices label { display: flex; align-items: center; gap: .5rem; min-height: 2.75rem; margin: 0; font-weight: 400; }
.choices input { width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); }

.note { margin-top: .5rem; padding: .5rem .75rem; border-left: 3px solid; border-radius: .25rem; font-size: .8125rem; line-height: 1.45; }
.problem { color: var(--bad); background: var(--bad-paper); }
.warning { color: var(--odd); background: var(--odd-paper); }
[aria-invalid=true]:not(fieldset) { border-color: var(--bad) !important; box-shadow: 0 0 0 1px var(--bad); }

.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 2rem; }
button { min-height: 2.75rem; padding: 0 1.125rem; border: 1px solid var(--edge); background: var(--paper); cursor: pointer; }
button:hover { border-color: var(--ink); }
.main { min-width: 8.5rem; border-color: transparent; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.main:hover { border-color: transparent; filter: brightness(1.08); }
.small { min-height: 2.25rem; padding: 0 .75rem; font-size: .8125rem; }

.card { padding: 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: .875rem; }
[aria-busy=true] { opacity: .55; }
.result + .result { margin-top: 1.25rem; }
.result dt { color: var(--quiet); font-size: .875rem; }
.result dd { margin: 0; font-size: 1.75rem; line-height: 1.25; font-weight: 650; }
.result dd.long { font-size: 1.25rem; }
.result dd.nested { margin-top: .25rem; font: .875rem/1.5 var(--mono); }
dl { margin: 0; }
.bars { margin: 0; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25rem 1rem; font-size: .875rem; }
.bars li + li { margin-top: .75rem; }
.bars b { font-weight: 400; font-variant-numeric: tabular-nums; }
.bars .most, .bars .most b { font-weight: 600; }
.track { grid-column: 1 / -1; position: relative; height: .5rem; border-radius: .25rem; background: var(--line); overflow: hidden; }
.track i { position: absolute; top: 0; bottom: 0; left: 0; border-radius: .25rem; background: var(--share); }
.most .track i, .up i { background: var(--accent); }
.down i { background: var(--odd); }
#news .note { margin-top: 1rem; }
.meta { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.bars + .hint { margin-top: .75rem; }
details { margin-top: .75rem; }
summary { color: var(--quiet); font-size: .875rem; cursor: pointer; border-radius: .25rem; }
pre { margin: .75rem 0 0; line-height: 1.55; white-space: pre-wrap; tab-size: 2; }

#same { margin-top: 3.5rem; padding-top: 2.5rem; border-top: 1px solid var(--line); }
.pair { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.snippet h3 { margin: 0; }
.snippet div { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
footer { margin-top: 2.5rem; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
.narrow { max-width: 28rem; margin-bottom: 2.5rem; }
@media (max-width: 30rem) { .actions .main { flex: 1 0 100%; } }
@media (forced-colors: active) { .track { border: 1px solid; } .track i { background: Highlight !important; } }
"""
