// Every page works without this: it makes times local, copies text, switches the theme and keeps the list of requests live.
const all = (selector) => [...document.querySelectorAll(selector)];

function localTime(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  element.title = element.dateTime.replace("T", " ").replace("Z", " UTC");
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  element.textContent = at.toLocaleString(document.documentElement.lang, {
    ...day, hour: "2-digit", minute: "2-digit", ...(isToday ? { second: "2-digit" } : {}),
  });
}

function themeSwitch(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // The choice then lasts as long as the page.
    }
  });
}

function copyButton(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = before), 1500);
  });
}

// A row as the server writes it; text only, so nothing of a name becomes markup.
function requestRow(receipt) {
  const row = document.createElement("tr");
  row.id = receipt.id;
  row.className = "fresh";
  const cell = (className, ...children) => {
    const element = document.createElement("td");
    if (className) element.className = className;
    element.append(...children);
    row.append(element);
  };
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.textContent = text;
    return element;
  };
  const link = document.createElement("a");
  link.href = `/requests/${encodeURIComponent(receipt.id)}`;
  const time = make("time", "", receipt.time);
  time.dateTime = receipt.iso;
  localTime(time);
  link.append(time);
  const cost = make("span", "", receipt.cost);
  cost.title = receipt.exact;
  cell("dim", link);
  cell("name", receipt.model, make("span", "under", receipt.provider));
  cell("dim", receipt.key);
  cell("dim", receipt.decision);
  cell("", make("span", `tag ${receipt.tone}`, receipt.outcome));
  cell("num dim", receipt.tokens);
  cell("num", cost);
  cell("num dim", receipt.took);
  return row;
}

function liveTable(table) {
  const state = document.querySelector("[data-live-state]");
  const button = document.querySelector("[data-live-switch]");
  const body = table.tBodies[0];
  let source;
  const start = () => {
    source = new EventSource(table.dataset.liveTable);
    source.addEventListener("message", (event) => {
      const receipt = JSON.parse(event.data);
      if (document.getElementById(receipt.id)) return;
      document.querySelector("[data-live-empty]")?.remove();
      body.prepend(requestRow(receipt));
      while (body.rows.length > 50) body.lastElementChild.remove();
    });
    source.addEventListener("open", () => (document.body.dataset.live = "yes"));
    state.textContent = state.dataset.live;
    button.textContent = button.dataset.pause;
  };
  const stop = () => {
    source.close();
    source = undefined;
    delete document.body.dataset.live;
    state.textContent = state.dataset.paused;
    button.textContent = button.dataset.go;
  };
  button.hidden = false;
  button.addEventListener("click", () => (source ? stop() : start()));
  start();
}

all("time[datetime]").forEach(localTime);
all("[data-theme-switch]").forEach(themeSwitch);
all("[data-copy]").forEach(copyButton);
all("[data-live-table]").forEach(liveTable);
