/// The page's looks. Outcomes and verdicts never differ by colour alone; the colours are those of Okabe and Ito
/// (https://jfly.uni-koeln.de/color/), darkened for text until their contrast suffices.
enum ReportStyle {
    static let text = """
        :root{--page:#f6f7f5;--card:#fff;--ink:#10243a;--soft:#55677a;--line:#dfe5e8;--grid:#e8edef;--accent:#0b6e8a;
        --held:#0b7a5b;--held-tint:#e2f4ec;--broken:#b3341c;--broken-tint:#fdebe5;--unknown:#87600a;--unknown-tint:#fcf2d6;
        --ok:#2f78b7;--fail:#d1491b;--info:#a8489a;--p50:#10243a;--p99:#0b7a5b;--band:#f2b84b38;--hatch:#b3341c55;--edge:#c9860a;
        --s0:#9fb4c4;--s1:#2f78b7;--s2:#e39a1b;--s3:#0b9a78;--s4:#a8489a;--s5:#7fc4ea;--s6:#c9d3d9;--closed:#cfe5da;--half:#f0c14b;--open:#d1491b}
        @media (prefers-color-scheme:dark){:root:not([data-theme=light]){--page:#0c1722;--card:#132231;--ink:#e7eef3;--soft:#9db0c0;--line:#24384a;--grid:#1e3040;
        --accent:#5cc4e0;--held:#5fd3a9;--held-tint:#12382f;--broken:#ff8d6b;--broken-tint:#43221a;--unknown:#f0c660;--unknown-tint:#3a3013;
        --ok:#62abea;--fail:#ff7d4d;--info:#dd86d0;--p50:#f2f6f8;--p99:#5fd3a9;--band:#f2b84b26;--hatch:#ff8d6b66;--edge:#e0a63a;
        --s0:#4d6478;--s1:#4c93d4;--s2:#e6a63c;--s3:#27b08d;--s4:#c46ab7;--s5:#8fcdf0;--s6:#2f465a;--closed:#1f4438;--half:#d9a92f;--open:#e8623a}}
        :root[data-theme=dark]{--page:#0c1722;--card:#132231;--ink:#e7eef3;--soft:#9db0c0;--line:#24384a;--grid:#1e3040;
        --accent:#5cc4e0;--held:#5fd3a9;--held-tint:#12382f;--broken:#ff8d6b;--broken-tint:#43221a;--unknown:#f0c660;--unknown-tint:#3a3013;
        --ok:#62abea;--fail:#ff7d4d;--info:#dd86d0;--p50:#f2f6f8;--p99:#5fd3a9;--band:#f2b84b26;--hatch:#ff8d6b66;--edge:#e0a63a;
        --s0:#4d6478;--s1:#4c93d4;--s2:#e6a63c;--s3:#27b08d;--s4:#c46ab7;--s5:#8fcdf0;--s6:#2f465a;--closed:#1f4438;--half:#d9a92f;--open:#e8623a}
        *{box-sizing:border-box}html{scroll-behavior:smooth}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
        .top{display:flex;justify-content:space-between;align-items:center;max-width:1180px;margin:0 auto;padding:18px 24px 6px}
        .brand{display:flex;gap:10px;align-items:center;font-weight:650;letter-spacing:.02em;font-size:17px}.brand svg{width:30px;height:30px;color:var(--accent)}
        button{font:inherit;font-size:13px;color:var(--soft);background:none;border:1px solid var(--line);border-radius:7px;padding:2px 10px;cursor:pointer}
        button:hover{color:var(--ink);border-color:var(--soft)}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        main{max-width:1180px;margin:0 auto;padding:0 24px 60px}h2{font-size:19px;margin:0 0 12px;letter-spacing:-.01em}a{color:inherit}
        .hero{border-radius:16px;padding:26px 30px;margin:10px 0 16px;display:grid;gap:22px;border:1px solid var(--line)}
        .hero.held{background:var(--held-tint)}.hero.broken,.hero.unsteady{background:var(--broken-tint)}.hero.unknown{background:var(--unknown-tint)}
        .verdict{display:flex;gap:20px;align-items:center}.verdict .symbol{font-size:34px;line-height:1;width:64px;height:64px;border-radius:50%;display:grid;place-items:center;color:var(--card);flex:none;font-weight:700}
        .held .symbol{background:var(--held)}.broken .symbol,.unsteady .symbol{background:var(--broken)}.unknown .symbol{background:var(--unknown)}
        h1{margin:0;font-size:34px;line-height:1.1;letter-spacing:-.02em}.verdict p{margin:4px 0 0;font-size:16px;max-width:70ch}
        .facts{display:flex;flex-wrap:wrap;gap:8px 30px;margin:0}.facts dt{font-size:12px;color:var(--soft)}.facts dd{margin:0;font-weight:550}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:16px}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:12px 18px}.tile b{display:block;font-size:25px;letter-spacing:-.02em;font-variant-numeric:tabular-nums}.tile span{color:var(--soft);font-size:13px}
        main>section:not(.hero):not(.tiles){background:var(--card);border:1px solid var(--line);border-radius:16px;padding:24px 28px;margin-bottom:16px}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th{text-align:left;font-weight:600;font-size:13px}thead th{color:var(--soft);font-weight:550;padding:6px 10px;border-bottom:1px solid var(--line)}
        .grid th[scope=row]{padding:6px 10px;white-space:nowrap}.grid th a{text-decoration:none}.grid th a:hover{text-decoration:underline}
        .grid td{padding:4px}.grid td a{display:block;text-decoration:none;text-align:center;border-radius:8px;padding:6px 8px;font-size:13px;font-weight:550;background:var(--page);color:var(--soft);white-space:nowrap}
        .grid td.held a{background:var(--held-tint);color:var(--held)}.grid td.broken a{background:var(--broken-tint);color:var(--broken);box-shadow:inset 0 0 0 1.5px var(--broken)}.grid td.unknown a{background:var(--unknown-tint);color:var(--unknown)}
        .legend{color:var(--soft);font-size:12.5px;margin:14px 0 0}.legend .held{color:var(--held)}.legend .broken{color:var(--broken)}.legend .unknown{color:var(--unknown)}
        .title-row{display:flex;justify-content:space-between;gap:16px;align-items:flex-start}.description{color:var(--soft);margin:-6px 0 12px;max-width:90ch}
        .badge{border-radius:999px;padding:3px 11px;font-size:13px;font-weight:600;white-space:nowrap}.badge.held{background:var(--held-tint);color:var(--held)}.badge.broken,.badge.unsteady{background:var(--broken-tint);color:var(--broken)}.badge.unknown{background:var(--unknown-tint);color:var(--unknown)}
        .chips{list-style:none;display:flex;flex-wrap:wrap;gap:6px;padding:0;margin:0 0 14px}.chips li{border:1px solid var(--line);border-radius:7px;padding:2px 9px;font-size:13px}.chips li.doubt{border-color:var(--unknown);color:var(--unknown)}
        .notice{background:var(--unknown-tint);border-radius:8px;padding:6px 12px;font-size:13.5px}.notice.broken{background:var(--broken-tint)}
        .chart{margin:0 0 18px;position:relative}.chart svg{width:100%;min-width:760px;height:auto;display:block}.chart figcaption{color:var(--soft);font-size:12.5px}
        .key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;color:var(--soft);margin-bottom:6px}.key span{display:inline-flex;align-items:center;gap:6px}.key i{display:inline-block;flex:none}
        .dot{width:9px;height:9px;border-radius:50%}.dot.ok{background:var(--ok)}.dot.fail{background:var(--fail)}.dot.info{background:var(--info)}
        .stroke{width:18px;height:0;border-top:2.5px solid}.stroke.p50{color:var(--p50)}.stroke.p99{color:var(--p99)}.swatch{width:14px;height:10px;border-radius:2px;border:1px solid #0002}
        .swatch.verified{background:var(--band);border-color:var(--edge)}.swatch.doubtful{background:repeating-linear-gradient(45deg,var(--hatch) 0 3px,transparent 3px 6px)}.swatch.open{background:var(--open)}.swatch.half-open{background:var(--half)}.swatch.closed{background:var(--closed)}
        svg text{font-size:11px;fill:var(--ink)}svg .lane-title{font-size:12.5px;font-weight:600}svg .lane-subtitle,svg .tick{fill:var(--soft);font-size:10.5px}svg .end{text-anchor:end}svg .middle{text-anchor:middle}
        .grid-line,.grid line,svg .grid{stroke:var(--grid);stroke-width:1}.point{fill:none;stroke-linecap:round}.point.ok{stroke:var(--ok);stroke-width:2.6;stroke-opacity:.38}.point.fail{stroke:var(--fail);stroke-width:1.5;stroke-opacity:.85}.point.info{stroke:var(--info);stroke-width:1.3;fill:var(--info);fill-opacity:.35}
        .quantile{fill:none;stroke-width:2;stroke-linejoin:round}.quantile.halo{stroke:var(--card);stroke-width:4.5;stroke-opacity:.75}.quantile.p50{stroke:var(--p50)}.quantile.p99{stroke:var(--p99)}
        .bar.ok{fill:var(--ok)}.bar.fail{fill:var(--fail)}.bar.info{fill:var(--info)}.breaker.closed{fill:var(--closed)}.breaker.half-open{fill:var(--half)}.breaker.open{fill:var(--open)}svg .row-name{font-size:11px;paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
        .serving.s0,.swatch.s0{fill:var(--s0);background:var(--s0)}.serving.s1,.swatch.s1{fill:var(--s1);background:var(--s1)}.serving.s2,.swatch.s2{fill:var(--s2);background:var(--s2)}.serving.s3,.swatch.s3{fill:var(--s3);background:var(--s3)}
        .serving.s4,.swatch.s4{fill:var(--s4);background:var(--s4)}.serving.s5,.swatch.s5{fill:var(--s5);background:var(--s5)}.serving.s6,.swatch.s6{fill:var(--s6);background:var(--s6)}
        .cache-line{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}.band.verified{fill:var(--band)}.band.doubtful{fill:url(#hatch)}.hatch{fill:var(--hatch)}.band.healing{fill:var(--band);opacity:.45}.edge{stroke:var(--edge);stroke-width:1.4;stroke-dasharray:4 3}
        .phase{fill:var(--grid);rx:5px}.phase.fault{fill:var(--edge)}svg .phase-name{text-anchor:middle;font-size:11.5px;fill:var(--soft)}svg .phase-name.fault{fill:#1c1400;font-weight:600}.cursor{stroke:var(--ink);stroke-width:1;stroke-opacity:.5}
        .tip{position:absolute;pointer-events:none;background:var(--ink);color:var(--card);border-radius:8px;padding:7px 11px;font-size:12.5px;line-height:1.45;max-width:420px;z-index:2;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        .checks{table-layout:fixed}.checks>thead th:nth-child(1){width:112px}.checks>thead th:nth-child(2){width:150px}.checks td{vertical-align:top;padding:9px 10px;border-bottom:1px solid var(--line);font-size:14px}.checks tr:last-child>td{border-bottom:0}.checks>tbody>tr>td:nth-child(2){color:var(--soft)}
        .notes{margin:5px 0 0;padding-left:18px;font-size:13px}details{margin-top:8px}summary{cursor:pointer;font-size:13px;color:var(--broken);font-weight:550}.proofs th{padding:4px 8px;font-size:12px}.proofs td{font-size:12px;padding:3px 8px;border-bottom:1px solid var(--line);white-space:nowrap}.proofs+p,details p{font-size:12px;color:var(--soft);margin:5px 0}
        code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--page);border-radius:5px;padding:1px 5px;overflow-wrap:anywhere}.again{font-size:13.5px}
        @media print{button,.tip{display:none}main>section{break-inside:avoid}}
        """
}
