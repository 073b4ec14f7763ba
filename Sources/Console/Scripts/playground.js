// A talk with a model, straight to the API. Key and words live in this page's memory and end with it.
const form = document.querySelector("[data-talk]");
const said = form.querySelector("[data-said]");
const stop = form.querySelector("[data-stop]");
const send = form.querySelector("button:not([type])");
const [key, model, words] = ["key", "model", "words"].map((id) => document.getElementById(id));
let talk = [];
let running;

function line(name, className) {
  const part = document.createElement("article");
  part.className = className;
  const head = document.createElement("h3");
  head.textContent = name;
  const text = document.createElement("p");
  const note = document.createElement("p");
  note.className = "hint";
  part.append(head, text, note);
  said.append(part);
  return { part, text, note };
}

// The data of each event of a stream, whole however its bytes are cut.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const text of lines) if (text.startsWith("data: ") && text !== "data: [DONE]") yield JSON.parse(text.slice(6));
  }
}

function summary(answer, usage, began) {
  const parts = [answer.headers.get("x-tacet-model"), answer.headers.get("x-tacet-route")];
  if (usage) parts.push(`${(usage.prompt_tokens + usage.completion_tokens).toLocaleString()} ${form.dataset.tokens}`);
  parts.push(`${((performance.now() - began) / 1000).toFixed(2)} s`);
  return parts.filter(Boolean).join(" · ");
}

async function ask(out) {
  const began = performance.now();
  const answer = await fetch(`${form.dataset.talk}/v1/chat/completions`, {
    method: "POST",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal: running.signal,
    headers: { authorization: `Bearer ${key.value.trim()}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: model.value.trim(), messages: talk, stream: true, stream_options: { include_usage: true },
    }),
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => undefined);
    throw new Error(problem?.error?.message ?? `HTTP ${answer.status}`);
  }
  let usage;
  for await (const event of events(answer.body)) {
    if (event.error) throw new Error(event.error.message);
    out.text.textContent += event.choices?.[0]?.delta?.content ?? "";
    usage = event.usage ?? usage;
    said.scrollTop = said.scrollHeight;
  }
  out.note.textContent = summary(answer, usage, began);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (running) return;
  running = new AbortController();
  form.querySelector("[data-silent]")?.remove();
  const question = words.value;
  talk.push({ role: "user", content: question });
  line(form.dataset.you, "mine").text.textContent = question;
  words.value = "";
  const out = line(model.value.trim(), "theirs");
  [stop.hidden, send.disabled] = [false, true];
  said.setAttribute("aria-busy", "true");
  try {
    await ask(out);
    talk.push({ role: "assistant", content: out.text.textContent });
  } catch (error) {
    // What was not answered is not part of the talk; its words go back to be sent again.
    talk.pop();
    words.value = words.value || question;
    out.part.classList.add("problem");
    const unreachable = `${form.dataset.unreachable} ${form.dataset.talk}`;
    out.note.textContent =
      error.name === "AbortError" ? form.dataset.stopped : error instanceof TypeError ? unreachable : error.message;
  }
  running = undefined;
  said.removeAttribute("aria-busy");
  [stop.hidden, send.disabled] = [true, false];
  words.focus();
});

words.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
stop.addEventListener("click", () => running?.abort());
form.querySelector("[data-clear]").addEventListener("click", () => {
  running?.abort();
  talk = [];
  said.replaceChildren();
});
document.querySelector("[data-without-script]").hidden = true;
form.hidden = false;
