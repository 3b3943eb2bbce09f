"use strict";
(() => {
  const content = document.getElementById("content");
  const told = document.getElementById("told");
  const pause = document.getElementById("pause");
  let source = null;
  let waiting = null;

  // What has the focus, so that it has it again among what takes its place.
  const focused = () => {
    const active = document.activeElement;
    if (!content.contains(active) || active === content) return null;
    for (const name of ["href", "aria-label", "aria-labelledby", "name"]) {
      const value = active.getAttribute(name);
      if (value) return `${active.localName}[${name}="${CSS.escape(value)}"]`;
    }
    return null;
  };

  // Nobody's typing or choosing is disturbed.
  const isBusy = () => {
    const active = document.activeElement;
    const isTyping = content.contains(active) && ["input", "select"].includes(active.localName);
    const selection = document.getSelection();
    return isTyping || (selection && !selection.isCollapsed && content.contains(selection.anchorNode));
  };

  const show = (html) => {
    if (isBusy()) { waiting = html; return; }
    waiting = null;
    const focus = focused();
    const scrolled = [...content.querySelectorAll(".log, .wide")].map((each) => ({
      top: each.scrollTop, left: each.scrollLeft,
      atEnd: each.scrollHeight - each.scrollTop - each.clientHeight < 4,
    }));
    content.innerHTML = html;
    [...content.querySelectorAll(".log, .wide")].forEach((each, index) => {
      const before = scrolled[index];
      if (!before) return;
      each.scrollLeft = before.left;
      each.scrollTop = before.atEnd ? each.scrollHeight : before.top;
    });
    if (focus) content.querySelector(focus)?.focus({ preventScroll: true });
  };

  const stop = (words) => {
    source?.close();
    source = null;
    told.textContent = words;
  };

  const start = () => {
    source = new EventSource(`/live${location.pathname}${location.search}`);
    source.addEventListener("content", (event) => { told.textContent = "Live"; show(event.data); });
    source.addEventListener("over", () => { stop("Ended"); pause.hidden = true; });
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) stop("Not live: reload to see news");
      else told.textContent = "Connecting";
    });
  };

  pause.addEventListener("click", () => {
    const isPaused = pause.getAttribute("aria-pressed") === "true";
    pause.setAttribute("aria-pressed", String(!isPaused));
    pause.textContent = isPaused ? "Pause updates" : "Resume updates";
    if (isPaused) start(); else stop("Paused");
  });
  document.addEventListener("focusout", () => setTimeout(() => { if (waiting !== null) show(waiting); }, 0));
  pause.hidden = false;
  start();
})();
