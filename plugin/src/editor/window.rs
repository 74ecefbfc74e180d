//! The window's place in the host.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Rgba, Ui};
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize, Size};
use nice_plug::editor::{Editor, HostMethods, ParentWindowHandle, ResizeHint, SpawnedEditor};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{
    EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, KeyCapture, NiceEguiApp, RepaintNotifier,
    create_egui_editor,
};
use parking_lot::Mutex;

use super::app::App;
use super::snapshot::{Snapshot, carry_out};
use super::theme;
use crate::params::Parameters;
use crate::project::LEAST_SIZE;
use crate::studio::Studio;

const HINT: ResizeHint = ResizeHint::resizable()
    .with_min_logical_size(LogicalSize { width: LEAST_SIZE.0 as f32, height: LEAST_SIZE.1 as f32 });

/// The window's factory, as the host knows it.
///
/// nice-plug makes it once, before the host has loaded a project. The size in the project counts, so a state for egui is
/// made each time the window opens.
pub struct Window {
    studio: Arc<Studio>,
    parameters: Arc<Parameters>,
    /// What the user looks at outlives the window.
    app: Arc<Mutex<App>>,
    shown: Arc<Mutex<Shown>>,
    /// egui's state of the last window; it tells whether that is open.
    state: Mutex<Option<Arc<EguiEditorState>>>,
}

/// After how long a window that came up at a wrong size is asked to take the right one: by then the host is done with
/// showing it.
const SETTLED: Duration = Duration::from_millis(400);

/// How large the window is.
struct Shown {
    /// Logical points.
    size: (u32, u32),
    /// Pixels per logical point; 1 before any window was shown.
    scale: f64,
}

impl Window {
    /// The window of an instance, not shown yet.
    pub fn new(studio: Arc<Studio>, parameters: Arc<Parameters>) -> Self {
        let size = studio.project.with(|project| project.window);
        Self {
            studio,
            parameters,
            app: Arc::new(Mutex::new(App::new())),
            shown: Arc::new(Mutex::new(Shown { size, scale: 1.0 })),
            state: Mutex::new(None),
        }
    }

    fn is_open(&self) -> bool {
        self.state.lock().as_ref().is_some_and(|state| state.is_open())
    }

    /// The size in the project, logical points.
    fn wanted(&self) -> (u32, u32) {
        self.studio.project.with(|project| project.window)
    }
}

fn logical((width, height): (u32, u32)) -> Size {
    Size::Logical(LogicalSize { width: f64::from(width), height: f64::from(height) })
}

impl Editor for Window {
    type Handle = EguiEditorHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let size = self.wanted();
        {
            let mut shown = self.shown.lock();
            shown.size = size;
            shown.scale = fallback_scale_factor.unwrap_or(shown.scale);
        }
        let state = EguiEditorState::from_size(logical(size), 1.0);
        *self.state.lock() = Some(Arc::clone(&state));
        let shell = Shell {
            studio: Arc::clone(&self.studio),
            parameters: Arc::clone(&self.parameters),
            app: Arc::clone(&self.app),
            shown: Arc::clone(&self.shown),
            host: None,
            opened: Instant::now(),
            wish: Some(size),
        };
        let settings = EguiNiceSettings::new().with_tile("Mixtrace").with_resize_hint(HINT);
        let editor = create_egui_editor(state, RepaintNotifier::new(), settings, shell);
        editor.ok_or("egui has no window for us")?.spawn(
            parent,
            wait_for_parent,
            fallback_scale_factor,
            gui_context,
            host,
        )
    }

    fn size(&self) -> NativeSize<u32> {
        let scale = self.shown.lock().scale;
        let size = if self.is_open() { self.shown.lock().size } else { self.wanted() };
        NativeSize::from_size(logical(size), scale)
    }

    fn resize_hint(&self) -> ResizeHint {
        HINT
    }
}

/// An open window.
struct Shell {
    studio: Arc<Studio>,
    parameters: Arc<Parameters>,
    app: Arc<Mutex<App>>,
    shown: Arc<Mutex<Shown>>,
    host: Option<GuiContext>,
    opened: Instant,
    /// The size in the project, until the window has it or the host has had its time to refuse it.
    wish: Option<(u32, u32)>,
}

impl Shell {
    /// Comes back to the size in the project. Hosts ask how large the window is before anybody knows the screen's scale,
    /// and then show it at half the size where that is 2.
    fn settle(&mut self, ctx: &egui::Context) {
        if self.opened.elapsed() < SETTLED {
            return;
        }
        let Some((width, height)) = self.wish.take() else { return };
        let shown = self.shown.lock();
        if shown.scale != 1.0 && shown.size != (width, height) {
            let size = egui::vec2(width as f32, height as f32);
            ctx.send_viewport_cmd(egui::ViewportCommand::InnerSize(size));
        }
    }
}

impl NiceEguiApp for Shell {
    fn build(&mut self, ctx: egui::Context, host: GuiContext, frame: &mut Frame) -> Result<(), HandlerError> {
        theme::apply(&ctx);
        frame.set_clear_color(Rgba::from(theme::GROUND));
        self.host = Some(host);
        Ok(())
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut Frame) {
        self.settle(ui.ctx());
        let shot = Snapshot::take(&self.studio, &self.parameters);
        let mut app = self.app.lock();
        let actions = app.show(ui, &shot);
        // Keys that nobody types with are the host's: its space bar starts the transport.
        let typing = ui.ctx().egui_wants_keyboard_input();
        frame.set_key_capture(if typing { KeyCapture::CaptureAll } else { KeyCapture::IgnoreAll });
        ui.ctx().request_repaint_after(app.next_frame(&shot));
        if let Some(host) = &self.host {
            actions.into_iter().for_each(|action| carry_out(action, &self.studio, &self.parameters, host));
        }
    }

    fn resized(&mut self, new: WindowSize) {
        let size = (new.logical.width.round() as u32, new.logical.height.round() as u32);
        *self.shown.lock() = Shown { size, scale: new.scale_factor };
        if self.wish.is_some() {
            return;
        }
        // A host may have shown us smaller than we asked for: that is no size to come back to.
        let kept = (size.0.max(LEAST_SIZE.0), size.1.max(LEAST_SIZE.1));
        self.studio.project.with(|project| project.window = kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::SharedProject;

    #[test]
    fn a_window_opens_at_the_size_in_the_project_that_was_loaded_after_it_was_made() {
        let project = SharedProject::default();
        let switch = Arc::default();
        let parameters = Arc::new(Parameters::new(project.clone(), Arc::clone(&switch)));
        let (studio, _tap, _player) = Studio::open(project.clone(), switch);
        let window = Window::new(Arc::new(studio), parameters);
        project.with(|project| project.window = (1234, 777));
        assert_eq!(window.size(), NativeSize { width: 1234, height: 777 });
        window.shown.lock().scale = 2.0;
        assert_eq!(window.size(), NativeSize::from_size(logical((1234, 777)), 2.0));
    }

    #[test]
    fn a_host_may_resize_the_window_but_not_below_the_least_size() {
        let now = NativeSize { width: 1000, height: 640 };
        let asked = NativeSize { width: 300, height: 2000 };
        assert_eq!(HINT.adjust_size(asked, now, 1.0), NativeSize { width: LEAST_SIZE.0, height: 2000 });
    }
}
