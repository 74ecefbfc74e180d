//! A small CLAP host. It loads the plugin from the library that cargo builds beside the tests, as a DAW would, and hands
//! it buffers, parameters and a transport of which a test says every bit.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::PluginLatency;
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamInfoBuffer,
    ParamRescanFlags, PluginParams,
};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader, Pckn};
use clack_host::prelude::*;
use clack_host::utils::{FixedPoint, SecondsTime};
use clap_sys::audio_buffer::clap_audio_buffer;
use serde_json::{Value, json};

const PLUGIN: &str = "org.mixtrace.mixtrace";

/// What the plugin asks of the host.
#[derive(Default)]
struct Callbacks {
    /// To be called on the main thread.
    main_thread: AtomicBool,
}

impl SharedHandler<'_> for Callbacks {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.main_thread.store(true, Ordering::Release);
    }
}

/// Notes of the plugin's on its parameters are not needed: who wants a value asks for it.
struct MainThread;
impl MainThreadHandler<'_> for MainThread {}

impl HostParamsImplMainThread for MainThread {
    fn rescan(&self, _: ParamRescanFlags) {}
    fn clear(&self, _: ClapId, _: ParamClearFlags) {}
}

impl HostParamsImplShared for Callbacks {
    fn request_flush(&self) {}
}

struct Handlers;
impl HostHandlers for Handlers {
    type Shared<'a> = Callbacks;
    type MainThread<'a> = MainThread;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Self::Shared<'_>) {
        builder.register::<HostGui>().register::<HostParams>();
    }
}

/// A window has the size that it is given.
impl HostGuiImpl for Callbacks {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, _: GuiSize) -> Result<(), HostError> {
        Err(HostError::Message("the window keeps its size"))
    }
    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn closed(&self, _: bool) {}
}

/// The plugin's library: cargo leaves it in the folder of the test that depends on it, which is beside that of an example.
pub fn library() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    let name = format!("{}mixtrace_plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let beside = test.with_file_name(&name);
    if beside.exists() { beside } else { test.with_file_name("../deps").join(name) }
}

/// What the host says of its transport in a block.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// Whether it runs.
    pub playing: bool,
    /// Where the block lies in the song, in samples at the host's rate; none from a host that does not say.
    pub position: Option<i64>,
}

/// What is connected to a stereo input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plug {
    /// Both channels.
    Stereo,
    /// One channel only, which no host should do, but some do.
    Mono,
    /// Nothing: the host hands over no buffer.
    Nothing,
}

/// Whether outputs have buffers of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffers {
    /// Every output lies elsewhere than its input.
    Separate,
    /// Every output is written over its input.
    InPlace,
}

/// An instance of the plugin and all that a host holds for it.
pub struct Host {
    instance: PluginInstance<Handlers>,
    processor: Option<StartedPluginAudioProcessor<Handlers>>,
    rate: f64,
    block: usize,
    /// What is connected to the inputs: the mix, then the stems.
    pub plugs: Vec<Plug>,
    /// How buffers lie.
    pub buffers: Buffers,
    inputs: Vec<[Vec<f32>; 2]>,
    outputs: Vec<[Vec<f32>; 2]>,
    changes: Vec<ParamValueEvent>,
    steady: u64,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A new instance, with the plugin's defaults.
    pub fn new() -> Self {
        // SAFETY: it is our own library, and its entry follows the CLAP standard.
        let entry = unsafe { PluginEntry::load(library()) };
        let entry = entry.expect("cargo has built the plugin's library beside this test");
        let info = HostInfo::new("Mixtrace's tests", "Mixtrace", "", "1").expect("no zero bytes");
        let id = CString::new(PLUGIN).expect("no zero bytes");
        let instance = PluginInstance::new(|_| Callbacks::default(), |_| MainThread, &entry, &id, &info);
        let mut host = Self {
            instance: instance.expect("the library holds the plugin"),
            processor: None,
            rate: 0.0,
            block: 0,
            plugs: Vec::new(),
            buffers: Buffers::Separate,
            inputs: Vec::new(),
            outputs: Vec::new(),
            changes: Vec::new(),
            steady: 0,
        };
        host.plugs = vec![Plug::Stereo; host.ports(true).len()];
        host
    }

    /// A new instance that writes its takes below `home`, with further fields of the project.
    pub fn with_project(home: &Path, fields: Value) -> Self {
        let mut host = Self::new();
        let mut project = host.project();
        project["home"] = json!(home);
        for (name, value) in fields.as_object().into_iter().flatten() {
            project[name] = value.clone();
        }
        host.set_project(&project);
        host
    }

    /// A new instance that writes its takes below `home`, started offline.
    pub fn started(home: &Path, rate: f64, block: usize) -> Self {
        let mut host = Self::with_project(home, json!({}));
        host.go_offline();
        host.activate(rate, block);
        host
    }

    /// Names and channels of the ports.
    pub fn ports(&mut self, input: bool) -> Vec<(String, u32)> {
        let plugin = self.instance.plugin_handle();
        let ports = plugin.get_extension::<PluginAudioPorts>().expect("the plugin has audio ports");
        let mut buffer = AudioPortInfoBuffer::new();
        let ports = (0..ports.count(&plugin, input)).map(|i| {
            let port = ports.get(&plugin, i, input, &mut buffer).expect("a port that was counted");
            (String::from_utf8_lossy(port.name).into_owned(), port.channel_count)
        });
        ports.collect()
    }

    /// Names of the layouts and the number of their inputs, and of their outputs.
    pub fn layouts(&mut self) -> Vec<(String, u32, u32)> {
        let plugin = self.instance.plugin_handle();
        let layouts = plugin.get_extension::<PluginAudioPortsConfig>().expect("the plugin has layouts");
        let mut buffer = AudioPortsConfigBuffer::new();
        let layouts = (0..layouts.count(&plugin)).map(|i| {
            let layout = layouts.get(&plugin, i, &mut buffer).expect("a layout that was counted");
            let name = String::from_utf8_lossy(layout.name).into_owned();
            (name, layout.input_port_count, layout.output_port_count)
        });
        layouts.collect()
    }

    /// Chooses a layout; only while the plugin is not started.
    pub fn choose_layout(&mut self, index: u32) {
        let plugin = self.instance.plugin_handle();
        let layouts = plugin.get_extension::<PluginAudioPortsConfig>().expect("the plugin has layouts");
        layouts.select(&plugin, ClapId::new(index)).expect("the plugin has this layout");
        self.plugs = vec![Plug::Stereo; self.ports(true).len()];
    }

    /// Calls the plugin on the main thread if it has asked for that.
    pub fn attend(&mut self) {
        let asked = |callbacks: &Callbacks| callbacks.main_thread.swap(false, Ordering::AcqRel);
        if self.instance.access_shared_handler(asked) {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// The plugin, to be asked on the main thread.
    pub fn plugin(&mut self) -> PluginMainThreadHandle<'_> {
        self.instance.plugin_handle()
    }

    /// The latency that the plugin tells.
    pub fn latency(&mut self) -> u32 {
        let plugin = self.instance.plugin_handle();
        plugin.get_extension::<PluginLatency>().map_or(0, |latency| latency.get(&plugin))
    }

    /// Tells the plugin that blocks come as fast as it takes them.
    pub fn go_offline(&mut self) {
        let plugin = self.instance.plugin_handle();
        let render = plugin.get_extension::<PluginRender>().expect("the plugin renders offline");
        render.set(&plugin, RenderMode::Offline).expect("the plugin renders offline");
    }

    /// Starts the plugin for blocks of up to `block` frames.
    pub fn activate(&mut self, rate: f64, block: usize) {
        let frames = block as u32;
        let configuration =
            PluginAudioConfiguration { sample_rate: rate, min_frames_count: 1, max_frames_count: frames };
        let stopped = self.instance.activate(|_, _| (), configuration).expect("the plugin starts");
        self.processor = Some(stopped.start_processing().expect("the plugin starts to process"));
        (self.rate, self.block) = (rate, block);
        let buses = |count: usize| vec![[vec![0.0; block], vec![0.0; block]]; count];
        self.inputs = buses(self.ports(true).len());
        self.outputs = buses(self.ports(false).len());
    }

    /// Stops the plugin.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.stop_processing());
        }
    }

    /// Turns a parameter in the next block, or now if the plugin is not started.
    pub fn set(&mut self, name: &str, value: f64) {
        let change = ParamValueEvent::new(0, self.parameter(name), Pckn::match_all(), value);
        if self.processor.is_some() {
            self.changes.push(change);
            return;
        }
        let mut plugin = self.instance.inactive_plugin_handle().expect("the plugin is not started");
        let parameters = plugin.get_extension::<PluginParams>().expect("the plugin has parameters");
        parameters.flush(&mut plugin, &InputEvents::from_buffer(&[change]), &mut OutputEvents::void());
    }

    /// A parameter's value.
    pub fn value(&mut self, name: &str) -> f64 {
        let id = self.parameter(name);
        let plugin = self.instance.plugin_handle();
        let parameters = plugin.get_extension::<PluginParams>().expect("the plugin has parameters");
        parameters.get_value(&plugin, id).expect("the parameter was listed")
    }

    fn parameter(&mut self, name: &str) -> ClapId {
        let plugin = self.instance.plugin_handle();
        let parameters = plugin.get_extension::<PluginParams>().expect("the plugin has parameters");
        let mut buffer = ParamInfoBuffer::new();
        let found = (0..parameters.count(&plugin)).find_map(|i| {
            let info = parameters.get_info(&plugin, i, &mut buffer)?;
            (info.name == name.as_bytes()).then_some(info.id)
        });
        found.unwrap_or_else(|| panic!("the plugin has no parameter {name}"))
    }

    /// The state, as a host saves it.
    pub fn save(&mut self) -> Vec<u8> {
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().expect("the plugin has a state");
        let mut bytes = Vec::new();
        state.save(&plugin, &mut bytes).expect("the state is saved");
        bytes
    }

    /// Hands over a saved state; says whether the plugin took it.
    pub fn load(&mut self, bytes: &[u8]) -> bool {
        let plugin = self.instance.plugin_handle();
        let state = plugin.get_extension::<PluginState>().expect("the plugin has a state");
        state.load(&plugin, &mut &bytes[..]).is_ok()
    }

    /// The state's JSON.
    pub fn state(&mut self) -> Value {
        serde_json::from_slice(&self.save()[LENGTH..]).expect("a state is JSON")
    }

    /// Hands over a state as text, whatever it is; says whether the plugin took it.
    pub fn set_state(&mut self, text: &str) -> bool {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
        self.load(&bytes)
    }

    /// The project in the plugin's state.
    pub fn project(&mut self) -> Value {
        let state = self.state();
        serde_json::from_str(state["fields"]["project"].as_str().expect("a text")).expect("a project is JSON")
    }

    /// Replaces the project in the plugin's state.
    pub fn set_project(&mut self, project: &Value) {
        let mut state = self.state();
        state["fields"]["project"] = json!(project.to_string());
        assert!(self.set_state(&state.to_string()));
    }

    /// Has the plugin process a block of as many frames as `transport` and `fill` are for; `fill` writes the samples of
    /// a bus (0 is the mix) and channel.
    pub fn process(
        &mut self,
        frames: usize,
        transport: Option<Transport>,
        mut fill: impl FnMut(usize, usize, &mut [f32]),
    ) {
        for (bus, channels) in self.inputs.iter_mut().enumerate() {
            for (channel, samples) in channels.iter_mut().enumerate() {
                // A host that sends more than it announced brings its own room.
                samples.resize(samples.len().max(frames), 0.0);
                fill(bus, channel, &mut samples[..frames]);
            }
        }
        for samples in self.outputs.iter_mut().flatten() {
            samples.resize(samples.len().max(frames), 0.0);
            // What lies there must not pass for a result.
            samples.fill(f32::NAN);
        }
        let mut ins: Vec<[*mut f32; 2]> = self.inputs.iter_mut().map(pointers).collect();
        let mut outs: Vec<[*mut f32; 2]> = match self.buffers {
            Buffers::Separate => self.outputs.iter_mut().map(pointers).collect(),
            Buffers::InPlace => ins.clone(),
        };
        let mut plugged: Vec<_> =
            ins.iter_mut().zip(&self.plugs).map(|(bus, plug)| port(bus, *plug)).collect();
        // The last one is not counted: it is there for plugin frameworks that look one port too far.
        plugged.push(port(&mut [null_mut(); 2], Plug::Nothing));
        let mut out: Vec<_> = outs.iter_mut().map(|bus| port(bus, Plug::Stereo)).collect();

        let event = transport.map(|transport| transport.event(self.rate));
        let changes = std::mem::take(&mut self.changes);
        let processor = self.processor.as_mut().expect("the plugin is started");
        // SAFETY: the pointers lead to `inputs` and `outputs`, which hold at least `frames` samples a channel and stay
        // where they are until the call returns.
        let (ins, mut outs) = unsafe {
            (
                InputAudioBuffers::from_raw_buffers(&plugged[..self.plugs.len()], frames as u32),
                OutputAudioBuffers::from_raw_buffers(&mut out, frames as u32),
            )
        };
        let done = processor.process(
            &ins,
            &mut outs,
            &InputEvents::from_buffer(&changes),
            &mut OutputEvents::void(),
            Some(self.steady),
            event.as_ref(),
        );
        done.expect("the plugin processes");
        self.steady += frames as u64;
    }

    /// What the last block's output carries: bus 0 is the main one, the others the stems' thru outputs.
    pub fn output(&self, bus: usize, channel: usize) -> &[f32] {
        match self.buffers {
            Buffers::Separate => &self.outputs[bus][channel],
            Buffers::InPlace => &self.inputs[bus][channel],
        }
    }

    /// Processes `frames` frames of a song from `position` on, in blocks of the announced size, and lets `heard` look at
    /// each block's outputs.
    pub fn play(
        &mut self,
        position: i64,
        frames: usize,
        song: impl Fn(usize, usize, i64) -> f32,
        mut heard: impl FnMut(&Self, i64, usize),
    ) {
        let mut done = 0;
        while done < frames {
            let (at, count) = (position + done as i64, self.block.min(frames - done));
            let transport = Transport { playing: true, position: Some(at) };
            self.process(count, Some(transport), |bus, channel, samples| {
                for (i, sample) in (at..).zip(samples) {
                    *sample = song(bus, channel, i);
                }
            });
            heard(self, at, count);
            done += count;
        }
    }

    /// Processes a few blocks with the transport at rest: a song stands still, and noise that must not be captured
    /// comes in all the same.
    pub fn rest(&mut self, position: i64) {
        for _ in 0..3 {
            let transport = Transport { playing: false, position: Some(position) };
            self.process(self.block, Some(transport), |_, _, samples| samples.fill(0.123));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.deactivate();
    }
}

impl Transport {
    fn event(self, rate: f64) -> TransportEvent {
        let mut flags = TransportFlags::HAS_TEMPO;
        flags.set(TransportFlags::IS_PLAYING, self.playing);
        flags.set(TransportFlags::HAS_SECONDS_TIMELINE, self.position.is_some());
        let zero = FixedPoint::from_int(0);
        TransportEvent {
            header: EventHeader::new_core(0, EventFlags::empty()),
            flags,
            song_pos_beats: zero,
            song_pos_seconds: SecondsTime::from_float(self.position.unwrap_or(0) as f64 / rate),
            tempo: 120.0,
            tempo_inc: 0.0,
            loop_start_beats: zero,
            loop_end_beats: zero,
            loop_start_seconds: zero,
            loop_end_seconds: zero,
            bar_start: zero,
            bar_number: 0,
            time_signature_numerator: 4,
            time_signature_denominator: 4,
        }
    }
}

/// Bytes before a saved state's JSON: its length.
const LENGTH: usize = 8;

fn pointers(channels: &mut [Vec<f32>; 2]) -> [*mut f32; 2] {
    channels.each_mut().map(|samples| samples.as_mut_ptr())
}

fn port(channels: &mut [*mut f32; 2], plug: Plug) -> clap_audio_buffer {
    let (data32, channel_count) = match plug {
        Plug::Stereo => (channels.as_mut_ptr(), 2),
        Plug::Mono => (channels.as_mut_ptr(), 1),
        Plug::Nothing => (null_mut(), 0),
    };
    clap_audio_buffer { data32, data64: null_mut(), channel_count, latency: 0, constant_mask: 0 }
}
