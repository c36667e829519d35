package draw

// style is the look of the picture. Every name begins with gw, so that it
// changes nothing of a page that holds it.
const style = `
.gw{--paper:#fff;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--public:#ddf4ff;--public-line:#0969da;--private:#dafbe1;--private-line:#1a7f37;
--isolated:#f6f8fa;--isolated-line:#8c959f;--broken:#ffebe9;--broken-line:#cf222e;--warn:#7d4e00;--table:#fbf8ff;--table-line:#8250df;color-scheme:light dark}
@media (prefers-color-scheme:dark){.gw{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--public:#0c2d4d;--public-line:#4493f8;--private:#10331d;
--private-line:#3fb950;--isolated:#1b2129;--isolated-line:#7d8590;--broken:#42171a;--broken-line:#ff7b72;--warn:#e3b341;--table:#221a35;--table-line:#a371f7}}
.gw-paper{fill:var(--paper)}
.gw-vpc{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 4}
.gw-column{fill:none;stroke:var(--line)}
.gw-public{fill:var(--public);stroke:var(--public-line)}
.gw-private{fill:var(--private);stroke:var(--private-line)}
.gw-isolated{fill:var(--isolated);stroke:var(--isolated-line)}
.gw-broken{fill:var(--broken);stroke:var(--broken-line)}
.gw-unseen{fill:var(--isolated);stroke:var(--isolated-line);stroke-dasharray:4 3}
.gw-table,.gw-gateway,.gw-nat{fill:var(--table);stroke:var(--table-line)}
.gw-way{fill:none;stroke-width:2;stroke-linecap:square}
.gw-way-public{stroke:var(--public-line)}
.gw-way-private{stroke:var(--private-line)}
.gw-way-broken{stroke:var(--broken-line);stroke-dasharray:5 3;stroke-linecap:butt}
.gw-way-unseen,.gw-way-isolated{stroke:var(--isolated-line);stroke-dasharray:2 3}
.gw-tip-public{fill:var(--public-line)}
.gw-tip-private{fill:var(--private-line)}
.gw-tip-unseen,.gw-tip-isolated{fill:var(--isolated-line)}
.gw-cross{fill:none;stroke:var(--broken-line);stroke-width:3}
.gw-bad{stroke:var(--broken-line);stroke-width:3}
.gw-t{font:12px ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;fill:var(--ink)}
.gw-t-title{font-size:18px;font-weight:600}
.gw-t-zone{font-weight:600;font-size:13px}
.gw-t-id,.gw-t-mono,.gw-t-nat,.gw-t-dead{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.gw-t-id{font-weight:600}
.gw-t-role,.gw-t-class{font-weight:600}
.gw-t-name,.gw-t-note,.gw-t-text{fill:var(--soft)}
.gw-t-failed{fill:var(--broken-line);font-weight:600}
.gw-t-dead{fill:var(--broken-line)}
.gw-t-warning{fill:var(--warn);font-weight:600}
.gw-t-unknown{fill:var(--soft);font-style:italic}
`
