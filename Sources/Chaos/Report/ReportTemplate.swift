/// The page, as a Mustache template. A string and no resource file, so that a statically linked `chaos` has it wherever
/// it is copied.
enum ReportTemplate {
    static let text = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{verdictWord}}: {{scenario}} · Seaworthy</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" class="hatch"/></pattern></defs></svg>
        <header class="top">
          <div class="brand">{{{mark}}}<span>Seaworthy</span></div>
          <button id="theme" type="button" aria-label="Switch between light and dark">◐</button>
        </header>
        <main>
        <section class="hero {{verdictClass}}">
          <div class="verdict"><span class="symbol" aria-hidden="true">{{verdictSymbol}}</span>
            <div><h1>{{verdictWord}}</h1><p>{{verdictSentence}}</p></div></div>
          <dl class="facts">{{#facts}}<div><dt>{{name}}</dt><dd>{{value}}</dd></div>{{/facts}}</dl>
        </section>
        <section class="tiles">{{#tiles}}<div class="tile"><b>{{value}}</b><span>{{name}}</span></div>{{/tiles}}</section>
        <section>
          <h2>The contract</h2>
          <div class="scroll"><table class="grid">
          <thead><tr><th scope="col">While this is broken</th>{{#columns}}<th scope="col">{{.}}</th>{{/columns}}</tr></thead>
          <tbody>{{#rows}}<tr><th scope="row"><a href="#{{anchor}}">{{title}}</a></th>{{#cells}}<td class="{{class}}"><a href="#{{anchor}}" title="{{hint}}"><span aria-hidden="true">{{symbol}}</span> {{word}}</a></td>{{/cells}}</tr>{{/rows}}</tbody>
          </table></div>
          <p class="legend"><span class="held">✓ held</span> the fault was seen in force throughout, at least 1,000 operations ran in each phase and at least 50 attempts met the fault
          · <span class="broken">✕ broken</span> an operation proves it
          · <span class="unknown">? unknown</span> neither is proven
          · <span>n/a</span> the fault cannot touch it
          · <span>–</span> promised, and not looked at by this run</p>
        </section>
        {{#experiments}}
        <section class="experiment" id="{{anchor}}">
          <div class="title-row"><h2>{{title}}</h2><span class="badge {{verdictClass}}">{{verdictSymbol}} {{verdictWord}}</span></div>
          <p class="description">{{description}}</p>
          {{#repeated}}<p class="notice">{{.}}</p>{{/repeated}}
          <ul class="chips">{{#chips}}<li class="{{class}}">{{text}}</li>{{/chips}}</ul>
          {{#complaints}}<p class="notice broken">{{.}}</p>{{/complaints}}
          {{#chart}}
          <figure class="chart" data-chart="{{id}}">
            <div class="key">
              <span><i class="dot ok"></i>ok</span><span><i class="dot fail"></i>✕ failed</span><span><i class="dot info"></i>◇ unknown</span>
              <span><i class="stroke p50"></i>p50</span><span><i class="stroke p99"></i>p99</span>
              <span><i class="swatch verified"></i>fault, verified</span><span><i class="swatch doubtful"></i>fault, not verified</span>
              <span><i class="swatch open"></i>breaker open</span><span><i class="swatch half-open"></i>half-open</span><span><i class="swatch closed"></i>closed</span>
              {{#servers}}<span><i class="swatch s{{color}}"></i>{{name}}</span>{{/servers}}
            </div>
            <div class="scroll">{{{svg}}}</div>
            <figcaption>{{note}}. Latency counts from when a request was due, so that waiting counts too.</figcaption>
            <div class="tip" hidden></div>
            <script type="application/json" class="chart-data">{{{data}}}</script>
          </figure>
          {{/chart}}
          <table class="checks"><thead><tr><th>Verdict</th><th>Cell</th><th>Promise and what was seen</th></tr></thead><tbody>
          {{#checks}}<tr><td><span class="badge {{verdictClass}}">{{verdictSymbol}} {{verdictWord}}</span></td><td>{{column}}</td>
            <td><strong>{{promise}}</strong><br>{{summary}}
            {{#hasNotes}}<ul class="notes">{{#notes}}<li>{{.}}</li>{{/notes}}</ul>{{/hasNotes}}
            {{#hasProofs}}<details{{#isBroken}} open{{/isBroken}}><summary>{{proofTitle}}</summary><div class="scroll"><table class="proofs">
              <thead><tr><th>#</th><th>at</th><th>what</th><th>key</th><th>server</th><th>outcome</th><th>after</th><th>order</th></tr></thead>
              <tbody>{{#proofs}}<tr><td>{{index}}</td><td>{{at}}</td><td>{{what}}</td><td><code>{{key}}</code></td><td>{{server}}</td><td>{{outcome}}</td><td>{{after}}</td><td><code>{{order}}</code></td></tr>{{/proofs}}</tbody>
            </table></div><p>Numbers are indexes in <code>history.jsonl</code>.</p></details>{{/hasProofs}}
            </td></tr>{{/checks}}
          </tbody></table>
          {{#isNotHeld}}<p class="again">Run this one again: <code>{{again}}</code> <button type="button" class="copy">copy</button></p>{{/isNotHeld}}
        </section>
        {{/experiments}}
        <section class="end">
          <h2>Do it again</h2>
          <p><code>{{command}}</code> <button type="button" class="copy">copy</button></p>
          <p>Beside this page: <code>journal.json</code> (Chaos Toolkit), <code>history.jsonl</code> (every operation and every fault), <code>metrics.jsonl</code>, <code>results.json</code>, <code>junit.xml</code>, <code>repro.sh</code>, <code>logs/</code>.</p>
        </section>
        </main>
        <script>{{{script}}}</script>
        </body>
        </html>

        """#
}
