"use strict";
(() => {
  const content = document.getElementById("content");
  const told = document.getElementById("told");
  const pause = document.getElementById("pause");
  let source = null;
  let waiting = null;
  let isPressed = false;

  const syncAttributes = (now, wanted) => {
    for (const { name } of [...now.attributes]) if (!wanted.hasAttribute(name)) now.removeAttribute(name);
    for (const { name, value } of wanted.attributes) {
      if (now.getAttribute(name) !== value) now.setAttribute(name, value);
    }
  };

  // Changes what is another, and leaves the rest as it is: what has the focus, is scrolled, typed or chosen stays so.
  // Elements with an id are the same wherever they are among the others.
  const sync = (now, next) => {
    const wanted = [...next.childNodes];
    wanted.forEach((each, index) => {
      let there = now.childNodes[index] ?? null;
      if (each.id || there?.id) {
        const same = each.id ? [...now.children].find((other) => other.id === each.id) : null;
        if (!same) { now.insertBefore(each, there); return; }
        if (same !== there) now.insertBefore(same, there);
        there = same;
      }
      if (!there) now.append(each);
      else if (there.nodeName !== each.nodeName) there.replaceWith(each);
      else if (there.nodeType === Node.ELEMENT_NODE) { syncAttributes(there, each); sync(there, each); }
      else if (there.nodeValue !== each.nodeValue) there.nodeValue = each.nodeValue;
    });
    while (wanted.length < now.childNodes.length) now.lastChild.remove();
  };

  // What is pressed or selected stays where it is until that is over.
  const isBusy = () => {
    const selection = document.getSelection();
    return isPressed || (selection && !selection.isCollapsed && content.contains(selection.anchorNode));
  };

  const show = (html) => {
    waiting = html;
    if (isBusy()) return;
    waiting = null;
    const log = content.querySelector(".log");
    const isAtEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 4;
    sync(content, new DOMParser().parseFromString(html, "text/html").body);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
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
  const goOn = () => setTimeout(() => { if (waiting !== null) show(waiting); }, 0);
  document.addEventListener("pointerdown", () => { isPressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => { isPressed = false; goOn(); });
  }
  document.addEventListener("selectionchange", goOn);
  pause.hidden = false;
  start();
})();
