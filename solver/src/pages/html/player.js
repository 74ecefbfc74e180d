// One set of controls for the mix and the match: both play, one is heard.
"use strict";
(function () {
  const by = (id) => document.getElementById(id);
  const [mix, match] = [by("audio-mix"), by("audio-match")];
  const [play, toggle, seek, level, said] = ["play", "toggle", "seek", "level", "said"].map(by);
  let heard = mix;
  let playing = false;
  let lead = 0;
  let waits = 0;
  const other = () => (heard === mix ? match : mix);

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

  // Muted audio loses its output in some browsers and comes back late: what is not heard is played at −100 dB. Where
  // nobody but the user sets volumes, it is muted all the same.
  function blend() {
    const louder = level ? level.checked * level.dataset.louderDb : 0;
    for (const [audio, db] of [[mix, louder], [match, -louder]]) {
      const on = audio === heard;
      audio.volume = on ? Math.pow(10, Math.min(db, 0) / 20) : 1e-5;
      audio.muted = on ? false : audio.volume > 1e-4;
    }
  }

  // What is heard runs as it is; the other is brought to the same place. That takes a moment, in which the first goes on:
  // how long it took is known soon after, and allowed for the next time.
  function steer() {
    // The other may come to its end a little earlier.
    if (other().ended) return;
    const drift = other().currentTime - heard.currentTime;
    if (waits > 0) {
      waits -= 1;
      if (waits === 0) lead = Math.min(Math.max(lead - drift, 0), 0.3);
    } else if (Math.abs(drift) > 0.03) {
      other().currentTime = heard.currentTime + lead;
      waits = 5;
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
    // So near to the end, there is but a scrap left to hear.
    const isOver = 0.35 > heard.duration - heard.currentTime;
    mix.currentTime = match.currentTime = isOver ? 0 : heard.currentTime;
    Promise.all([mix.play(), match.play()]).catch(pause);
    show();
  }

  function change() {
    heard = other();
    blend();
    stopped();
    show();
  }

  // The end of what is heard is the end of both, and so is a pause by a key of the keyboard or a headset.
  function stopped() {
    if (!playing) return;
    if (heard.ended || heard.paused) pause();
  }

  function missing() {
    pause();
    said.textContent = "original.wav and match.wav cannot be played: they must lie in the folder of this page.";
  }

  for (const audio of [mix, match]) {
    audio.controls = false;
    audio.addEventListener("ended", stopped);
    audio.addEventListener("pause", stopped);
    audio.addEventListener("error", missing);
    // The file may have been refused before this script came to listen.
    if (audio.error) missing();
  }
  blend();
  by("plain").hidden = true;
  by("player").hidden = false;
  play.addEventListener("click", () => (playing ? pause() : start()));
  toggle.addEventListener("click", change);
  seek.addEventListener("input", () => {
    mix.currentTime = match.currentTime = Number(seek.value);
    show();
    if (!playing) return;
    // The other stands still if it had come to its end.
    if (other().paused) other().play().catch(pause);
  });
  if (level) level.addEventListener("change", blend);
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
