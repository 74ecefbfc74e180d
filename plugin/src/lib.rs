//! Mixtrace inside a DAW: captures stems and mix, solves, shows and plays what it found.
//!
//! - [`buses`], [`params`]: what the host sees; [`project`]: what it keeps for us.
//! - [`capture`] runs on the audio thread and hands samples to the [`recorder`], which writes sessions.
//! - [`worker`] solves them, [`listen`] plays the match, both on threads of their own.
//! - [`editor`] is the window. [`studio`] holds everything but the audio thread's part together.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod buses;
pub mod capture;
pub mod editor;
pub mod exports;
pub mod listen;
pub mod params;
pub mod project;
pub mod recorder;
pub mod studio;
pub mod worker;

use std::sync::Arc;

use nice_plug::prelude::*;

use capture::{Inputs, Tap};
use listen::Player;
use params::{Parameters, Source};
use project::SharedProject;
use studio::Studio;

/// An instance of the plugin. What is here belongs to the audio thread; everything else is the [`Studio`]'s.
pub struct Mixtrace {
    parameters: Arc<Parameters>,
    studio: Arc<Studio>,
    tap: Tap,
    player: Player,
}

impl Default for Mixtrace {
    fn default() -> Self {
        let project = SharedProject::default();
        let switch = Arc::default();
        let parameters = Arc::new(Parameters::new(project.clone(), Arc::clone(&switch)));
        let (studio, tap, player) = Studio::open(project, switch);
        Self { parameters, studio: Arc::new(studio), tap, player }
    }
}

impl Plugin for Mixtrace {
    const NAME: &'static str = "Mixtrace";
    const VENDOR: &'static str = "Mixtrace";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = buses::LAYOUTS;

    type Editor = editor::Window;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.parameters.clone()
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        editor::create(Arc::clone(&self.studio), Arc::clone(&self.parameters))
    }

    fn filter_state(state: &mut PluginState) {
        project::repair(&mut state.fields);
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let rate = config.sample_rate.round() as u32;
        let offline = config.process_mode == ProcessMode::Offline;
        self.tap.set_up(1 + layout.aux_input_ports.len(), rate, offline);
        self.player.set_up(rate, offline);
        true
    }

    fn reset(&mut self) {
        self.tap.end();
    }

    fn deactivate(&mut self) {
        self.tap.end();
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let armed = self.parameters.is_armed();
        let transport = transport(context.transport());
        let inputs = Buses { mix: buffer, stems: aux.inputs };
        self.tap.process(armed, transport, &inputs, buffer.samples());
        for (stem, thru) in aux.inputs.iter().zip(aux.outputs.iter_mut()) {
            for (from, to) in stem.as_slice_immutable().iter().zip(thru.as_slice()) {
                // A channel that the host does not give is silent, and in nice-plug of any length.
                let frames = from.len().min(to.len());
                to[..frames].copy_from_slice(&from[..frames]);
            }
        }
        if let [left, right] = buffer.as_slice() {
            self.player.process(self.parameters.listen.value() == Source::Match, transport, [left, right]);
        }
        // A host that puts silent plugins to sleep would cut takes short.
        ProcessStatus::KeepAlive
    }
}

fn transport(host: &Transport) -> capture::Transport {
    let position = host
        .pos_samples
        .or_else(|| host.pos_seconds.map(|seconds| (seconds * f64::from(host.sample_rate)).round() as i64));
    // Without any clue a host has no transport, or does not tell of it.
    let present = host.playing || position.is_some() || host.tempo.is_some() || host.pos_beats.is_some();
    // A conversion from a float saturates: no tempo that a host makes up is too much.
    let tempo = host.tempo.map(|tempo| (1000.0 * tempo).round() as u32);
    capture::Transport { present, playing: host.playing, position, tempo }
}

/// The buses of a block in the host's buffers.
struct Buses<'a, 'b> {
    mix: &'a Buffer<'b>,
    stems: &'a [Buffer<'b>],
}

impl Inputs for Buses<'_, '_> {
    fn buses(&self) -> usize {
        1 + self.stems.len()
    }

    fn channel(&self, bus: usize, channel: usize) -> &[f32] {
        let buffer = bus.checked_sub(1).map_or(self.mix, |stem| &self.stems[stem]);
        buffer.as_slice_immutable().get(channel).map_or(&[], |samples| samples)
    }
}

impl ClapPlugin for Mixtrace {
    const CLAP_ID: &'static str = "org.mixtrace.mixtrace";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Captures stems and mix and traces the mix back to effect chains");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::AudioEffect, ClapFeature::Stereo, ClapFeature::Analyzer, ClapFeature::Utility];
}

impl Vst3Plugin for Mixtrace {
    const VST3_CLASS_ID: [u8; 16] = *b"MixtraceStemsMix";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Analyzer, Vst3SubCategory::Tools];
}

nice_export_clap!(Mixtrace);
nice_export_vst3!(Mixtrace);
