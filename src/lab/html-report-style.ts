/** Colours of the page and of its plots, light and dark. */
export const reportColors = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfc; --panel: #ffffff; --ink: #1c2230; --muted: #667085; --faint: #e4e7ec;
  --good: #15803d; --bad: #b91c1c; --unknown: #a16207;
  --node-process: #475569; --worker-thread: #8a6a4f; --node-vm: #7c8aa0;
  --deno-process: #be185d; --bun-process: #9333ea; --workerd-loader: #c2660a;
  --init: #2563eb; --code-cache: #0e7490; --snapshot: #0d9488; --snapshot-warm-up: #15803d;
  --restored-ahead: #4d7c0f; --warm: #8b8f98;
  --brisk: #2563eb; --platform: #475569; --peer: #c2660a;
  --phase-process: #64748b; --phase-isolate: #6366f1; --phase-context: #a78bfa; --phase-bind: #ec4899;
  --phase-init: #f59e0b; --phase-restore: #10b981; --phase-firstInvoke: #38bdf8;
  --phase-rest: #cbd5e1; --phase-whole: #e2e2dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171d; --panel: #1b1f27; --ink: #e8eaee; --muted: #98a2b3; --faint: #2d333e;
    --good: #4ade80; --bad: #f87171; --unknown: #facc15;
    --node-process: #94a3b8; --worker-thread: #c8a98b; --node-vm: #b6c2d3;
    --deno-process: #f472b6; --bun-process: #c084fc; --workerd-loader: #fb9b3c;
    --init: #6aa5ff; --code-cache: #22c5e0; --snapshot: #2dd4bf; --snapshot-warm-up: #4ade80;
    --restored-ahead: #a3e635; --warm: #9aa0aa;
    --brisk: #6aa5ff; --platform: #94a3b8; --peer: #fb9b3c;
    --phase-process: #7c8ba1; --phase-isolate: #818cf8; --phase-rest: #475060; --phase-whole: #3a3f49;
  }
}
`;

/** The page's colours and its few rules. */
export const reportStyle = `${reportColors}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 40px 24px 80px }
h1 { font-size: 32px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.02em }
h2 { font-size: 24px; margin: 56px 0 4px; letter-spacing: -0.01em }
h3 { font-size: 18px; margin: 0 0 2px }
p { margin: 0 0 12px; max-width: 70ch }
.quiet, figcaption { color: var(--muted); font-size: 14px }
.lead { font-size: 20px; line-height: 1.45; margin: 16px 0 24px }
.lead b { white-space: nowrap }
figure { margin: 24px 0; padding: 20px 24px 16px; background: var(--panel); border: 1px solid var(--faint); border-radius: 12px }
figcaption { margin: 0 0 16px; max-width: 75ch }
.plot { overflow-x: auto }
.plot svg { display: block; max-width: 100%; min-width: 620px; height: auto }
.plot + .plot { margin-top: 20px }
.table { overflow-x: auto; margin: 16px 0 }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums }
th { text-align: right; font-weight: 500; color: var(--muted); white-space: nowrap }
td { text-align: right; white-space: nowrap }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--faint) }
th:first-child, td:first-child { text-align: left; padding-left: 0 }
td.words { white-space: normal; text-align: left; min-width: 22ch }
td:last-child, th:last-child { padding-right: 0 }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px }
.good { color: var(--good) } .bad { color: var(--bad) } .unknown { color: var(--unknown) }
ul { padding-left: 20px; margin: 8px 0 }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; font-size: 14px; margin: 16px 0 }
dt { color: var(--muted) } dd { margin: 0 }
@media print { figure { break-inside: avoid } }
`;
