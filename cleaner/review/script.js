"use strict";
(async () => {
  const find = (id) => document.getElementById(id);
  const status = (text, bad = false) => { find("status").textContent = text; find("status").className = bad ? "bad" : ""; };
  const LISTED = 200;
  const WORDS = { always: "always remove", never: "never remove", unsure: "not sure", "": "answer taken back" };
  let questions = [], kind = "uncertain", search = "", current = null, finished = false;

  const queue = () => questions.filter((question) =>
    (search ? question.line.toLowerCase().includes(search) : question.kinds.includes(kind)));

  function show(question) {
    current = question;
    find("card").hidden = !question;
    if (!question) return draw();
    const count = question.articles;
    find("where").textContent = `${question.where}${count > 1 ? ` and ${count - 1} more of the articles looked at` : ""}`;
    find("before").textContent = question.before;
    find("line").textContent = question.line;
    find("after").textContent = question.after;
    const sign = question.score > 0 ? "+" : "";
    find("verdict").textContent = `Now ${question.verdict}${question.category ? ` as ${question.category}` : ""}, score ${sign}${question.score.toFixed(1)} (above 0 a line goes).`;
    find("reasons").replaceChildren(...question.reasons.map(([weight, says]) => {
      const item = document.createElement("li");
      item.textContent = `${weight > 0 ? "+" : ""}${weight.toFixed(1)} ${says}`;
      return item;
    }));
    find("category").value = question.category || "ad";
    draw();
  }

  function draw() {
    const lines = queue();
    find("list").replaceChildren(...lines.slice(0, LISTED).map((question) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.dir = "auto";
      if (question === current) button.setAttribute("aria-current", "true");
      if (question.answer) {
        const mark = document.createElement("span");
        mark.className = `mark ${question.answer}`;
        mark.textContent = WORDS[question.answer];
        button.append(mark);
      }
      button.append(question.line);
      button.addEventListener("click", () => { show(question); find("card").focus(); scrollTo(0, 0); });
      item.append(button);
      return item;
    }));
    const rest = lines.length - LISTED;
    find("list-head").textContent = `Lines: ${lines.length}${rest > 0 ? `, the first ${LISTED} listed` : ""}, ${lines.filter((question) => question.answer).length} answered`;
    for (const button of document.querySelectorAll("[data-kind]")) {
      button.setAttribute("aria-pressed", String(!search && button.dataset.kind === kind));
      button.querySelector(".n").textContent = questions.filter((question) => question.kinds.includes(button.dataset.kind)).length;
    }
    for (const button of document.querySelectorAll("[data-answer]")) {
      button.setAttribute("aria-pressed", String(Boolean(current) && current.answer === button.dataset.answer));
    }
  }

  function step(by) {
    const lines = queue(), at = lines.indexOf(current);
    if (lines.length) show(lines[Math.min(Math.max(at + by, 0), lines.length - 1)]);
  }

  async function post(path, body) {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const data = await response.json();
    if (!response.ok) throw new Error(data.error);
    return data;
  }

  async function answer(word) {
    const question = current;
    if (!question || finished) return;
    try {
      await post("answer", { id: question.id, answer: word, category: find("category").value });
    } catch (error) {
      status(`Not saved: ${error.message}`, true);
      return;
    }
    question.answer = word;
    if (word) question.category = find("category").value;
    status(`Saved: ${WORDS[word]}: ${question.line.slice(0, 80)}`);
    const lines = queue(), at = lines.indexOf(question);
    const next = word ? lines.slice(at + 1).find((other) => !other.answer) || lines.find((other) => !other.answer) : question;
    if (!next) status(`Saved. All ${lines.length} lines here are answered.`);
    show(next || question);
  }

  function choose(name) { kind = name; search = ""; find("search").value = ""; show(queue().find((question) => !question.answer) || queue()[0] || null); }

  for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => choose(button.dataset.kind));
  for (const button of document.querySelectorAll("[data-answer]")) button.addEventListener("click", () => answer(button.dataset.answer));
  find("search").addEventListener("input", () => { search = find("search").value.trim().toLowerCase(); show(queue()[0] || null); });
  find("finish").addEventListener("click", async () => {
    try { await post("finish", {}); finished = true; status("Finished. The answers are saved; you can close this page."); }
    catch (error) { status(`The review has ended already: ${error.message}`, true); }
  });

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select")) {
      if (event.key === "Enter" || event.key === "Escape") { event.target.blur(); event.preventDefault(); }
      return;
    }
    const keys = { a: () => answer("always"), n: () => answer("never"), s: () => answer("unsure"), u: () => answer(""),
      j: () => step(1), k: () => step(-1), ArrowRight: () => step(1), ArrowLeft: () => step(-1),
      1: () => choose("uncertain"), 2: () => choose("repeated"), 3: () => choose("removed"), "/": () => find("search").focus() };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  try {
    const data = await (await fetch("questions")).json();
    questions = data.questions;
    find("category").replaceChildren(...data.categories.map((name) => new Option(name)));
    find("about").textContent = `${questions.length} lines of ${data.more ? "the first " : ""}${data.articles} articles. Answers go to ${data.file} at once.`;
    choose(["uncertain", "repeated", "removed"].find((name) => questions.some((question) => question.kinds.includes(name))));
  } catch (error) {
    status(`The lines cannot be loaded: ${error.message}`, true);
  }
})();
