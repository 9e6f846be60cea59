// The tape: prices that move, straight from /ws/market. All text goes in as text, never as HTML.
(() => {
  const MOST = 12, KEPT = 80, SHOWN = 6, SVG = "http://www.w3.org/2000/svg";
  const rows = new Map();
  let socket, wait = 500, beat = 2, heard = 0, since = null, status = {}, skipped = 0, drawn = false;

  const make = (tag, name, parent, id) => {
    const made = document.createElement(tag);
    made.className = name;
    if (id) made.dataset.testid = id;
    parent.appendChild(made);
    return made;
  };
  const root = document.createElement("div");
  const said = make("p", "tape-line muted", root, "tape-line");
  said.setAttribute("role", "status");
  const list = make("div", "tape-rows", root);

  const row = (symbol) => {
    if (rows.has(symbol)) return rows.get(symbol);
    const line = make("div", "tape-row", list, "tape-row");
    line.dataset.symbol = symbol;
    make("span", "symbol num", line).textContent = symbol;
    const found = { points: [], price: make("span", "num tape-price", line, "tape-price"),
      change: make("span", "num tape-change", line), label: null, last: "", first: 0 };
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("viewBox", "0 0 80 20");
    drawing.setAttribute("aria-hidden", "true");
    found.path = document.createElementNS(SVG, "polyline");
    drawing.appendChild(found.path);
    line.appendChild(drawing);
    found.label = make("span", "chip warn", line, "tape-label");
    found.told = make("p", "tape-features muted num", list, "tape-features");
    found.told.dataset.symbol = symbol;
    rows.set(symbol, found);
    return found;
  };

  const take = (message) => {
    heard = Date.now();
    if (message.type === "hello") {
      beat = message.heartbeat_s || beat;
      ask(message.symbols);
    } else if (message.type === "status") {
      status = message;
      ask(message.symbols || []);
    } else if (message.type === "skipped") {
      skipped += message.count;
    } else if (message.type === "price") {
      const found = row(message.symbol);
      found.last = message.price;
      found.first = Number(message.first);
      found.from = message.label;
      found.points.push(Number(message.price));
      if (found.points.length > KEPT) found.points.shift();
      found.stale = true;
    } else if (message.type === "features") {
      row(message.symbol).features = message;
    }
    later();
  };

  const asked = new Set();
  const ask = (symbols) => {
    const more = symbols.filter((name) => !asked.has(name)).slice(0, MOST - asked.size);
    if (!more.length) return;
    more.forEach((name) => asked.add(name));
    socket.send(JSON.stringify({ action: "subscribe", symbols: more }));
  };

  const words = () => {
    if (since) return `Prices stand still: no connection since ${since}. Trying again.`;
    const at = status.market ? `${status.market.slice(0, 16).replace("T", " ")} UTC` : "";
    const from = [status.label, at].filter(Boolean).join(" · ");
    const more = skipped ? ` ${skipped} updates skipped: this page is slow.` : "";
    if (status.line === "up") {
      const quiet = status.quiet_s > 30 ? ` Nothing new for ${Math.round(status.quiet_s)} s.` : "";
      return `${from}.${quiet}${more}`;
    }
    const why = { down: "the stream is down", lost: "the stream fell silent",
      paused: "the replay is paused", ended: "the replay has ended" };
    const problem = status.line === "down" && status.problem ? ` ${status.problem}` : "";
    return `Prices stand still: ${why[status.line] || "nobody streams"}.${problem} ${from}`;
  };

  // Values of a bar that may still change are told from those that stand.
  const featured = (message) => {
    const known = Object.entries(message.values).filter(([, value]) => value !== null);
    const bar = `${message.label} · ${message.timeframe} bar ${message.finished ? "" : "so far "}`;
    const values = known.slice(0, SHOWN).map(([name, value]) => {
      const text = Math.abs(value) >= 10 ? value.toFixed(1) : value.toPrecision(3);
      return `${name} ${text.replace("-", "−")}`;
    });
    return known.length ? `${bar}· ${values.join(" · ")}` : "";
  };

  const draw = () => {
    drawn = false;
    const host = document.querySelector('[data-testid="tape"]');
    if (!host) return;
    if (root.parentNode !== host) host.appendChild(root);
    host.classList.toggle("hidden", !rows.size && (!status.line || status.line === "none"));
    root.classList.toggle("still", Boolean(since) || status.line !== "up");
    const text = words();
    if (said.textContent !== text) said.textContent = text;
    for (const found of rows.values()) {
      if (found.features) {
        found.told.textContent = featured(found.features);
        found.features = null;
      }
      if (!found.stale) continue;
      found.stale = false;
      found.price.textContent = found.last;
      found.label.textContent = found.from;
      const now = found.points[found.points.length - 1];
      const change = found.first ? (now / found.first - 1) * 100 : 0;
      found.change.textContent = `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(2)} %`;
      found.change.className = `num tape-change ${change < 0 ? "down" : "up"}`;
      const low = Math.min(...found.points), high = Math.max(...found.points);
      const place = (price, i) => [
        (80 * i) / Math.max(found.points.length - 1, 1),
        high > low ? 19 - (18 * (price - low)) / (high - low) : 10,
      ].map((x) => x.toFixed(1)).join(",");
      found.path.setAttribute("points", found.points.map(place).join(" "));
    }
  };
  const later = () => {
    if (drawn) return;
    drawn = true;
    requestAnimationFrame(draw);
  };

  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const mine = (socket = new WebSocket(`${scheme}://${location.host}/ws/market`));
    heard = Date.now();
    mine.onopen = () => { asked.clear(); since = null; wait = 500; later(); };
    mine.onmessage = (event) => { try { take(JSON.parse(event.data)); } catch { /* not ours */ } };
    mine.onclose = () => {
      if (mine !== socket) return;
      since = since || new Date().toISOString().slice(11, 19) + " UTC";
      later();
      setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, 10000);
    };
  };
  // A socket that goes silent is as good as closed.
  setInterval(() => {
    if (socket.readyState === WebSocket.OPEN && Date.now() - heard > 4000 * beat) socket.close();
    later();
  }, 1000);
  connect();
  window.tollgateTape = { drop: () => socket.close() };
})();
