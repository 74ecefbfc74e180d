//! Plays a session through the plugin in real time, with its window open: the plugin as a user meets it, without a DAW.
//!
//! `cargo run -p mixtrace-tests --example window -- SESSION HOME` on Linux with X11; takes go below HOME. Commands on
//! standard input: `play`, `stop`, `seek SECONDS`, `set PARAMETER VALUE`, `size WIDTH HEIGHT`, `scale FACTOR`, `open` and `close` (the window), `quit`.

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("this example opens its window with X11, on Linux only");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::BufRead;
    use std::path::PathBuf;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::{Duration, Instant};

    use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
    use mixtrace_solver::session::{Options, Session};
    use mixtrace_tests::host::{Host, Transport};
    use serde_json::{Value, json};
    use x11rb::connection::Connection;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::{
        ConfigureWindowAux, ConnectionExt, CreateWindowAux, EventMask, WindowClass,
    };
    use x11rb::rust_connection::RustConnection;

    /// Frames in a block.
    const BLOCK: usize = 512;

    pub fn main() {
        let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
        let [session, home] = &arguments[..] else { panic!("usage: window SESSION HOME") };
        let rate = Session::open(session, &Options::default()).expect("a session").sample_rate;
        let session = Session::open(session, &Options { rate, ..Options::default() }).expect("a session");
        let mut host = Host::with_project(home, json!({ "stems": labels(&session) }));
        host.activate(f64::from(rate), BLOCK);
        let mut window = None;
        let commands = commands();
        let (mut playing, mut position) = (false, 0);
        let (begun, mut blocks) = (Instant::now(), 0);
        let mut scale = 1.0;
        loop {
            for command in commands.try_iter() {
                let words: Vec<&str> = command.split_whitespace().collect();
                match words[..] {
                    ["play"] => playing = true,
                    ["stop"] => playing = false,
                    ["seek", seconds] => position = (number(seconds) * f64::from(rate)) as i64,
                    ["set", parameter, value] => host.set(parameter, number(value)),
                    ["scale", factor] => scale = number(factor),
                    ["open"] => window = Some(Frame::open(&mut host, scale)),
                    ["close"] => close(window.take(), &mut host),
                    ["size", width, height] => {
                        if let Some(window) = &window {
                            window.resize(number(width) as u32, number(height) as u32);
                        }
                    }
                    ["quit"] => return close(window.take(), &mut host),
                    _ => eprintln!("unknown: {command}"),
                }
            }
            let transport = Transport { playing, position: Some(position) };
            host.process(BLOCK, Some(transport), |bus, channel, samples| {
                let audio = match bus.checked_sub(1) {
                    None => Some(session.mix.channels[channel].as_slice()),
                    Some(stem) => session.stems.get(stem).map(|stem| stem.audio.channels()[channel]),
                };
                let from = if playing { position as usize } else { usize::MAX };
                let audio = audio.and_then(|audio| audio.get(from..)).unwrap_or_default();
                let count = audio.len().min(samples.len());
                samples.fill(0.0);
                samples[..count].copy_from_slice(&audio[..count]);
            });
            if playing {
                position += BLOCK as i64;
            }
            host.attend();
            if let Some(window) = &window {
                window.follow(&mut host);
            }
            blocks += 1;
            let due = begun + Duration::from_secs_f64(blocks as f64 * BLOCK as f64 / f64::from(rate));
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    fn labels(session: &Session) -> Value {
        let label = |stem: &mixtrace_solver::session::Stem| {
            let group = stem.group.map_or("", |group| &session.groups[group]);
            json!({ "name": stem.name, "group": group })
        };
        session.stems.iter().map(label).collect()
    }

    fn number(text: &str) -> f64 {
        text.parse().unwrap_or_else(|_| panic!("{text} is not a number"))
    }

    /// What is typed, line by line.
    fn commands() -> Receiver<String> {
        let (sender, commands) = channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        commands
    }

    /// A window of the host's around the plugin's.
    struct Frame {
        x: RustConnection,
        id: u32,
    }

    impl Frame {
        fn open(host: &mut Host, scale: f64) -> Self {
            let plugin = host.plugin();
            let gui = plugin.get_extension::<PluginGui>().expect("the plugin has a window");
            let embedded = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
            gui.create(&plugin, embedded).expect("the plugin makes its window");
            if scale != 1.0 {
                gui.set_scale(&plugin, scale).expect("the plugin scales");
            }
            let size = gui.get_size(&plugin).expect("the window has a size");
            let (x, screen) = x11rb::connect(None).expect("an X display");
            let root = x.setup().roots[screen].root;
            let id = x.generate_id().expect("X gives ids");
            let (width, height) = (size.width as u16, size.height as u16);
            let events = CreateWindowAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
            x.create_window(0, id, root, 0, 0, width, height, 0, WindowClass::INPUT_OUTPUT, 0, &events)
                .expect("X makes a window");
            x.map_window(id).expect("X shows a window");
            x.flush().expect("X listens");
            // SAFETY: the frame outlives the plugin's window, which `close` destroys first.
            unsafe { gui.set_parent(&plugin, Window::from_x11_handle(id.into())) }.expect("it embeds");
            gui.show(&plugin).expect("the plugin shows its window");
            Self { x, id }
        }

        fn resize(&self, width: u32, height: u32) {
            let size = ConfigureWindowAux::new().width(width).height(height);
            self.x.configure_window(self.id, &size).expect("X resizes");
            self.x.flush().expect("X listens");
        }

        /// Passes the frame's size on to the plugin.
        fn follow(&self, host: &mut Host) {
            while let Ok(Some(event)) = self.x.poll_for_event() {
                if let Event::ConfigureNotify(event) = event {
                    let plugin = host.plugin();
                    let size = GuiSize { width: event.width.into(), height: event.height.into() };
                    if let Some(gui) = plugin.get_extension::<PluginGui>() {
                        let size = gui.adjust_size(&plugin, size).unwrap_or(size);
                        let _ = gui.set_size(&plugin, size);
                    }
                }
            }
        }
    }

    /// Closes the plugin's window, then the frame.
    fn close(frame: Option<Frame>, host: &mut Host) {
        let Some(Frame { x, id }) = frame else { return };
        let plugin = host.plugin();
        if let Some(gui) = plugin.get_extension::<PluginGui>() {
            gui.destroy(&plugin);
        }
        let _ = x.destroy_window(id);
        let _ = x.flush();
    }
}
