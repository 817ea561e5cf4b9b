// The look of pages.
#pragma once
#include <string_view>

namespace cmem {

// The colours of series stay apart for readers who see few colours, on light and on dark ground.
inline constexpr std::string_view kPageStyle = R"(
:root { color-scheme: light dark; --ground: #fcfcfb; --raised: #ffffff; --ink: #1b1b1a; --soft: #5d5c58; --line: #e2e1dc;
  --bar: #dbe8f8; --bad: #b3261e; --bad-bar: #f6d9d6; --link: #1f5fae;
  --c0: #2a78d6; --c1: #eb6834; --c2: #1baf7a; --c3: #c98a00; --c4: #d4558f; --c5: #4f8a10; --c6: #6a52c7; --c7: #9a9992; }
@media (prefers-color-scheme: dark) { :root { --ground: #1a1a19; --raised: #232322; --ink: #f1f0ec; --soft: #b3b1a9; --line: #3a3936;
  --bar: #1f3a5c; --bad: #ff8f86; --bad-bar: #5a2a27; --link: #86b6ef;
  --c0: #3987e5; --c1: #e2703f; --c2: #199e70; --c3: #d1981c; --c4: #d55181; --c5: #6fa52c; --c6: #9085e9; --c7: #85847d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 8px; }
a { color: var(--link); } .question { font-size: 17px; color: var(--soft); margin: 0 0 12px; }
.facts { color: var(--soft); margin: 0; } .facts b { color: var(--ink); font-weight: 600; }
.totals { display: flex; flex-wrap: wrap; gap: 12px; margin: 24px 0 0; padding: 0; }
.totals div { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px; min-width: 140px; }
.totals dt { color: var(--soft); font-size: 13px; } .totals dd { margin: 0; font-size: 22px; font-weight: 600; }
figure { margin: 28px 0 0; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 16px; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: 8px; } figcaption small { font-weight: 400; color: var(--soft); font-size: 13px; }
.legend { list-style: none; margin: 0 0 8px; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--soft); }
.legend svg { width: 11px; height: 11px; display: inline; margin-right: 6px; }
svg { display: block; width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--soft); } svg .name { fill: var(--ink); }
svg .value { fill: var(--ink); font-variant-numeric: tabular-nums; } .grid { stroke: var(--line); } .base { stroke: var(--soft); }
.s0 { fill: var(--c0); } .s1 { fill: var(--c1); } .s2 { fill: var(--c2); } .s3 { fill: var(--c3); }
.s4 { fill: var(--c4); } .s5 { fill: var(--c5); } .s6 { fill: var(--c6); } .s7 { fill: var(--c7); }
svg rect:hover { opacity: 0.75; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); width: max-content; min-width: 100%;
  max-width: calc(100vw - 64px); position: relative; left: 50%; transform: translateX(-50%); }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 10px 12px; color: var(--soft); }
th, td { padding: 6px 9px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); unicode-bidi: isolate; }
thead th { border-top: 0; border-bottom: 2px solid var(--line); white-space: nowrap; vertical-align: bottom; }
thead small { display: block; font-weight: 400; color: var(--soft); }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--raised); } tbody tr.again th { font-weight: 400; color: var(--soft); }
.n { text-align: right; white-space: nowrap; } .t { white-space: nowrap; } .x { min-width: 18em; max-width: 34em; overflow-wrap: anywhere; }
th.x { min-width: 22em; }
.p { background: linear-gradient(to left, var(--bar) var(--v), transparent var(--v)) no-repeat right 9px bottom 2px / calc(100% - 18px) 4px; }
.p.bad { background-image: linear-gradient(to left, var(--bad-bar) var(--v), transparent var(--v)); }
td.bad { color: var(--bad); } td.none { color: var(--soft); }
.notes { padding-left: 20px; } dl.columns { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0; }
dl.columns dt { font-weight: 600; } dl.columns dd { margin: 0; color: var(--soft); }
.cards figure a { display: block; } footer { margin-top: 40px; color: var(--soft); font-size: 13px; }
@media (max-width: 640px) { main { padding: 20px 12px 40px; } .scroll { max-width: calc(100vw - 24px); } .x, th.x { min-width: 12em; }
  dl.columns { grid-template-columns: 1fr; }
  figure { overflow-x: auto; } figure > svg { min-width: 620px; } }
@media print { :root { color-scheme: light; --ground: #fff; --raised: #fff; --ink: #000; --soft: #444; --line: #bbb;
    --bad: #b3261e; --bar: #c6d8ee; --bad-bar: #efc4c0; }
  main { max-width: none; padding: 0; } .scroll { overflow: visible; border: 0; width: auto; max-width: none; transform: none; left: 0; }
  table { font-size: 9px; } th, td { padding: 2px 5px; }
  tr { break-inside: avoid; } thead { display: table-header-group; } rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)";

}  // namespace cmem
