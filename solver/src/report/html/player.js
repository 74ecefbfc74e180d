// One set of controls for the mix and the match: both play, one is muted.
"use strict";
(function () {
  const by = (id) => document.getElementById(id);
  const [mix, match] = [by("audio-mix"), by("audio-match")];
  const [play, toggle, seek, level, said] = ["play", "toggle", "seek", "level", "said"].map(by);
  let heard = mix;
  let playing = false;
  const muted = () => (heard === mix ? match : mix);

  function show() {
    const at = Math.floor(heard.currentTime);
    const text = Math.floor(at / 60) + ":" + String(at % 60).padStart(2, "0");
    seek.value = heard.currentTime;
    seek.setAttribute("aria-valuetext", text);
    by("clock").textContent = text;
    play.textContent = playing ? "Pause" : "Play";
    by("side-mix").classList.toggle("on", heard === mix);
    by("side-match").classList.toggle("on", heard === match);
    by("heard").textContent = heard === mix ? "The mix is heard" : "The match is heard";
  }

  // What is heard runs as it is; what is muted is brought to the same place.
  function steer() {
    const drift = muted().currentTime - heard.currentTime;
    const off = Math.abs(drift);
    heard.playbackRate = 1;
    if (off > 0.3) {
      muted().currentTime = heard.currentTime;
    } else if (off > 0.03) {
      muted().playbackRate = drift > 0 ? 0.9 : 1.1;
    } else if (0.01 > off) {
      muted().playbackRate = 1;
    }
  }

  function pause() {
    playing = false;
    mix.pause();
    match.pause();
    show();
  }

  function start() {
    playing = true;
    muted().currentTime = heard.currentTime;
    Promise.all([mix.play(), match.play()]).catch(pause);
    show();
  }

  function change() {
    heard = muted();
    heard.muted = false;
    muted().muted = true;
    steer();
    show();
  }

  function loudness() {
    const louder = level.checked ? Number(level.dataset.louderDb) : 0;
    mix.volume = Math.pow(10, Math.min(louder, 0) / 20);
    match.volume = Math.pow(10, Math.min(-louder, 0) / 20);
  }

  function missing() {
    pause();
    said.textContent = "mix.wav and match.wav cannot be played: they must lie in the folder of this page.";
  }

  for (const audio of [mix, match]) {
    audio.controls = false;
    audio.addEventListener("ended", pause);
    audio.addEventListener("error", missing);
    // The file may have been refused before this script came to listen.
    if (audio.error) missing();
  }
  match.muted = true;
  by("plain").hidden = true;
  by("player").hidden = false;
  play.addEventListener("click", () => (playing ? pause() : start()));
  toggle.addEventListener("click", change);
  seek.addEventListener("input", () => {
    mix.currentTime = match.currentTime = Number(seek.value);
    show();
  });
  if (level) level.addEventListener("change", loudness);
  document.addEventListener("keydown", (event) => {
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === "x") chord || change();
  });
  setInterval(() => {
    if (playing) {
      steer();
      show();
    }
  }, 100);
  show();
})();
