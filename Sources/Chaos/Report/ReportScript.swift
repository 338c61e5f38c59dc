/// What the page does beyond being read: details under the pointer, copying a command, light and dark. Everything can
/// be read without it.
enum ReportScript {
    static let text = #"""
        "use strict";
        for (const figure of document.querySelectorAll("figure.chart")) {
          const data = JSON.parse(figure.querySelector(".chart-data").textContent);
          const svg = figure.querySelector("svg"), tip = figure.querySelector(".tip"), cursor = svg.querySelector(".cursor");
          const line = (text, bold) => { const row = document.createElement(bold ? "b" : "div"); row.textContent = text; return row; };
          const move = event => {
            const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
            const x = (event.clientX - box.left) * view.width / box.width, y = (event.clientY - box.top) * view.height / box.height;
            if (x < data.left || x > data.right) return leave();
            const seconds = (x - data.left) / (data.right - data.left) * data.seconds;
            const bucket = data.buckets[Math.min(Math.floor(seconds / data.bucket), data.buckets.length - 1)];
            cursor.setAttribute("x1", x); cursor.setAttribute("x2", x);
            tip.replaceChildren(line(seconds.toFixed(2) + " s", true));
            if (bucket) {
              const [, ok, unknown, failed, p50, p99] = bucket, rate = n => Math.round(n / data.bucket);
              tip.append(line(`${rate(ok)} ok/s · ${rate(failed)} failed/s · ${rate(unknown)} unknown/s`));
              if (p50 !== null) tip.append(line(`p50 ${p50} ms · p99 ${p99} ms`));
            }
            let near = null, best = 64;
            for (const point of data.points) {
              const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
              if (distance < best) { best = distance; near = point; }
            }
            if (near) tip.append(line(near[2]));
            tip.hidden = false;
            const frame = figure.getBoundingClientRect(), left = event.clientX - frame.left;
            tip.style.left = (left + tip.offsetWidth + 24 > frame.width ? left - tip.offsetWidth - 14 : left + 14) + "px";
            tip.style.top = (event.clientY - frame.top + 14) + "px";
          };
          const leave = () => { tip.hidden = true; cursor.setAttribute("x1", -10); cursor.setAttribute("x2", -10); };
          svg.addEventListener("pointermove", move); svg.addEventListener("pointerleave", leave);
        }
        for (const button of document.querySelectorAll("button.copy")) button.addEventListener("click", () => {
          navigator.clipboard?.writeText(button.previousElementSibling.textContent).then(() => { button.textContent = "copied"; });
        });
        document.getElementById("theme").addEventListener("click", () => {
          const root = document.documentElement;
          const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
          root.dataset.theme = isDark ? "light" : "dark";
        });
        """#
}
