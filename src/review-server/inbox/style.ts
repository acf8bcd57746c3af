/** The pages' one style sheet. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5d9e0, #3a404b); --soft: light-dark(#f5f6f8, #1d2128); --ink: light-dark(#16191f, #e8eaee); --dim: light-dark(#59616e, #a0a8b5); --accent: light-dark(#1d5fd1, #7fb0ff); --go: #1a7f46; --stop: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #14171c); }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center; padding: 10px 20px; border-bottom: 1px solid var(--line); }
header form { margin-left: auto; }
.brand { font-weight: 700; color: inherit; text-decoration: none; }
nav a { margin-right: 12px; }
a { color: var(--accent); }
main { max-width: 880px; margin: 0 auto; padding: 20px; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 8px 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 24px 0 8px; }
.dim, .who { color: var(--dim); }
.cards { list-style: none; padding: 0; margin: 0; }
.cards li { border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; margin: 0 0 10px; overflow-wrap: anywhere; }
.cards a { font-weight: 600; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 999px; padding: 0 10px; font-size: .85rem; margin-right: 4px; }
.risk-high, .risk-critical, .REJECTED { border-color: var(--stop); color: light-dark(var(--stop), #ff8a80); }
.APPROVED { border-color: var(--go); color: light-dark(var(--go), #7ddba3); }
pre, textarea { font: 14px/1.5 ui-monospace, monospace; width: 100%; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: 12px; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
blockquote { margin: 0; padding: 2px 14px; border-left: 4px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
.invisible { background: #b3261e; color: #fff; border-radius: 3px; padding: 0 3px; font: 12px ui-monospace, monospace; unicode-bidi: isolate; direction: ltr; }
#note { font-family: inherit; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: block; margin: 8px 0 4px; }
input, textarea { font-size: 1rem; padding: 8px; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit; width: 100%; }
button { font: inherit; font-weight: 600; border: 0; border-radius: 6px; padding: 9px 18px; margin: 8px 8px 0 0; color: #fff; background: #1d5fd1; cursor: pointer; }
button.go { background: var(--go); }
button.stop { background: var(--stop); }
button.quiet { background: transparent; color: var(--accent); padding: 4px 8px; margin: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
details { border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; margin: 12px 0; }
summary { cursor: pointer; font-weight: 600; }
.notice { border: 1px solid var(--stop); border-radius: 8px; padding: 10px 16px; margin: 0 0 16px; overflow-wrap: anywhere; }
.narrow { max-width: 380px; margin: 8vh auto 0; }
@media (max-width: 520px) { dl { grid-template-columns: 1fr; } dt { margin-top: 6px; } main { padding: 14px; } button { width: 100%; } button.quiet { width: auto; } }
`;
