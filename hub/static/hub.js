// What htmx does not do: theme, single keys, dragging, toasts, live pulse. No page needs it to work.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => within.querySelectorAll(selector);
  const one = (selector, within = document) => within.querySelector(selector);
  const isTyping = (element) => !!element?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

  // ---- theme: the form works without script; here without a reload ----
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]")) return;
    event.preventDefault();
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });
  // The zone in which times are shown to somebody who has not chosen one.
  if (!/(^|; )zone=/.test(document.cookie)) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) document.cookie = `zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax`;
  }

  // ---- single keys: an element says data-key="c" and is clicked, focused or opened ----
  const cards = () => [...all("[data-card]")].filter((card) => card.offsetParent);
  const step = (by) => {
    const list = cards();
    const now = list.findIndex((card) => card.contains(document.activeElement));
    const next = list[now < 0 ? 0 : Math.max(0, Math.min(list.length - 1, now + by))];
    (one("a.title", next) ?? one("a", next))?.focus();
  };
  const use = (element) => {
    if (element.matches("dialog")) element.showModal();
    else if (isTyping(element)) element.focus();
    else element.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) event.target.closest?.("[data-editing]")?.querySelector("[data-escape]")?.click();
    const palette = event.key === "k" && (event.ctrlKey || event.metaKey);
    if (event.isComposing || (!palette && (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)))) return;
    if (one("dialog[open]") && !palette) return;
    const name = palette ? "/" : event.key;
    if (name === "j" || name === "k") {
      step(name === "j" ? 1 : -1);
    } else {
      const within = document.activeElement?.closest("[data-card]");
      const element = /^[\w/?]+$/.test(name) && ((within && one(`[data-key="${name}"]`, within)) || one(`[data-key="${name}"]`));
      if (!element) return;
      use(element);
    }
    event.preventDefault();
  });
  // ---- picking rows: the box in the head picks the page, Shift picks all between; the bar below says how many ----
  let picked = null;
  document.addEventListener("click", ({ target, shiftKey }) => {
    const table = target.matches?.("[type=checkbox]") && target.closest("[data-picks]");
    if (!table) return;
    const boxes = [...all("tbody [type=checkbox]", table)];
    const [from, to] = [boxes.indexOf(picked), boxes.indexOf(target)].sort((a, b) => a - b);
    if (to < 0) boxes.forEach((box) => { box.checked = target.checked; });
    else if (shiftKey && from >= 0) boxes.slice(from, to + 1).forEach((box) => { box.checked = target.checked; });
    picked = boxes.includes(target) ? target : null;
    const number = boxes.filter((box) => box.checked).length;
    const head = one("thead [type=checkbox]", table);
    head.checked = number === boxes.length;
    head.indeterminate = number > 0 && !head.checked;
    for (const output of all("[data-picked]")) output.textContent = number;
  });
  // ---- what was found is walked with the arrows; Escape leaves it ----
  one(".find")?.addEventListener("keydown", (event) => {
    const stops = [...all("input, #found a", event.currentTarget)];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") document.activeElement.blur();
    if (!by || event.isComposing) return;
    stops[(stops.indexOf(document.activeElement) + by + stops.length) % stops.length].focus();
    event.preventDefault();
  });
  // ---- @name in a comment: what fits is offered below; whoever types on just writes the name ----
  const OPEN = /(?:^|[^\w.])[@＠]([^@＠\n]{0,30})$/u;
  let offer = null;
  const leave = () => {
    if (!offer) return;
    offer.list.remove();
    for (const name of ["aria-activedescendant", "aria-controls"]) offer.field.removeAttribute(name);
    offer = null;
  };
  const mark = (option) => {
    for (const one of all("[role=option]", offer.list)) one.setAttribute("aria-selected", one === option);
    offer.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const call = (option) => {
    const { field, start } = offer;
    field.setRangeText(`@${option.dataset.name} `, start, field.selectionStart, "end");
    leave();
    field.focus();
  };
  let asked = 0;
  const suggest = async (field) => {
    const before = field.value.slice(0, field.selectionStart);
    const open = OPEN.exec(before);
    const turn = ++asked;
    if (!open) return leave();
    const answer = await fetch(`${field.dataset.names}?q=${encodeURIComponent(open[1])}`).catch(() => null);
    // Somebody may have typed on meanwhile.
    if (turn !== asked) return;
    const text = answer?.ok && !answer.redirected ? (await answer.text()).trim() : "";
    if (turn !== asked) return;
    leave();
    if (!text || document.activeElement !== field) return;
    const list = document.createElement("ul");
    Object.assign(list, { id: `${field.id}-names`, className: "names panel", innerHTML: text });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.dataset.namesLabel);
    field.after(list);
    field.setAttribute("aria-controls", list.id);
    offer = { field, list, start: before.length - open[1].length - 1 };
    mark(list.firstElementChild);
  };
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches?.("[data-names]")) return leave();
    for (const [name, value] of [["autocomplete", "list"], ["haspopup", "listbox"]]) target.setAttribute(`aria-${name}`, value);
  });
  for (const name of ["input", "compositionend"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches?.("[data-names]") && !event.isComposing) suggest(event.target);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (!offer || event.target !== offer.field || event.isComposing) return;
    const options = [...all("[role=option]", offer.list)];
    const now = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) mark(options[(now + by + options.length) % options.length]);
    else if (["Enter", "Tab"].includes(event.key)) call(options[now]);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("mousedown", (event) => {
    const option = offer && event.target.closest?.(".names [role=option]");
    if (!option) return;
    event.preventDefault();
    call(option);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const closer = event.target.closest("[data-close]");
    const closed = closer?.closest("dialog, .toast");
    if (closed?.matches("dialog")) closed.close();
    // Out of the page, the form of "undo" would not be sent any more.
    else if (closed) closed.hidden = true;
    const copied = event.target.closest("[data-copy]");
    if (copied) navigator.clipboard?.writeText(copied.dataset.copy);
  });

  // ---- questions before what cannot be taken back; forms without htmx ----
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !("reached" in event.target.dataset) && !confirm(question)) event.preventDefault();
  }, true);
  // A form that leaves its page would lose the text in it where nobody answers: so it asks first.
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || !form.matches("main form:has(textarea):not([hx-post])")) return;
    if (form.dataset.reached) return void delete form.dataset.reached;
    event.preventDefault();
    // Pressed twice: it is being asked.
    if ("reached" in form.dataset) return;
    form.dataset.reached = "";
    const answer = await fetch(toasts().dataset.health, { cache: "no-store" }).catch(() => null);
    if (!answer) {
      delete form.dataset.reached;
      return tell(toasts().dataset.offline);
    }
    form.dataset.reached = "yes";
    form.requestSubmit(submitter);
  });

  // ---- toasts: the server sends them; the browser says what the server could not ----
  const toasts = () => document.getElementById("toasts");
  const timers = new WeakMap();
  const wait = (toast) => {
    clearTimeout(timers.get(toast));
    const over = () => (toast.matches(":hover, :focus-within") ? wait(toast) : toast.remove());
    timers.set(toast, setTimeout(over, one("form", toast) ? 10000 : 5000));
  };
  const fade = () => {
    [...all(".toast:not([data-timed], .bad)")].forEach((toast) => {
      toast.dataset.timed = "";
      wait(toast);
    });
    // The key means the newest of them.
    [...all('.toast [data-key="u"]')].slice(0, -1).forEach((button) => button.removeAttribute("data-key"));
  };
  // Whoever walks there by keyboard is given the time.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") all(".toast[data-timed]").forEach(wait);
  });
  const tell = (text) => {
    const toast = one("template", toasts()).content.firstElementChild.cloneNode(true);
    one(".grow", toast).textContent = text;
    toasts().append(toast);
    fade();
  };

  // ---- dragging: data-sortable lists post the card's data-move with the stage and the one it came from ----
  const origins = new WeakMap();
  const putBack = (card) => {
    const origin = origins.get(card);
    if (!origin) return;
    origins.delete(card);
    origin.list.insertBefore(card, origin.next);
    card.classList.add("refused");
    setTimeout(() => card.classList.remove("refused"), 400);
  };
  const drop = (event) => {
    const { item: card, from, to } = event;
    if (from === to) return;
    origins.set(card, { list: from, next: card.drop_next });
    const values = {
      csrf_token: one('input[name="csrf_token"]')?.value ?? "",
      stage: to.dataset.stage,
      before: from.dataset.stage,
    };
    htmx.ajax("POST", card.dataset.move, { source: card, target: card, swap: "none", values })?.catch(() => {});
  };
  const sortable = (within) => {
    if (!window.Sortable) return;
    const lists = [...all("[data-sortable]", within)];
    if (within.matches?.("[data-sortable]")) lists.push(within);
    for (const list of lists) {
      if (Sortable.get(list)) continue;
      Sortable.create(list, {
        group: list.dataset.sortable, draggable: "[data-move]", sort: false,
        filter: ".move, .move *", preventOnFilter: false, animation: 120, delay: 150, delayOnTouchOnly: true,
        onStart: ({ item }) => { item.drop_next = item.nextElementSibling; },
        onEnd: drop,
      });
    }
  };

  // ---- a pane beside the list: a link with data-pane opens there where there is room ----
  const show = (pane, link) => {
    pane.hidden = !link;
    for (const card of all("[data-card][aria-current]")) card.removeAttribute("aria-current");
    link?.closest("[data-card]")?.setAttribute("aria-current", "true");
  };
  const elsewhere = (event) => !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey;
  document.addEventListener("click", (event) => {
    const hider = event.target.closest("[data-hide]");
    if (hider) show(document.getElementById(hider.dataset.hide), null);
    const link = event.target.closest("a[data-pane]");
    const pane = link && document.getElementById(link.dataset.pane);
    if (!pane || elsewhere(event) || !matchMedia("(min-width: 1101px)").matches) return;
    event.preventDefault();
    htmx.ajax("GET", link.href, { source: link, target: `#${pane.id}-body`, swap: "innerHTML" }).then(() => show(pane, link), () => {});
  });

  // ---- a card's form: heard here for all cards, since two hundred listeners hold up the board's first paint ----
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.move-link");
    if (!link || elsewhere(event)) return;
    event.preventDefault();
    htmx.ajax("GET", link.href, { source: link, target: `#move-${link.closest(".card").dataset.card}`, swap: "innerHTML" }).catch(() => {});
  });

  // ---- pulse: data-every="10" elements get a "pulse" event, only while somebody looks ----
  const last = new WeakMap();
  const dragging = () => !!window.Sortable?.active;
  const beat = () => {
    if (document.hidden || dragging()) return;
    const now = Date.now();
    for (const element of all("[data-every]")) {
      if (!last.has(element)) last.set(element, now);
      if (now - last.get(element) >= element.dataset.every * 1000) {
        last.set(element, now);
        htmx.trigger(element, "pulse");
      }
    }
  };
  let sender = null;
  // A region in which somebody writes is left alone until they are done.
  const isChosen = (select) => select.selectedIndex > 0 && !select.options[select.selectedIndex].defaultSelected;
  const isBusy = (region) => !!one("[data-editing], form details[open]", region) || region.contains(document.activeElement) && isTyping(document.activeElement)
    || [...all("textarea, input:not([type=hidden])", region)].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked)
    || [...all("select", region)].some(isChosen);

  if (window.htmx) {
    setInterval(beat, 1000);
    document.addEventListener("visibilitychange", beat);
    document.addEventListener("pulseNow", () => all("[data-every]").forEach((element) => htmx.trigger(element, "pulse")));
    document.addEventListener("htmx:beforeSwap", ({ detail }) => {
      sender = detail.requestConfig.elt;
      // A pulse that may not touch its region now asks again for the same changes.
      const region = document.getElementById(sender.dataset.region);
      if (region && (dragging() || isBusy(region))) detail.shouldSwap = false;
      // Our own error answers name their target; those of a proxy in between do not.
      if (detail.xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
    });
    document.addEventListener("htmx:oobBeforeSwap", (event) => {
      if (!event.detail.target.contains(sender) && isBusy(event.detail.target)) event.detail.shouldSwap = false;
    });
    // While its region is renewed, a long text that did not change stays as it is: opened, and not compared line by line.
    if (window.Idiomorph) Idiomorph.defaults.callbacks.beforeNodeMorphed = (now, next) => !(now.matches?.(".long") && now.innerHTML === next.innerHTML);
    document.addEventListener("htmx:afterSettle", fade);
    document.addEventListener("htmx:load", ({ detail }) => { sortable(detail.elt); fade(); });
    document.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (detail.successful) origins.delete(detail.elt);
    });
    for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
      document.addEventListener(name, ({ detail }) => {
        putBack(detail.elt);
        if (detail.requestConfig.elt.matches("[data-every]")) return;
        if (name !== "htmx:responseError") tell(toasts().dataset.offline);
        else if (![409, 422].includes(detail.xhr.status) && !detail.xhr.getResponseHeader("HX-Retarget")) tell(toasts().dataset.failed);
      });
    }
  }
  sortable(document);
  fade();
  // On a phone the navigation is a strip, which shows where one is. Elsewhere asking would lay out the page early.
  if (matchMedia("(max-width: 760px)").matches) one(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
})();
