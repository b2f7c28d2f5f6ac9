"use strict";
// The page has every form of every part of the picture; stepping shows one form of each. Nothing
// is made of text here: names and values go to the page as textContent and attributes only.
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const byId = (id) => document.getElementById(id);
  const last = film.times.length - 1;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const view = byId("picture");
  let frame = 0, timer = 0, pointed = null;

  // [[first frame, what], ...]: what holds in a frame.
  const at = (changes, number) => changes.reduce(
    (found, [first, what]) => first <= number ? what : found, changes[0][1]);

  const parts = Object.entries(film.parts).map(([id, changes]) => ({
    changes, forms: Array.from(byId(id).children), shown: 0,
  }));

  function show(number) {
    frame = Math.min(Math.max(number, 0), last);
    for (const part of parts) {
      const form = at(part.changes, frame);
      if (form === part.shown) continue;
      part.forms[part.shown].setAttribute("hidden", "");
      part.forms[form].removeAttribute("hidden");
      part.shown = form;
    }
    const time = `t = ${film.times[frame]} of ${film.end}`;
    byId("sentence").textContent = film.sentences[frame];
    byId("time").textContent = time;
    byId("step").value = frame;
    byId("step").setAttribute("aria-valuetext", time);
    for (const [id, end] of [["first", 0], ["back", 0], ["next", last], ["last", last]])
      byId(id).disabled = frame === end;
    for (const [id, card] of Object.entries(film.cards)) {
      const said = at(card.said, frame);
      byId(id).setAttribute("aria-label", [card.name, ...said].filter(Boolean).join(", "));
    }
    tell();
    reveal();
  }

  // The card of the box that is pointed at or has the focus; otherwise of the one that just ran.
  function tell() {
    const focused = document.activeElement && document.activeElement.closest(".box");
    const id = pointed || (focused && focused.id) || film.now[frame] || film.next[frame];
    const card = film.cards[id];
    byId("card").hidden = !card;
    if (!card) return;
    const [state, value] = at(card.said, frame);
    const texts = { ...card, state, value };
    for (const field of ["name", "node", "value", "state", "source", "line", "more"]) {
      const place = byId(`card-${field}`);
      place.textContent = texts[field] || "";
      if (place.tagName === "DD") place.previousElementSibling.hidden = !texts[field];
      place.hidden = !texts[field];
    }
  }

  // Scroll the picture so far that the box of this step is seen.
  function reveal(behavior = calm.matches ? "auto" : "smooth") {
    const box = byId(film.next[frame] || film.now[frame] || "");
    if (!box) return;
    const inner = box.getBoundingClientRect(), outer = view.getBoundingClientRect();
    const beyond = (low, high, from, to) => low < from ? low - from : high > to ? high - to : 0;
    const left = beyond(inner.left - 20, inner.right + 20, outer.left, outer.right);
    const top = beyond(inner.top - 20, inner.bottom + 20, outer.top, outer.bottom);
    if (left || top) view.scrollBy({ left, top, behavior });
  }

  function play(playing) {
    clearInterval(timer);
    timer = playing ? setInterval(() => frame < last ? show(frame + 1) : play(false),
                                  film.seconds * 1000) : 0;
    byId("play").textContent = timer ? "Pause" : "Play";
    byId("sentence").setAttribute("aria-live", timer ? "off" : "polite");
    if (timer && frame === last) show(0);
  }

  const go = (number) => { play(false); show(number); };
  const moves = {
    ArrowLeft: () => go(frame - 1), ArrowRight: () => go(frame + 1),
    Home: () => go(0), End: () => go(last), " ": () => play(!timer),
  };
  addEventListener("keydown", (event) => {
    const own = event.target.closest && event.target.closest("input, button");
    if (event.altKey || event.ctrlKey || event.metaKey || !moves[event.key]) return;
    if (own && (event.key === " " || own.id === "step")) return;  // they know these keys themselves
    event.preventDefault();
    moves[event.key]();
  });
  byId("first").onclick = moves.Home;
  byId("back").onclick = moves.ArrowLeft;
  byId("play").onclick = moves[" "];
  byId("next").onclick = moves.ArrowRight;
  byId("last").onclick = moves.End;
  byId("step").oninput = (event) => go(Number(event.target.value));
  byId("fit").onchange = (event) => { view.classList.toggle("fitted", event.target.checked); reveal(); };
  for (const id of Object.keys(film.cards)) {
    byId(id).addEventListener("pointerenter", () => { pointed = id; tell(); });
    byId(id).addEventListener("pointerleave", () => { pointed = null; tell(); });
    byId(id).addEventListener("focus", tell);
    byId(id).addEventListener("blur", tell);
  }

  // #t=12 begins at a time.
  function start() {
    const asked = /^#t=(\d+)$/.exec(location.hash);
    const found = asked ? film.times.findIndex((time) => time >= Number(asked[1])) : 0;
    go(found < 0 ? last : found);
    reveal("instant");
  }
  addEventListener("hashchange", start);
  byId("fit").checked = innerWidth > 800;
  view.classList.toggle("fitted", byId("fit").checked);
  start();
})();
