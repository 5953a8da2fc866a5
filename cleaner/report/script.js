"use strict";
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  root.classList.add("scripted");

  const articles = [...document.querySelectorAll(".article")];
  const texts = new Map(articles.map((article) => [article, article.textContent.toLowerCase()]));
  const fields = { search: find("search"), category: find("category"), language: find("language"), state: find("state"), rule: find("rule") };

  function wanted(article) {
    const data = article.dataset;
    const has = (list, value) => !value || list.split(" ").includes(value);
    return texts.get(article).includes(fields.search.value.trim().toLowerCase())
      && has(data.categories, fields.category.value)
      && (!fields.language.value || data.language === fields.language.value)
      && (!fields.state.value || data.state === fields.state.value)
      && has(data.rules, fields.rule.value);
  }

  function filter() {
    let shown = 0;
    for (const article of articles) {
      article.hidden = !wanted(article);
      shown += article.hidden ? 0 : 1;
    }
    const number = (value) => value.toLocaleString("en");
    find("shown").textContent = shown === articles.length
      ? `${number(shown)} article${shown === 1 ? "" : "s"}`
      : `${number(shown)} of ${number(articles.length)} articles`;
  }

  let waiting = 0;
  fields.search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  for (const name of ["category", "language", "state", "rule"]) fields[name].addEventListener("change", filter);
  const form = fields.search.form;
  form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  form.addEventListener("reset", () => setTimeout(filter));

  for (const link of document.querySelectorAll("a[data-filter]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      const field = fields[link.dataset.filter];
      field.value = link.dataset.value || (link.dataset.filter === "language" ? "?" : "");
      filter();
      find("articles").scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  find("open-all").addEventListener("click", () => {
    const visible = articles.filter((article) => !article.hidden);
    const open = visible.some((article) => !article.open);
    for (const article of visible) article.open = open;
    find("open-all").textContent = open ? "Close all" : "Open all";
  });

  function reveal() {
    const target = location.hash ? find(decodeURIComponent(location.hash.slice(1))) : null;
    const article = target && target.closest(".article");
    if (!article) return;
    if (article.hidden) { form.reset(); filter(); }
    article.open = true;
    target.scrollIntoView({ block: "center" });
    if (target.tabIndex >= 0) target.focus({ preventScroll: true });
  }
  addEventListener("hashchange", reveal);
  reveal();

  function step(by) {
    const lines = articles.filter((article) => !article.hidden)
      .flatMap((article) => [...article.querySelectorAll(".line.removed, .line.cut")]);
    if (!lines.length) return;
    const here = document.activeElement && document.activeElement.closest(".line");
    const at = lines.indexOf(here);
    const next = lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : (at + by + lines.length) % lines.length];
    next.closest(".article").open = true;
    next.focus();
    next.scrollIntoView({ block: "center" });
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) {
      if (event.key === "Escape" && event.target === fields.search) { fields.search.value = ""; filter(); }
      return;
    }
    if (event.key === "/") { event.preventDefault(); fields.search.focus(); }
    if (event.key === "n") step(1);
    if (event.key === "p") step(-1);
  });

  find("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = articles.filter((article) => !article.open && !article.hidden);
    for (const article of closed) article.open = true;
  });
  addEventListener("afterprint", () => { for (const article of closed) article.open = false; });
})();
